/** The typed client: the method names, argument shapes and reply shapes of node-redis. */
import type { Connection, SendOptions } from './connection.js';
import { plain, text } from './client/decode.js';
import { GroupCommands } from './client/groups.js';
import { createMulti, type Multi } from './client/multi.js';
import { pushVariadic } from './client/runner.js';
import { Subscriptions, type ListeningKind, type PubSubListener } from './client/subscriptions.js';
import type { Bulk, RedisVariadicArgument, ScanOptions } from './client/types.js';
import type { Argument, CommandArguments, Reply } from './reply.js';

type Listener = PubSubListener<boolean>;

/** Options that a client gives to each of its commands. */
export type ClientOptions = SendOptions;

/**
 * A session with typed commands. Errors that Redis answers reject with ReplyError, whose message
 * is Redis' own text and whose `code` is its first word. Commands run in the order in which they
 * are called; while a read blocks, later commands of the same client wait behind it, so give a
 * blocking reader a client of its own (`duplicate()`).
 */
export class Client<S extends Bulk = string> extends GroupCommands<S> {
  readonly #connection: Connection;
  readonly #options: ClientOptions;

  constructor(connection: Connection, options: ClientOptions = {}) {
    super();
    this.#connection = connection;
    this.#options = options;
  }

  /** Does nothing: a client is connected from the start. For code written for node-redis. */
  connect(): Promise<this> {
    return Promise.resolve(this);
  }

  /** Runs any command; maps come as plain objects, integers beyond 2^53 as `bigint`. */
  sendCommand(args: CommandArguments, options: ClientOptions = {}): Promise<unknown> {
    return this.#connection.sendAs(args, plain, { ...this.#options, ...options });
  }

  /** The same session with `Uint8Array` instead of `string` in every reply, for binary values. */
  withBuffers(): Client<Uint8Array> {
    return new Client<Uint8Array>(this.#connection, { ...this.#options, buffers: true });
  }

  /** The same session, whose commands reject with AbortError once the signal fires. */
  withAbortSignal(signal: AbortSignal): Client<S> {
    return new Client<S>(this.#connection, { ...this.#options, signal });
  }

  /** A client with a new session of the same database or server; it starts in database 0. */
  duplicate(): Client<S> {
    return new Client<S>(this.#connection.duplicate(), this.#options);
  }

  /** Begins a transaction: `await client.multi().xAdd(…).xLen(…).exec()`. */
  multi(): Multi<S> {
    return createMulti<S>(this.#connection, this.#options);
  }

  /** Lets the next `multi().exec()` reject with WatchError when one of the keys changes (WATCH). */
  watch(keys: RedisVariadicArgument): Promise<string> {
    return this.run(pushVariadic(['WATCH'], keys), text);
  }

  /** Forgets all watched keys (UNWATCH). */
  unwatch(): Promise<string> {
    return this.run(['UNWATCH'], text);
  }

  /**
   * Calls the listener with each message of these channels: `(message, channel)`, as bytes with
   * `bufferMode` (SUBSCRIBE). Other commands of the client go on.
   */
  subscribe<B extends boolean = false>(
    channels: RedisVariadicArgument,
    listener: PubSubListener<B>,
    bufferMode?: B,
  ): Promise<void> {
    return this.#listen('message', channels, listener, bufferMode);
  }

  /** Takes away a listener, or all of these channels, or all of all channels (UNSUBSCRIBE). */
  unsubscribe<B extends boolean = false>(
    channels?: RedisVariadicArgument,
    listener?: PubSubListener<B>,
    bufferMode?: B,
  ): Promise<void> {
    return this.#stopListening('message', channels, listener, bufferMode);
  }

  /** As {@link subscribe}, for all channels whose names match one of the patterns (PSUBSCRIBE). */
  pSubscribe<B extends boolean = false>(
    patterns: RedisVariadicArgument,
    listener: PubSubListener<B>,
    bufferMode?: B,
  ): Promise<void> {
    return this.#listen('pmessage', patterns, listener, bufferMode);
  }

  /** As {@link unsubscribe}, for patterns (PUNSUBSCRIBE). */
  pUnsubscribe<B extends boolean = false>(
    patterns?: RedisVariadicArgument,
    listener?: PubSubListener<B>,
    bufferMode?: B,
  ): Promise<void> {
    return this.#stopListening('pmessage', patterns, listener, bufferMode);
  }

  /** As {@link subscribe}, for shard channels (SSUBSCRIBE). */
  sSubscribe<B extends boolean = false>(
    channels: RedisVariadicArgument,
    listener: PubSubListener<B>,
    bufferMode?: B,
  ): Promise<void> {
    return this.#listen('smessage', channels, listener, bufferMode);
  }

  /** As {@link unsubscribe}, for shard channels (SUNSUBSCRIBE). */
  sUnsubscribe<B extends boolean = false>(
    channels?: RedisVariadicArgument,
    listener?: PubSubListener<B>,
    bufferMode?: B,
  ): Promise<void> {
    return this.#stopListening('smessage', channels, listener, bufferMode);
  }

  /** All keys, a page at a time: `for await (const keys of client.scanIterator()) …` (SCAN). */
  async *scanIterator(options: ScanOptions = {}): AsyncGenerator<S[]> {
    let cursor = '0';
    do {
      const page = await this.scan(cursor, options);
      cursor = text(page.cursor);
      yield page.keys;
    } while (cursor !== '0');
  }

  /** Ends the session. A blocked read and what waits behind it reject (ConnectionClosedError). */
  close(): Promise<void> {
    this.#connection.close();
    return Promise.resolve();
  }

  #listen<B extends boolean>(
    kind: ListeningKind,
    names: RedisVariadicArgument,
    listener: PubSubListener<B>,
    bufferMode = false,
  ): Promise<void> {
    const subscriptions = Subscriptions.of(this.#connection);
    return subscriptions.subscribe(kind, pushVariadic([], names), listener as Listener, bufferMode);
  }

  #stopListening<B extends boolean>(
    kind: ListeningKind,
    names: RedisVariadicArgument | undefined,
    listener: PubSubListener<B> | undefined,
    bufferMode = false,
  ): Promise<void> {
    const all = names === undefined ? undefined : pushVariadic([], names);
    const subscriptions = Subscriptions.of(this.#connection);
    return subscriptions.unsubscribe(kind, all, listener as Listener | undefined, bufferMode);
  }

  protected override run<T>(
    args: Argument[],
    decode: (reply: Reply) => T,
    signal?: AbortSignal,
  ): Promise<T> {
    const options = signal ? { ...this.#options, signal } : this.#options;
    return this.#connection.sendAs(args, decode, options);
  }
}
