/** One accepted socket and its RESP session: bytes both ways, back-pressure, the end of either. */
import type { Socket } from 'node:net';
import type { RespConnection, RespHandlers } from '../connection/resp.js';

/** Above this many unsent bytes a client's requests are not read until it has read its replies. */
const PAUSE_ABOVE_BYTES = 1 << 20;
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

  #receive(bytes: Uint8Array): void {
    if (this.#ending) return;
    try {
      this.#session?.write(bytes);
    } catch {
      this.socket.destroy(); // The engine has failed; the server learns it from the same error.
    }
  }

  #send(bytes: Uint8Array, close: boolean): void {
    if (this.#ending || this.socket.destroyed) return;
    if (this.socket.writableLength + bytes.length > this.options.outputLimit) {
      this.socket.destroy();
      return;
    }
    if (bytes.length > 0) this.socket.write(bytes);
    if (close) this.end();
    else if (this.socket.writableLength > PAUSE_ABOVE_BYTES) this.socket.pause();
  }

  #resume(): void {
    if (!this.#ending) this.socket.resume();
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
