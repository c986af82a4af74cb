/** A connection to an engine in this thread: a call is answered at once, unless it must wait. */
import type { Connection, PushHandler, SendOptions } from '../connection.js';
import type { EngineHost, SessionOwner } from '../engine/host.js';
import { BLOCKED, PACKED_SESSION, READY } from '../engine/glue.js';
import type { Output } from '../engine/output.js';
import { decodePlain, decodePushes, decodeWire } from '../engine/packed.js';
import type { Packed, Push } from '../engine/packed.js';
import { packedBound } from '../engine/request.js';
import { AbortError, ConnectionClosedError, ReplyError } from '../errors.js';
import type { CommandArguments, Reply, WireReply } from '../reply.js';

/** A command that waits: for its reply, or behind one that is blocked in the engine. */
interface Waiting {
  readonly args: CommandArguments;
  readonly decode: (reply: Packed) => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const identity = (reply: Reply): Reply => reply;

/** One packed session. */
export class EngineConnection implements Connection, SessionOwner {
  readonly #session: number;
  /** Commands that cannot be called yet. */
  readonly #queue: Waiting[] = [];
  /** Called and not answered, in order: they wait for the journal, the last one perhaps blocked. */
  readonly #called: Waiting[] = [];
  #blocked = false;
  /** Answered, and not told so yet. */
  readonly #answered: Waiting[] = [];
  #closed: Error | undefined;
  #onPush: PushHandler | undefined;
  /** Pushes that the handler has not been told. */
  readonly #heard: Push[] = [];
  /** What lay behind the reply that was decoded last. */
  #rest: Packed | undefined;
  readonly #keep = (rest: Packed): void => void (this.#rest = rest);

  constructor(
    private readonly host: EngineHost,
    private readonly password: string | undefined,
  ) {
    this.#session = host.open(PACKED_SESSION, this);
    // A wrong password shows in the next command's NOAUTH, as on any connection.
    if (password) void this.send(['AUTH', password]).catch(() => undefined);
  }

  send(args: CommandArguments, options: SendOptions = {}): Promise<Reply> {
    return this.sendAs(args, identity, options);
  }

  sendAs<T>(
    args: CommandArguments,
    decode: (reply: Reply) => T,
    options: SendOptions = {},
  ): Promise<T> {
    const buffers = options.buffers ?? false;
    return this.#start(args, options.signal, (packed) => {
      const reply = decodePlain(packed, buffers, this.#keep);
      if (reply instanceof ReplyError) throw reply;
      return decode(reply);
    });
  }

  sendWire(args: CommandArguments, options: SendOptions = {}): Promise<WireReply> {
    return this.#start(args, options.signal, (packed) => decodeWire(packed, this.#keep));
  }

  /** Runs a command and reads its reply where it lies; what lies behind it goes to `rest`. */
  sendPacked<T>(
    args: CommandArguments,
    read: (reply: Packed, rest: (behind: Packed) => void) => T,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#start(args, signal, (packed) => read(packed, this.#keep));
  }

  onPush(handler: PushHandler): void {
    this.#onPush = handler;
  }

  duplicate(): EngineConnection {
    return new EngineConnection(this.host, this.password);
  }

  close(): void {
    this.fail(new ConnectionClosedError());
    this.host.close(this.#session);
  }

  take(output: Output): void {
    if (output.closes) this.#closed ??= new ConnectionClosedError();
    let left: Packed | undefined = output.wordCount === 0 ? undefined : output;
    while (left !== undefined) {
      // Messages come while a command waits, and are no answer to it.
      const reply = decodePushes(left, this.#heard);
      const waiting = reply && this.#called.shift();
      if (reply === undefined || waiting === undefined) break;
      this.#rest = undefined;
      waiting.decode(reply);
      this.#answered.push(waiting);
      left = this.#rest;
    }
    this.#blocked &&= this.#called.length > 0;
  }

  settle(): void {
    const answered = this.#answered.splice(0);
    for (const waiting of answered) waiting.resolve();
    if (answered.length > 0) this.host.waiting(-answered.length);
    this.#tell();
    if (this.#closed) this.close();
    else this.#next();
  }

  fail(error: Error): void {
    this.#closed ??= error;
    this.#blocked = false;
    const called = this.#called.splice(0);
    for (const waiting of [...called, ...this.#queue.splice(0)]) waiting.reject(this.#closed);
    if (called.length > 0) this.host.waiting(-called.length);
  }

  /** Runs a command now, or queues it behind the blocked one. */
  #start<T>(
    args: CommandArguments,
    signal: AbortSignal | undefined,
    decode: (reply: Packed) => T,
  ): Promise<T> {
    try {
      if (this.#closed) throw this.#closed;
      if (signal?.aborted) throw new AbortError(signal.reason);
      if (!this.#isFree()) return this.#wait([...args], this.#queue, signal, decode);
      const state = this.host.call(this.#session, args);
      if (this.#isReady(state)) return Promise.resolve(this.#finish(decode));
      const waiting = this.#wait([...args], this.#called, signal, decode);
      this.#await(state);
      return waiting;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #isFree(): boolean {
    return !this.#blocked && this.#queue.length === 0;
  }

  /** Whether only the reply lies ready, and none that is about to be handed out before it. */
  #isReady(state: number): boolean {
    return state === READY && this.#called.length === 0;
  }

  /** Decodes the reply that lies ready. The engine goes on even when that throws a ReplyError. */
  #finish<T>(decode: (reply: Packed) => T): T {
    this.#rest = undefined;
    try {
      return decode(this.host.output);
    } finally {
      if (this.#rest !== undefined) decodePushes(this.#rest, this.#heard);
      const closes = this.host.output.closes;
      this.host.finish(this.#session);
      this.#tell();
      if (closes) this.close();
    }
  }

  #wait<T>(
    args: CommandArguments,
    among: Waiting[],
    signal: AbortSignal | undefined,
    decode: (reply: Packed) => T,
  ): Promise<T> {
    packedBound(args); // A command that cannot be sent is refused now, not when its turn comes.
    return new Promise<T>((resolve, reject) => {
      let settle = (): void => undefined;
      const onAbort = (): void => this.#abort(waiting, signal?.reason);
      const waiting: Waiting = {
        args,
        decode: (packed) => {
          try {
            const reply = decode(packed);
            settle = () => resolve(reply);
          } catch (error) {
            settle = () => reject(error);
          }
        },
        resolve: () => {
          signal?.removeEventListener('abort', onAbort);
          settle();
        },
        reject: (error) => {
          signal?.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      among.push(waiting);
    });
  }

  /** Hands on what was pushed, behind what the caller has been promised so far. */
  #tell(): void {
    for (const push of this.#heard.splice(0)) queueMicrotask(() => this.#onPush?.(push));
  }

  /** The command that was called last waits. */
  #await(state: number): void {
    this.#blocked = state === BLOCKED;
    this.host.waiting(1);
  }

  #abort(waiting: Waiting, reason: unknown): void {
    const queued = this.#queue.indexOf(waiting);
    if (queued >= 0) {
      this.#queue.splice(queued, 1);
    } else if (this.#blocked && this.#called.at(-1) === waiting && this.#cancel()) {
      this.#called.pop();
      this.#blocked = false;
      this.host.waiting(-1);
    } else {
      return; // Already answered: the reply stands.
    }
    waiting.reject(new AbortError(reason));
    this.#next();
  }

  #cancel(): boolean {
    try {
      return this.host.cancel(this.#session);
    } catch {
      return false; // The engine has failed, which has rejected everything that waits.
    }
  }

  /** Runs queued commands until one of them blocks. */
  #next(): void {
    while (!this.#blocked) {
      const waiting = this.#queue.shift();
      if (waiting === undefined) return;
      try {
        const state = this.host.call(this.#session, waiting.args);
        if (this.#isReady(state)) {
          this.#finish(waiting.decode);
          waiting.resolve();
        } else {
          this.#called.push(waiting);
          this.#await(state);
        }
      } catch (error) {
        waiting.reject(error as Error);
      }
    }
  }
}
