/** `brooklet/cloudflare`: a database as a Durable Object that answers REST, RESP and RPC. */
import { DurableObject } from 'cloudflare:workers';
import type { EngineConfig } from '../engine/glue.js';
import { Brooklet } from '../env/workerd.js';
import type { Argument } from '../reply.js';
import { handler, type RestHandler, type RestOptions } from '../rest/index.js';
import { refusal } from '../rest/handler.js';
import { settingsOf } from '../rest/options.js';
import { Alarm } from './alarm.js';
import { answerOf, beginRead, RpcCommands, type HeldRead } from './rpc.js';
import { END } from './socket.js';
import { Sockets } from './sockets.js';
import type { ObjectSocket, ObjectState } from './state.js';
import { objectStore } from './store.js';
import type { RpcAnswer } from './stub.js';

export * from './client.js';
export { objectStore } from './store.js';
export type { ObjectSocket, ObjectState } from './state.js';
export type { ObjectStorage } from './storage.js';

/**
 * Bytes of data, by default: with what lies around them, and a copy while the journal is rewritten,
 * they are less than the 128 MB that all objects in one place have together.
 */
const MOST_BYTES = 32 << 20;

/** What comes for the code of a client that gave none, and cannot be sent. */
const NO_CODE = 1005;

/** The variables that {@link StreamsObject.options} reads. */
export interface StreamsEnvironment {
  readonly BROOKLET_HTTP_TOKEN?: string;
  readonly BROOKLET_HTTP_READONLY_TOKEN?: string;
}

interface Opened {
  readonly database: Brooklet;
  readonly handle: RestHandler;
  readonly alarm: Alarm;
  readonly sockets: Sockets;
  readonly rpc: RpcCommands;
}

/**
 * One database: export it, bind it, and send it requests. It begins with what its storage has when
 * the first one comes, and is evicted as any object is, since nothing of it is in memory alone.
 */
export class StreamsObject extends DurableObject<StreamsEnvironment> {
  #opened: Promise<Opened> | undefined;
  /** The alarm has gone off. */
  #rings = false;

  constructor(
    protected readonly state: ObjectState,
    env: StreamsEnvironment,
  ) {
    super(state, env);
    // What a class has can be called by RPC; what an object has cannot.
    for (const name of ['config', 'database', 'options', 'wakeBy'] as const) {
      Object.defineProperty(this, name, { value: this[name] });
    }
  }

  /** Answers a request, as `brooklet/rest` does; one to upgrade becomes a WebSocket for RESP. */
  async fetch(request: Request): Promise<Response> {
    const { handle, sockets } = await this.#open();
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') return handle(request);
    return sockets.accept(request).catch(refusal);
  }

  /** Runs commands for a client of another Worker, see `clientOf`. */
  runCommands(commands: Argument[][]): Promise<RpcAnswer> {
    return answerOf(this.#open().then(({ rpc }) => rpc.run(commands)));
  }

  /** Begins a read that may wait, for such a client. */
  beginRead(commands: Argument[][]): HeldRead {
    return beginRead(this.#open().then(({ rpc }) => rpc), commands);
  }

  /** RESP came over a WebSocket. */
  async webSocketMessage(socket: ObjectSocket, message: string | ArrayBuffer): Promise<void> {
    if (!Sockets.owns(this.state, socket)) return;
    const { sockets } = await this.#open();
    await sockets.message(socket, message);
  }

  /** A client has ended its WebSocket. */
  async webSocketClose(socket: ObjectSocket, code: number): Promise<void> {
    if (!Sockets.owns(this.state, socket)) return;
    const opened = await this.#opened;
    await opened?.sockets.closed(socket);
    try {
      socket.close(code === NO_CODE ? END.normal : code);
    } catch {
      // Closed already, or with a code that cannot be sent.
    }
  }

  /** A client is gone. */
  async webSocketError(socket: ObjectSocket): Promise<void> {
    if (!Sockets.owns(this.state, socket)) return;
    const opened = await this.#opened;
    await opened?.sockets.closed(socket);
  }

  /**
   * The one alarm: what is due is done, and the next one set. A class that has work of its own to do
   * overrides it, and calls this one first.
   */
  async alarm(): Promise<void> {
    this.#rings = true;
    const { alarm, database, sockets } = await this.#open().finally(() => (this.#rings = false));
    alarm.rang();
    for (const read of sockets.reads()) alarm.waits(read);
    // When this fails, workerd rings again.
    await alarm.rewrite(() => database.rewrite());
  }

  /**
   * Sees to it that `alarm` is called by that time, in Unix milliseconds; never set the object's alarm
   * yourself, it has but one. It may be called for something else before, and is then forgotten: as
   * long as your own time has not come, say again when it will.
   */
  protected async wakeBy(at: number): Promise<void> {
    (await this.#open()).alarm.by(at);
  }

  /** The database, for what a class that extends this one has to do in it. */
  protected async database(): Promise<Brooklet> {
    return (await this.#open()).database;
  }

  /** Limits and sizes of the engine. */
  protected config(): EngineConfig {
    return { maxmemory: MOST_BYTES };
  }

  /** Options of the handler: tokens out of the environment. */
  protected options(): RestOptions {
    const { BROOKLET_HTTP_TOKEN: token, BROOKLET_HTTP_READONLY_TOKEN: readOnlyToken } = this.env;
    return { ...(token ? { token } : {}), ...(readOnlyToken ? { readOnlyToken } : {}) };
  }

  /** When the journal cannot be read, the next request tries again. A failed one is opened anew. */
  #open(): Promise<Opened> {
    this.#opened ??= this.#load().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #load(): Promise<Opened> {
    const alarm = await Alarm.of(this.state.storage, this.#rings);
    const storage = objectStore(this.state.storage, () => alarm.rewriteDue());
    const database = await Brooklet.open('streams', { ...this.config(), storage, clock: alarm });
    database.on('failed', () => {
      this.#opened = undefined;
      // It has nothing to say to its store any more, and nothing to keep.
      void database.close().catch(() => undefined);
    });
    const options = this.options();
    const settings = settingsOf(options);
    const sockets = new Sockets(this.state, database, settings, (it) => alarm.waits(it));
    await sockets.restore();
    const rpc = new RpcCommands(database, settings.limits.waitMs);
    return { database, handle: handler(database, options), alarm, sockets, rpc };
  }
}
