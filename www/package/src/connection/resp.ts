/** A session that speaks RESP bytes, for whoever carries them: a socket, a port, a stream. */
import { RESP_SESSION } from '../engine/glue.js';
import type { EngineHost, SessionOwner } from '../engine/host.js';
import type { Output } from '../engine/output.js';

/** What happens with a RESP session's output. */
export interface RespHandlers {
  /** Reply bytes to send; when `close` is true, close the transport after them. */
  onOutput(bytes: Uint8Array<ArrayBuffer>, close: boolean): void;
  /** The engine is gone; no output will come any more. */
  onFailure?(error: Error): void;
}

/** One RESP session: bytes in by {@link write}, bytes out by `onOutput`. */
export class RespConnection implements SessionOwner {
  readonly #session: number;
  #taken: Uint8Array<ArrayBuffer> | undefined;
  #closes = false;

  constructor(
    private readonly host: EngineHost,
    private readonly handlers: RespHandlers,
  ) {
    this.#session = host.open(RESP_SESSION, this);
  }

  /** As CLIENT ID tells it. */
  get id(): number {
    return this.#session;
  }

  /** Names both ends for CLIENT LIST: `127.0.0.1:50123`, or a socket's path. */
  setPeer(addr: string, laddr: string): void {
    this.host.setPeer(this.#session, addr, laddr);
  }

  /** Request bytes arrived, cut anywhere. Runs the complete requests; keeps an incomplete one. */
  write(bytes: Uint8Array): void {
    this.host.exchange(this.#session, bytes);
  }

  /** The client is gone: forgets its blocked read, its MULTI and its WATCH. */
  close(): void {
    this.host.close(this.#session);
  }

  take(output: Output): void {
    this.#taken = output.copyBytes();
    this.#closes = output.closes;
  }

  settle(): void {
    const taken = this.#taken;
    if (taken === undefined) return;
    this.#taken = undefined;
    this.handlers.onOutput(taken, this.#closes);
  }

  fail(error: Error): void {
    this.handlers.onFailure?.(error);
  }
}
