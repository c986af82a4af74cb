/** A RESP server over TCP and a unix socket, all connections on one engine. */
import { chmodSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Database } from '../database.js';
import { ServedConnection } from './connection.js';
import { codeOf, ListenError, listenOn, listening, reasonOf } from './listen.js';

/** Where to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** A path to listen on as well. */
  readonly unixSocket?: string | undefined;
  /** Most unsent reply bytes of one client. */
  readonly outputLimit: number;
}

/** A running server. */
export class RespServer {
  readonly #servers: Server[] = [];
  readonly #connections = new Set<ServedConnection>();
  #port = 0;

  private constructor(
    private readonly database: Database,
    private readonly options: ListenOptions,
  ) {}

  /** Listens; rejects with a ListenError that says what is in the way. */
  static async listen(database: Database, options: ListenOptions): Promise<RespServer> {
    const server = new RespServer(database, options);
    try {
      await server.#listenTcp();
      if (options.unixSocket !== undefined) await server.#listenUnix(options.unixSocket);
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  /** The TCP port, which the system may have chosen. */
  get port(): number {
    return this.#port;
  }

  /** The number of open connections. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Stops accepting, sends every reply that is waiting, closes all connections. */
  async close(): Promise<void> {
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    for (const connection of [...this.#connections]) connection.end();
    await Promise.all(closed);
  }

  async #listenTcp(): Promise<void> {
    const { host, port } = this.options;
    this.#port = await listenOn(this.#create(), host, port, '--port');
  }

  async #listenUnix(path: string): Promise<void> {
    if (await isStaleSocket(path)) rmSync(path);
    const server = this.#create();
    try {
      await listening(server, () => server.listen(path));
    } catch (error) {
      throw new ListenError(unixProblem(error, path), { cause: error });
    }
    // As Redis' default: other users of the machine cannot connect.
    chmodSync(path, 0o700);
  }

  #create(): Server {
    const server = createServer({ allowHalfOpen: false }, (socket) => this.#accept(socket));
    this.#servers.push(server);
    return server;
  }

  #accept(socket: Socket): void {
    const connection = new ServedConnection(socket, {
      open: (handlers) => this.database.connectResp(handlers),
      outputLimit: this.options.outputLimit,
      onClosed: (closed) => this.#connections.delete(closed),
    });
    this.#connections.add(connection);
  }
}

/** A socket file that nobody answers on was left behind by a server that was killed. */
function isStaleSocket(path: string): Promise<boolean> {
  if (!statSync(path, { throwIfNoEntry: false })?.isSocket()) return Promise.resolve(false);
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', () => resolve(true));
  });
}

function unixProblem(error: unknown, path: string): string {
  if (codeOf(error) === 'EADDRINUSE') return `${path} is taken: another --unixsocket is needed`;
  return `cannot listen on ${path}: ${reasonOf(error)}`;
}
