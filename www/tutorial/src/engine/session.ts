/** One consumer's connection: sends commands, can be cancelled while it waits, or killed. */
import {
  AbortError, type Argument, type Brooklet, type Connection, type WireReply,
} from 'brooklet';

/** How a command ended. */
export type Outcome =
  | { readonly kind: 'reply'; readonly reply: WireReply }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'closed'; readonly reason: string };

/** A named connection that can be opened again after it was closed. */
export class Session {
  readonly name: string;
  readonly #db: Brooklet;
  #connection: Connection | null = null;
  #running: AbortController | null = null;

  constructor(db: Brooklet, name: string) {
    this.#db = db;
    this.name = name;
  }

  /** False before `open`, and after the connection ended. */
  get alive(): boolean {
    return this.#connection !== null;
  }

  /** Connects and takes its name, so that CLIENT LIST shows who is who. */
  async open(): Promise<void> {
    if (this.#connection) return;
    this.#connection = this.#db.connect();
    await this.#connection.send(['CLIENT', 'SETNAME', this.name]);
  }

  /** Sends one command and waits for its end; an error of the engine is a reply. */
  async run(args: readonly Argument[]): Promise<Outcome> {
    const connection = this.#connection;
    if (!connection) return { kind: 'closed', reason: 'not connected' };
    const running = new AbortController();
    this.#running = running;
    try {
      const reply = await connection.sendWire(args, { signal: running.signal });
      return { kind: 'reply', reply };
    } catch (error) {
      if (error instanceof AbortError) return { kind: 'cancelled' };
      if (this.#connection === connection) this.#connection = null;
      return { kind: 'closed', reason: error instanceof Error ? error.message : String(error) };
    } finally {
      if (this.#running === running) this.#running = null;
    }
  }

  /** Gives up waiting; a cancelled read has delivered nothing. */
  cancel(): void {
    this.#running?.abort();
  }

  /** Ends the connection as a crash would: nothing is acknowledged, nobody is told. */
  kill(): void {
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
  }
}
