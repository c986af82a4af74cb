/** `brooklet/cloudflare`: a database as a Durable Object, that answers REST and keeps a journal. */
import type { Clock } from '../engine/clock.js';
import { Brooklet } from '../env/workerd.js';
import { handler, type RestHandler, type RestOptions } from '../rest/index.js';
import type { ObjectStorage } from './storage.js';
import { objectStore } from './store.js';

export { objectStore } from './store.js';
export type { ObjectStorage } from './storage.js';

/** What workerd gives to an object: its storage is on SQLite (`new_sqlite_classes`). */
export interface ObjectState {
  readonly storage: ObjectStorage;
}

/** The variables that {@link StreamsObject.options} reads. */
export interface StreamsEnvironment {
  readonly BROOKLET_HTTP_TOKEN?: string;
  readonly BROOKLET_HTTP_READONLY_TOKEN?: string;
}

interface Opened {
  readonly database: Brooklet;
  readonly handle: RestHandler;
}

/**
 * One database: export it, bind it, and send it requests. It begins with what its storage has when
 * the first one comes, and is evicted as any object is, since nothing of it is in memory alone.
 */
export class StreamsObject {
  #opened: Promise<Opened> | undefined;

  constructor(
    protected readonly state: ObjectState,
    protected readonly env: StreamsEnvironment,
  ) {}

  /** Answers a request, as `brooklet/rest` does. */
  async fetch(request: Request): Promise<Response> {
    const { handle } = await this.#open();
    return handle(request);
  }

  /** The database, for what a class that extends this one has to do in it. */
  protected async database(): Promise<Brooklet> {
    return (await this.#open()).database;
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
    const storage = objectStore(this.state.storage);
    const database = await Brooklet.open('streams', { storage, clock });
    database.on('failed', () => (this.#opened = undefined));
    return { database, handle: handler(database, this.options()) };
  }
}

/**
 * The system's clock, with timers only for those who wait. What else is due is seen to by the next
 * request: a timer, or an alarm, would keep an object awake, or wake it, for nothing.
 */
const clock: Clock = {
  now: () => Date.now(),
  setTimer(at, fire, keepAlive) {
    if (!keepAlive) return () => undefined;
    const timer = setTimeout(fire, Math.max(at - Date.now(), 1));
    return () => clearTimeout(timer);
  },
};
