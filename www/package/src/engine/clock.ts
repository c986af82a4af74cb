/** Where time comes from: the system, or whatever a test or a lesson puts in its place. */

/** A source of time for the engine, in Unix milliseconds. */
export interface Clock {
  /** The time now, in Unix milliseconds. */
  now(): number;

  /**
   * Calls `fire` once at `at` (Unix milliseconds). Early and late calls are harmless.
   * `keepAlive` says that a client waits for this moment, so the process should not exit before.
   * Returns a function that cancels the timer.
   */
  setTimer(at: number, fire: () => void, keepAlive: boolean): () => void;
}

/** Longest delay that setTimeout accepts; a timer further away fires early and is set again. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The system's wall clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(at, fire, keepAlive) {
    const delay = Math.min(Math.max(at - Date.now(), 1), LONGEST_DELAY_MS);
    const timer: unknown = setTimeout(fire, delay);
    if (!keepAlive && hasUnref(timer)) timer.unref();
    return () => clearTimeout(timer as Parameters<typeof clearTimeout>[0]);
  },
};

/** Node's timers are objects that can let the process exit; a browser's are numbers. */
function hasUnref(timer: unknown): timer is { unref(): void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer;
}
