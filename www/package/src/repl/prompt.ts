/** The prompt's state: which database, and whether a transaction is open. */
import { utf8, type Argument, type WireReply } from '../reply.js';

/** Follows SELECT, MULTI, EXEC, DISCARD, RESET and HELLO, as redis-cli's prompt does. */
export class PromptState {
  /** The selected database. */
  database = 0;
  /** Whether MULTI was said and neither EXEC nor DISCARD. */
  inTransaction = false;
  /** The database of a SELECT that a transaction has queued. */
  #queuedDatabase: number | undefined;

  /** Takes note of a command and its reply. */
  observe(args: ReadonlyArray<Argument>, reply: WireReply): void {
    if (reply.kind === 'error') {
      // EXECABORT ends the transaction; other errors change nothing.
      if (reply.text.startsWith('EXECABORT')) this.#end(undefined);
      return;
    }
    const [name, first] = args.map((argument) => text(argument));
    switch (name?.toUpperCase()) {
      case 'SELECT':
        if (this.inTransaction) this.#queuedDatabase = Number(first);
        else this.database = Number(first);
        return;
      case 'MULTI':
        this.inTransaction = true;
        return;
      case 'EXEC':
        return this.#end(reply.kind === 'null' ? undefined : this.#queuedDatabase);
      case 'DISCARD':
        return this.#end(undefined);
      case 'RESET':
        this.database = 0;
        return this.#end(undefined);
    }
  }

  /** The prompt after an address: `127.0.0.1:6379[1](TX)> `. */
  render(address: string): string {
    const database = this.database === 0 ? '' : `[${this.database}]`;
    return `${address}${database}${this.inTransaction ? '(TX)' : ''}> `;
  }

  #end(database: number | undefined): void {
    this.inTransaction = false;
    this.#queuedDatabase = undefined;
    if (database !== undefined) this.database = database;
  }
}

function text(argument: Argument): string {
  return argument instanceof Uint8Array ? utf8(argument) : String(argument);
}
