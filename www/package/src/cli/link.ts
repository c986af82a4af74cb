/** The CLI's line to a server or to an engine of its own, opened anew when it was lost. */
import type { Connection } from '../connection.js';
import { SocketConnection } from '../connection/socket.js';
import type { Argument, WireReply } from '../reply.js';
import { Assistant, PromptState, readCommandDocs } from '../repl/index.js';
import { targetName, type Target } from './address.js';

/** What the CLI talks to. */
export class Link {
  readonly prompt = new PromptState();
  #connection: Connection | undefined;

  private constructor(
    /** The name that the prompt shows. */
    readonly name: string,
    private readonly open: () => Promise<Connection>,
    private readonly target: Target | undefined,
  ) {
    this.prompt.database = target?.database ?? 0;
  }

  /** A link to a server. */
  static toServer(target: Target): Link {
    const address =
      target.unixsocket === undefined
        ? { host: target.host, port: target.port }
        : { path: target.unixsocket };
    const open = (): Promise<Connection> => Promise.resolve(new SocketConnection(address));
    return new Link(targetName(target), open, target);
  }

  /** A link to an engine in this process, which is empty at first and gone at the end. */
  static async toMemory(): Promise<Link> {
    const { Brooklet } = await import('../env/node.js');
    const database = await Brooklet.create();
    return new Link('memory', () => Promise.resolve(database.connect()), undefined);
  }

  /** Sends a command; connects first when need be. Rejects when the server cannot be reached. */
  async send(args: ReadonlyArray<Argument>, signal?: AbortSignal): Promise<WireReply> {
    this.#connection ??= await this.#connect();
    try {
      const reply = await this.#connection.sendWire(args, signal ? { signal } : {});
      this.prompt.observe(args, reply);
      return reply;
    } catch (error) {
      this.#lose();
      throw error;
    }
  }

  /** Loads what hints and completion need; a server without COMMAND DOCS simply gets none. */
  async assistant(): Promise<Assistant> {
    const reply = await this.send(['COMMAND', 'DOCS']);
    return new Assistant(reply.kind === 'error' ? [] : readCommandDocs(reply));
  }

  /** Ends the connection. */
  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  #lose(): void {
    this.close();
    this.prompt.inTransaction = false;
  }

  async #connect(): Promise<Connection> {
    const connection = await this.open();
    for (const args of this.#greeting()) {
      const reply = await connection.sendWire(args);
      if (reply.kind === 'error') {
        process.stderr.write(`${String(args[0])} failed: ${reply.text}\n`);
      }
    }
    return connection;
  }

  /** What a new connection says first. A lost one comes back to the database it was in. */
  #greeting(): Argument[][] {
    const { user, password, resp3 } = this.target ?? {};
    const greeting: Argument[][] = [];
    if (password !== undefined) {
      greeting.push(user === undefined ? ['AUTH', password] : ['AUTH', user, password]);
    }
    if (resp3) greeting.push(['HELLO', '3']);
    if (this.prompt.database !== 0) greeting.push(['SELECT', this.prompt.database]);
    return greeting;
  }
}
