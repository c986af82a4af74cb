/** `brooklet/websocket`: the typed client over a WebSocket that carries RESP. */
import { Client, type ClientOptions } from './client.js';
import { PipelinedConnection } from './connection/pipelined.js';
import { ConnectionClosedError } from './errors.js';

/** The part of a WebSocket that is needed, which browsers, servers and workerd all have. */
export interface WebSocketLike {
  readonly readyState: number;
  binaryType?: string;
  send(message: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: 'close',
    listener: (event: { readonly code?: number; readonly reason?: string }) => void,
  ): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
}

/** Options of {@link connectWebSocket}. */
export interface WebSocketOptions extends ClientOptions {
  /** Who asks: it goes as one of the protocols, since pages can send no header. */
  readonly token?: string;
}

/**
 * A typed client of a `StreamsObject` behind its address, `wss://…`. When the connection is lost,
 * what waits rejects with ConnectionClosedError, and so does everything later: what then has to be
 * asked again only its caller knows.
 */
export function connectWebSocket(url: string | URL, options: WebSocketOptions = {}): Client {
  const { token, ...rest } = options;
  const protocols = token === undefined ? ['resp'] : ['resp', `token.${base64Url(token)}`];
  const open = (): WebSocketLike => new WebSocket(url, protocols);
  return new Client(new WebSocketConnection(open), rest);
}

/** One session behind a WebSocket, in RESP3. */
export class WebSocketConnection extends PipelinedConnection {
  readonly #socket: WebSocketLike;
  /** What is sent before the socket is open. */
  #early: Uint8Array<ArrayBuffer>[] | undefined = [];

  /** `open` opens a socket, or gives one that is: for this session, and for each duplicate. */
  constructor(private readonly open: () => WebSocketLike) {
    super();
    const socket = open();
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      // Text is the answer to a `ping`, which is no command.
      if (data instanceof ArrayBuffer) this.receive(new Uint8Array(data));
    });
    socket.addEventListener('error', () => this.fail(new ConnectionClosedError()));
    socket.addEventListener('close', ({ code, reason }) => {
      const told = reason ? `: ${reason}` : '';
      this.fail(new ConnectionClosedError(`The connection was closed with ${code}${told}`));
    });
    if (socket.readyState === 1) this.#opened();
    else socket.addEventListener('open', () => this.#opened());
    // Messages of channels are pushes only there.
    this.sendWire(['HELLO', 3]).catch(() => undefined);
  }

  duplicate(): WebSocketConnection {
    return new WebSocketConnection(this.open);
  }

  protected transmit(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#early) this.#early.push(bytes);
    else this.#socket.send(bytes);
  }

  protected disconnect(): void {
    this.#socket.close();
  }

  #opened(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const bytes of early) this.#socket.send(bytes);
  }
}

function base64Url(text: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
