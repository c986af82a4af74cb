/** One accepted socket and its RESP session: bytes both ways, back-pressure, the end of either. */
import type { Socket } from 'node:net';
import type { RespConnection, RespHandlers } from '../connection/resp.js';

/** Above this many unsent bytes a client's requests are not read until it has read its replies. */
const PAUSE_ABOVE_BYTES = 1 << 20;
/** Requests are given to the engine in slices, whose size follows what they were answered with. */
const SMALLEST_SLICE = 64;
const FIRST_SLICE = 1 << 10;
const LARGEST_SLICE = 1 << 16;
/** How long a socket that was told to end may take to read what is left for it. */
const LINGER_MS = 5_000;

/** What a served connection needs besides its socket. */
export interface ServedOptions {
  /** Opens the RESP session; throws when there may be no more. */
  open(handlers: RespHandlers): RespConnection;
  /** Most unsent bytes; a client that leaves more unread is cut off. */
  readonly outputLimit: number;
  /** Called once, when the connection is gone. */
  onClosed(connection: ServedConnection): void;
}

/** One client of the server. */
export class ServedConnection {
  readonly #session: RespConnection | undefined;
  #ending = false;
  /** Request bytes that wait until the client has read what it was answered. */
  #held: Uint8Array | undefined;
  #sliceSize = FIRST_SLICE;
  /** Reply bytes of the slice that is being run. */
  #answered = 0;

  constructor(
    private readonly socket: Socket,
    private readonly options: ServedOptions,
  ) {
    socket.setNoDelay(true);
    // A reset by the client is an ordinary end of a connection; 'close' follows and cleans up.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
    this.#session = this.#open();
    if (this.#session === undefined) return;
    this.#session.setPeer(peerName(socket), localName(socket));
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('drain', () => this.#resume());
  }

  /** Stops reading, sends what is waiting, and closes. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.socket.pause();
    this.socket.destroySoon();
    const linger = setTimeout(() => this.socket.destroy(), LINGER_MS);
    this.socket.once('close', () => clearTimeout(linger));
  }

  #open(): RespConnection | undefined {
    try {
      return this.options.open({
        onOutput: (bytes, close) => this.#send(bytes, close),
        onFailure: () => this.socket.destroy(),
      });
    } catch (error) {
      this.socket.write(`-${error instanceof Error ? error.message : String(error)}\r\n`);
      this.end();
      return undefined;
    }
  }

  /**
   * A short request can have a long reply, so a chunk of requests is taken only as far as its
   * replies find room: what is too much is held until the client has read.
   */
  #receive(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0 && !this.#ending && !this.socket.destroyed) {
      if (this.socket.writableLength > PAUSE_ABOVE_BYTES) {
        this.#held = rest;
        this.socket.pause();
        return;
      }
      const slice = rest.subarray(0, this.#sliceSize);
      rest = rest.subarray(slice.length);
      this.#exchange(slice);
    }
  }

  #exchange(slice: Uint8Array): void {
    this.#answered = 0;
    try {
      this.#session?.write(slice);
    } catch {
      this.socket.destroy(); // The engine has failed; the server learns it from the same error.
    }
    this.#sliceSize =
      this.#answered > PAUSE_ABOVE_BYTES
        ? Math.max(this.#sliceSize >> 3, SMALLEST_SLICE)
        : Math.min(this.#sliceSize << 1, LARGEST_SLICE);
  }

  #send(bytes: Uint8Array, close: boolean): void {
    if (this.#ending || this.socket.destroyed) return;
    if (this.socket.writableLength + bytes.length > this.options.outputLimit) {
      this.socket.destroy();
      return;
    }
    this.#answered += bytes.length;
    if (bytes.length > 0) this.socket.write(bytes);
    if (close) this.end();
    else if (this.socket.writableLength > PAUSE_ABOVE_BYTES) this.socket.pause();
  }

  #resume(): void {
    if (this.#ending) return;
    const held = this.#held;
    this.#held = undefined;
    this.socket.resume();
    if (held) this.#receive(held);
  }

  #closed(): void {
    this.#session?.close();
    this.options.onClosed(this);
  }
}

function peerName(socket: Socket): string {
  return address(socket.remoteAddress, socket.remotePort) ?? '/unixsocket:0';
}

function localName(socket: Socket): string {
  return address(socket.localAddress, socket.localPort) ?? '/unixsocket:0';
}

function address(host: string | undefined, port: number | undefined): string | undefined {
  if (host === undefined || port === undefined) return undefined;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
