/** A connection to any RESP server over TCP or a unix socket, in Node. */
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { ConnectionClosedError } from '../errors.js';
import { PipelinedConnection } from './pipelined.js';

/** One session of a server. */
export class SocketConnection extends PipelinedConnection {
  readonly #socket: Socket;

  constructor(
    private readonly address: NetConnectOpts,
    /** Another way to connect, such as through TLS. */
    private readonly open: (address: NetConnectOpts) => Socket = connect,
  ) {
    super();
    this.#socket = open(address);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (bytes) => this.receive(bytes));
    this.#socket.on('error', (error) => this.fail(error));
    this.#socket.on('close', () => this.fail(new ConnectionClosedError()));
  }

  duplicate(): SocketConnection {
    return new SocketConnection(this.address, this.open);
  }

  protected transmit(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  protected disconnect(): void {
    this.#socket.destroy();
  }
}
