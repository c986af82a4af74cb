/** `brooklet/cloudflare/client`: the typed client over RPC, for Workers that have no engine. */
import { Client, type ClientOptions } from '../client.js';
import type { Connection, SendOptions } from '../connection.js';
import type { PackedCopy } from '../engine/copy.js';
import { decodePlain, decodeWire, Tag, type Packed } from '../engine/packed.js';
import { packedBound } from '../engine/request.js';
import { AbortError, ConnectionClosedError, EngineFailure, ReplyError } from '../errors.js';
import type { Argument, CommandArguments, Reply, WireReply } from '../reply.js';
import { wordOf } from '../rest/commands.js';
import {
  inTransactions,
  mayWait,
  type RpcAnswer,
  type RpcFailure,
  type StartedRead,
  type StreamsStub,
} from './stub.js';

export type { RpcAnswer, RpcFailure, StartedRead, StreamsStub } from './stub.js';

/** A command without an answer. */
interface Pending {
  readonly args: Argument[];
  readonly take: (reply: Packed, rest: (behind: Packed) => void) => void;
  /** Of a failure; that of a read that was ended becomes an AbortError. */
  readonly reject: (error: unknown) => void;
}

/** A read that the object waits with. */
interface Waiting {
  readonly pending: Pending;
  readonly started: StartedRead;
}

/**
 * The typed client of a `StreamsObject`. It costs nothing to make, and belongs to the request or
 * the object that makes it, as the stub does:
 * `const client = clientOf(env.STREAMS.getByName('orders'))`.
 */
export function clientOf(stub: StreamsStub, options?: ClientOptions): Client {
  return new Client(new RpcConnection(stub), options);
}

/**
 * Commands over RPC, in the order in which they are sent. Those of one turn are one call; while a
 * call is on its way, further ones gather for the next. Every call has a session of its own.
 */
export class RpcConnection implements Connection {
  readonly #queue: Pending[] = [];
  #called: Pending[] = [];
  #waiting: Waiting | undefined;
  #working = false;
  #closed: Error | undefined;
  /** What SELECT chose. */
  #database: Argument | undefined;

  constructor(private readonly stub: StreamsStub) {}

  send(args: CommandArguments, options: SendOptions = {}): Promise<Reply> {
    return this.sendAs(args, (reply) => reply, options);
  }

  sendAs<T>(
    args: CommandArguments,
    decode: (reply: Reply) => T,
    { buffers = false, signal }: SendOptions = {},
  ): Promise<T> {
    return this.#start(args, signal, (packed, rest) => {
      const reply = decodePlain(packed, buffers, rest);
      if (reply instanceof ReplyError) throw reply;
      return decode(reply);
    });
  }

  sendWire(args: CommandArguments, { signal }: SendOptions = {}): Promise<WireReply> {
    return this.#start(args, signal, decodeWire);
  }

  /** Nothing is pushed: SUBSCRIBE and its like are refused. */
  onPush(): void {}

  duplicate(): RpcConnection {
    return new RpcConnection(this.stub);
  }

  close(): void {
    this.#closed ??= new ConnectionClosedError();
    for (const { reject } of [...this.#called, ...this.#queue.splice(0)]) reject(this.#closed);
    if (this.#waiting) cancel(this.#waiting.started);
  }

  #start<T>(
    args: CommandArguments,
    signal: AbortSignal | undefined,
    decode: (reply: Packed, rest: (behind: Packed) => void) => T,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw this.#closed;
      if (signal?.aborted) throw new AbortError(signal.reason);
      packedBound(args); // A command that cannot be sent is refused now.
      const onAbort = (): void => this.#abort(pending, signal?.reason);
      const settled = (): void => signal?.removeEventListener('abort', onAbort);
      const pending: Pending = {
        args: args.map(whole),
        take: (reply, rest) => {
          settled();
          try {
            resolve(decode(reply, rest));
          } catch (error) {
            reject(error);
          }
        },
        reject: (error) => {
          settled();
          const isAborted = error instanceof Error && error.name === 'AbortError';
          reject(isAborted ? new AbortError(signal?.reason) : error);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(pending);
      if (!this.#working) void this.#work();
    });
  }

  #abort(pending: Pending, reason: unknown): void {
    const queued = this.#queue.indexOf(pending);
    if (queued >= 0) {
      this.#queue.splice(queued, 1);
      pending.reject(new AbortError(reason));
    } else if (this.#waiting?.pending === pending) {
      // Whether it was ended before it found something, its reply will tell.
      cancel(this.#waiting.started);
    }
  }

  /** Makes calls until nothing is left to be sent. */
  async #work(): Promise<void> {
    this.#working = true;
    await Promise.resolve(); // What is sent in the same breath goes along.
    for (let batch = this.#next(); batch.length > 0; batch = this.#next()) {
      this.#called = batch;
      try {
        await this.#call(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      this.#called = [];
    }
    this.#working = false;
  }

  /** A read that may wait, alone; or everything before the next of those. */
  #next(): Pending[] {
    const queue = this.#queue;
    const queued = inTransactions(queue.map(({ args }) => args));
    const wait = queue.findIndex(({ args }, place) => mayWait(args) && !queued.has(place));
    return queue.splice(0, wait < 0 ? queue.length : Math.max(wait, 1));
  }

  /** All of a call's commands run in the database that was chosen before. */
  async #call(batch: readonly Pending[]): Promise<void> {
    const commands = batch.map(({ args }) => args);
    const chosen = this.#database;
    if (chosen !== undefined) commands.unshift(['SELECT', chosen]);
    const [first] = batch;
    const answer =
      first && batch.length === 1 && mayWait(first.args)
        ? await this.#wait(first, commands)
        : await this.stub.runCommands(commands);
    if ('failure' in answer) throw errorOf(answer);
    const replies = new Replies(answer);
    if (chosen !== undefined) replies.next(decodeWire);
    for (const { args, take } of batch) {
      if (wordOf(args[0]) === 'select' && !replies.isError) this.#database = args[1];
      replies.next(take);
    }
  }

  async #wait(pending: Pending, commands: Argument[][]): Promise<RpcAnswer> {
    const started = this.stub.beginRead(commands);
    this.#waiting = { pending, started };
    try {
      // The reply is asked for in the same breath; what was begun is held until it is here.
      const [, answer] = await Promise.all([started, started.read.reply()]);
      return answer;
    } finally {
      this.#waiting = undefined;
      started.then(dispose, () => undefined);
    }
  }
}

/** The replies of a call, from the first on. */
class Replies {
  #left: Packed | undefined;

  constructor({ words, bytes }: PackedCopy) {
    this.#left = {
      memory: bytes,
      words,
      wordsAt: 0,
      wordCount: words.length,
      bytesAt: 0,
      byteLength: bytes.length,
    };
  }

  get isError(): boolean {
    const { words, wordsAt } = this.#left ?? {};
    return ((words?.[wordsAt ?? 0] ?? 0) & 7) === Tag.Error;
  }

  next(take: (reply: Packed, rest: (behind: Packed) => void) => void): void {
    const reply = this.#left;
    if (reply === undefined) throw new ConnectionClosedError('The object answered too little');
    this.#left = undefined;
    take(reply, (behind) => (this.#left = behind));
  }
}

/** A view's whole buffer would be sent with it. */
function whole(argument: Argument): Argument {
  const isPart = typeof argument === 'object' && argument.length < argument.buffer.byteLength;
  return isPart ? Uint8Array.from(argument) : argument;
}

function cancel({ lease }: StartedRead): void {
  // When the object is gone, so is the read.
  const nothing = (): void => undefined;
  lease.cancel().then(nothing, nothing);
}

/** What comes by RPC can be let go of. */
function dispose(held: object): void {
  (held as { [Symbol.dispose]?: () => void })[Symbol.dispose]?.();
}

/** The error that ended a call in the object. */
function errorOf({ failure: { name, message } }: RpcFailure): Error {
  if (name === 'EngineFailure') return new EngineFailure(message);
  if (name === 'ConnectionClosedError') return new ConnectionClosedError(message);
  const error = new Error(message);
  error.name = name;
  return error;
}
