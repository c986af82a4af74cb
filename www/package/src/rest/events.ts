/** Server-sent events: their text, and the stream that carries them. */
import { AbortError } from '../errors.js';

/** Where events come from. */
export interface EventSource {
  /** Resolves to the text of the next events, when there are any. */
  next(): Promise<string>;
  /** Rejects when there will be none any more, where `next` would not tell. */
  check?(): Promise<unknown>;
}

/** One event. Lines of the data may end in any way; the reader sees them end in a line feed. */
export function eventText(data: string, head = ''): string {
  return `${head}data: ${data.replace(/\r\n|\r|\n/g, '\ndata: ')}\n\n`;
}

/** Says nothing, to open the stream and to show that it still is. */
const COMMENT = ':\n\n';

const encoder = new TextEncoder();

/**
 * Asks for events as fast as they are read, and no faster. Ends when its reader or the client is
 * gone, or the source fails, which is told by an event `failed`; then calls `onEnd`.
 */
export function eventStream(
  source: EventSource,
  silenceMs: number,
  client: AbortSignal,
  onEnd: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let timer: ReturnType<typeof setInterval> | undefined;
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    client.removeEventListener('abort', close);
    onEnd();
  };
  let close = end;
  let fail = (_error: unknown): void => end();
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      fail = (error) => {
        if (isOver) return;
        if (!(error instanceof AbortError)) controller.enqueue(encoder.encode(failure(error)));
        close();
      };
      close = () => {
        if (isOver) return;
        end();
        controller.close();
      };
      controller.enqueue(encoder.encode(COMMENT));
      client.addEventListener('abort', close, { once: true });
      timer = setInterval(() => {
        source.check?.().catch(fail);
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(COMMENT));
      }, silenceMs);
      if (client.aborted) close();
    },
    async pull(controller) {
      try {
        const text = await source.next();
        if (!isOver) controller.enqueue(encoder.encode(text));
      } catch (error) {
        fail(error);
      }
    },
    cancel: end,
  });
}

function failure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return eventText(JSON.stringify({ error: message }), 'event: failed\n');
}
