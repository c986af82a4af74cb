/** A connection to an engine in this thread: a call is answered at once, unless it blocks. */
import type { Connection, PushHandler, SendOptions } from '../connection.js';
import type { EngineHost, SessionOwner } from '../engine/host.js';
import { PACKED_SESSION } from '../engine/glue.js';
import type { Output } from '../engine/output.js';
import { decodePlain, decodePushes, decodeWire } from '../engine/packed.js';
import type { Packed, Push } from '../engine/packed.js';
import { packedBound } from '../engine/request.js';
import { AbortError, ConnectionClosedError, ReplyError } from '../errors.js';
import type { CommandArguments, Reply, WireReply } from '../reply.js';

/** A command that waits: blocked in the engine, or queued behind one that is. */
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
  readonly #queue: Waiting[] = [];
  #blocked: Waiting | undefined;
  #answered: Waiting | undefined;
  #closed: Error | undefined;
  #onPush: PushHandler | undefined;
  /** Pushes that the handler has not been told. */
  readonly #heard: Push[] = [];
  readonly #hear = (rest: Packed): void => void decodePushes(rest, this.#heard);

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
      const reply = decodePlain(packed, buffers, this.#hear);
      if (reply instanceof ReplyError) throw reply;
      return decode(reply);
    });
  }

  sendWire(args: CommandArguments, options: SendOptions = {}): Promise<WireReply> {
    return this.#start(args, options.signal, (packed) => decodeWire(packed, this.#hear));
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
    if (output.wordCount === 0) return;
    // Messages come while a read waits, and are no answer to it.
    const reply = decodePushes(output, this.#heard);
    const waiting = this.#blocked;
    if (waiting === undefined || reply === undefined) return;
    this.#blocked = undefined;
    this.#answered = waiting;
    waiting.decode(reply);
  }

  settle(): void {
    const answered = this.#answered;
    if (answered !== undefined) {
      this.#answered = undefined;
      answered.resolve();
      this.host.waiting(-1);
    }
    this.#tell();
    if (this.#closed) this.close();
    else this.#next();
  }

  fail(error: Error): void {
    this.#closed ??= error;
    const blocked = this.#blocked;
    this.#blocked = undefined;
    if (blocked) {
      blocked.reject(this.#closed);
      this.host.waiting(-1);
    }
    for (const waiting of this.#queue.splice(0)) waiting.reject(this.#closed);
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
      const free = this.#blocked === undefined && this.#queue.length === 0;
      if (free && this.host.call(this.#session, args)) {
        return Promise.resolve(this.#finish(decode));
      }
      return this.#wait([...args], signal, decode);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Decodes the reply that lies ready. The engine goes on even when that throws a ReplyError. */
  #finish<T>(decode: (reply: Packed) => T): T {
    try {
      return decode(this.host.output);
    } finally {
      const closes = this.host.output.closes;
      this.host.finish(this.#session);
      this.#tell();
      if (closes) this.close();
    }
  }

  #wait<T>(
    args: CommandArguments,
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
      if (this.#blocked === undefined && this.#queue.length === 0) this.#block(waiting);
      else this.#queue.push(waiting);
    });
  }

  /** Hands on what was pushed, behind what the caller has been promised so far. */
  #tell(): void {
    for (const push of this.#heard.splice(0)) queueMicrotask(() => this.#onPush?.(push));
  }

  #block(waiting: Waiting): void {
    this.#blocked = waiting;
    this.host.waiting(1);
  }

  #abort(waiting: Waiting, reason: unknown): void {
    const queued = this.#queue.indexOf(waiting);
    if (queued >= 0) {
      this.#queue.splice(queued, 1);
    } else if (this.#blocked === waiting && this.#cancel()) {
      this.#blocked = undefined;
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
    while (this.#blocked === undefined) {
      const waiting = this.#queue.shift();
      if (waiting === undefined) return;
      try {
        if (this.host.call(this.#session, waiting.args)) {
          this.#finish(waiting.decode);
          waiting.resolve();
        } else {
          this.#block(waiting);
        }
      } catch (error) {
        waiting.reject(error as Error);
      }
    }
  }
}
