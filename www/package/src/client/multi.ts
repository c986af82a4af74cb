/** MULTI: commands that are queued here and run together, with nobody else's between them. */
import type { Connection, SendOptions } from '../connection.js';
import { MultiErrorReply, ReplyError, WatchError } from '../errors.js';
import type { Argument, CommandArguments, Reply } from '../reply.js';
import { list, plain } from './decode.js';
import { GroupCommands } from './groups.js';
import type { Bulk } from './types.js';

/** Every method of the typed client that sends one command. */
type CommandName = Exclude<keyof GroupCommands<string>, symbol>;

/** The commands, each of which adds its reply's type to those of the transaction. */
type Queueing<S extends Bulk, R extends readonly unknown[]> = {
  [Name in CommandName]: GroupCommands<S>[Name] extends (
    ...args: infer Args
  ) => Promise<infer Answer>
    ? (...args: Args) => Multi<S, [...R, Answer]>
    : never;
};

/** A transaction: chain commands as on a client, then `exec()`. */
export type Multi<S extends Bulk = string, R extends readonly unknown[] = []> = Queueing<S, R> & {
  /** Queues a raw command. */
  sendCommand(args: CommandArguments): Multi<S, [...R, unknown]>;

  /**
   * Runs all queued commands in one transaction; resolves to their replies, in order.
   * Rejects with WatchError when a watched key changed (nothing ran), with ReplyError when the
   * server refused a command while queueing (nothing ran), and with MultiErrorReply when some
   * commands failed while running (the others ran).
   */
  exec(): Promise<R>;

  /** Sends all queued commands in a row without a transaction; errors as `exec`. */
  execAsPipeline(): Promise<R>;
};

/** Runs what {@link Multi} describes: the methods of the client, recorded instead of sent. */
class Recorder<S extends Bulk> extends GroupCommands<S> {
  readonly #queue: Array<{ args: CommandArguments; decode: (reply: Reply) => unknown }> = [];

  constructor(
    private readonly connection: Connection,
    private readonly options: SendOptions,
  ) {
    super();
  }

  sendCommand(args: CommandArguments): this {
    this.#queue.push({ args, decode: plain });
    return this;
  }

  async exec(): Promise<unknown[]> {
    const send = (args: CommandArguments): Promise<Reply> =>
      this.connection.send(args, this.options);
    const queued = this.#queue.map(({ args }) => args);
    const results = await Promise.allSettled([['MULTI'], ...queued, ['EXEC']].map(send));
    const refused = results.find((result) => result.status === 'rejected');
    if (refused) throw refused.reason;
    const executed = (results.at(-1) as PromiseFulfilledResult<Reply>).value;
    if (executed === null) throw new WatchError();
    return this.#decode(list(executed));
  }

  async execAsPipeline(): Promise<unknown[]> {
    const sends = this.#queue.map(({ args }) => this.connection.send(args, this.options));
    const results = await Promise.allSettled(sends);
    return this.#decode(
      results.map((result) => {
        if (result.status === 'fulfilled') return result.value;
        if (result.reason instanceof ReplyError) return result.reason;
        throw result.reason;
      }),
    );
  }

  protected override run<T>(args: Argument[], decode: (reply: Reply) => T): Promise<T> {
    this.#queue.push({ args, decode });
    return this as unknown as Promise<T>; // Multi's type says what really comes back.
  }

  #decode(replies: Reply[]): unknown[] {
    const errorIndexes: number[] = [];
    const decoded = replies.map((reply, index) => {
      if (!(reply instanceof ReplyError)) return this.#queue[index]?.decode(reply);
      errorIndexes.push(index);
      return reply;
    });
    if (errorIndexes.length > 0) throw new MultiErrorReply(decoded, errorIndexes);
    return decoded;
  }
}

/** Begins a transaction on a connection. */
export function createMulti<S extends Bulk>(
  connection: Connection,
  options: SendOptions,
): Multi<S> {
  return new Recorder<S>(connection, options) as unknown as Multi<S>;
}
