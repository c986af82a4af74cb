/** Lets everything else run that is ready, and goes on in the next turn of the event loop. */

/**
 * Calls `run` in the next turn. Timers would be held back to four milliseconds in browsers; in
 * workerd a message comes in the same turn, and not at all once its port has been collected.
 */
export const nextTurn: (run: () => void) => void =
  typeof setImmediate === 'function'
    ? (run) => void setImmediate(run)
    : typeof MessageChannel === 'function' && !isWorkerd()
      ? throughChannel()
      : (run) => void setTimeout(run, 0);

/** Resolves in the next turn. */
export function turn(): Promise<void> {
  return new Promise(nextTurn);
}

function throughChannel(): (run: () => void) => void {
  const waiting: Array<() => void> = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => waiting.shift()?.();
  return (run) => {
    waiting.push(run);
    port2.postMessage(null);
  };
}

function isWorkerd(): boolean {
  return typeof navigator !== 'undefined' && navigator.userAgent === 'Cloudflare-Workers';
}
