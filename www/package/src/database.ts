/** A database: one engine, and every way to talk to it. */
import { Client } from './client.js';
import { EngineConnection } from './connection/engine.js';
import { RespConnection, type RespHandlers } from './connection/resp.js';
import { systemClock, type Clock } from './engine/clock.js';
import type { EngineConfig, EngineStatistics } from './engine/glue.js';
import { EngineHost } from './engine/host.js';
import {
  compiledBefore,
  currentInstance,
  instantiate,
  instantiateSync,
  type Instance,
} from './engine/instance.js';
import { compile, compileSync, type WasmInput } from './engine/source.js';
import type { StorageEvents } from './storage/events.js';
import { exportStream, type ExportOptions } from './storage/export.js';
import type { Journal, StorageInfo } from './storage/journal.js';
import type { ImportSource } from './storage/source.js';
import type { Durability, Store } from './storage/store.js';

/** Options of {@link BrookletFactory.create}. */
export interface BrookletOptions extends EngineConfig {
  /** The engine's Wasm, when the package should not find it by itself. */
  wasm?: WasmInput;
  /** A source of time other than the system's. */
  clock?: Clock;
}

/** Options of {@link BrookletFactory.createSync}. */
export interface BrookletSyncOptions extends EngineConfig {
  /** The engine's Wasm. */
  wasm?: WebAssembly.Module | BufferSource;
  /** A source of time other than the system's. */
  clock?: Clock;
}

/** Options of {@link BrookletFactory.open}. */
export interface BrookletOpenOptions extends BrookletOptions {
  /**
   * Where the journal lies; by default what this host keeps: a directory of that name in Node, Deno
   * and Bun, an IndexedDB of that name in browsers. `memory` keeps nothing.
   */
  storage?: StoreKind | Store;
  /** When a change is safe, and when its reply is handed out ('always'). */
  durability?: Durability;
  /**
   * What a new database begins with: an export, or an append-only file of Redis. It is safe when
   * `open` resolves. Rejects with StoreError when the store holds data, with JournalDamagedError
   * when the bytes are not as they were written; nothing was changed then.
   */
  import?: ImportSource;
}

/** The kinds of stores that an entry of the package may have. */
export type StoreKind = 'directory' | 'indexeddb' | 'opfs' | 'memory';

/** A database with streams and consumer groups: in memory, or with a journal in a store. */
export class Database {
  readonly #host: EngineHost;
  readonly #password: string | undefined;
  readonly #journal: Journal | undefined;

  constructor(host: EngineHost, password: string | undefined, journal?: Journal) {
    this.#host = host;
    this.#password = password;
    this.#journal = journal;
  }

  /**
   * A typed client with its own session, signed in already when `requirepass` was given.
   * Throws a ReplyError when `maxclients` sessions are open.
   */
  client(): Client {
    return new Client(this.connect());
  }

  /** A session for raw commands; {@link client} is the typed form of it. */
  connect(): EngineConnection {
    return new EngineConnection(this.#host, this.#password);
  }

  /** A session that takes and gives RESP bytes: what a server puts behind each socket. */
  connectResp(handlers: RespHandlers): RespConnection {
    return new RespConnection(this.#host, handlers);
  }

  /** Counters: sessions, blocked readers, keys, bytes of data, commands processed. */
  statistics(): EngineStatistics {
    return this.#host.statistics();
  }

  /** What is known of the store; undefined for a database in memory. */
  get storage(): StorageInfo | undefined {
    return this.#journal?.info;
  }

  /** Calls `listener` when something happens to the store; returns the function that ends that. */
  on<E extends keyof StorageEvents>(
    event: E,
    listener: (...details: StorageEvents[E]) => void,
  ): () => void {
    return this.#journal?.listeners.add(event, listener) ?? (() => undefined);
  }

  /** Rewrites the journal in the fewest commands. It happens by itself when the journal grows. */
  async rewrite(): Promise<void> {
    if (!this.#journal) throw new TypeError('a database in memory has no journal to rewrite');
    await this.#journal.rewrite();
  }

  /**
   * Everything in this database at this moment, as a Redis append-only file: any Brooklet begins
   * with it (the option `import` of `open`, or `brooklet import`), and Redis loads it as
   * `appendonly.aof`. `new Response(db.export()).blob()` makes a Blob of it.
   */
  export(options?: ExportOptions): ReadableStream<Uint8Array<ArrayBuffer>> {
    return exportStream(this.#host, options);
  }

  /**
   * Ends every session; whatever waits rejects with ConnectionClosedError. A durable database
   * first brings to its store what was begun; rejects when that fails. One in memory is gone.
   */
  close(): Promise<void> {
    this.#host.seal();
    const flushed = this.#journal?.close();
    if (flushed) return flushed.finally(() => this.#host.dispose());
    this.#host.dispose();
    return Promise.resolve();
  }
}

/** Opens databases. Each entry of the package has one that knows where its Wasm lies. */
export interface BrookletFactory {
  /**
   * Opens an empty database. The first call loads the engine, later calls reuse it.
   * Rejects with WasmLoadError when the engine cannot be loaded, with Error on a bad option.
   */
  create(options?: BrookletOptions): Promise<Database>;

  /**
   * Opens an empty database without waiting: the `wasm` option must be a module or bytes, unless
   * the engine is loaded already or comes with the entry (`brooklet/inline`).
   */
  createSync(options?: BrookletSyncOptions): Database;

  /**
   * Opens a durable database, and recovers what was written to it before.
   *
   * Rejects when it cannot be had, and begins nothing in its place: with StoreBusyError while
   * somebody else has it open, with JournalDamagedError or DataLostError when data is damaged or
   * gone, with StoreError on all else that a store may say.
   */
  open(name: string, options?: BrookletOpenOptions): Promise<Database>;
}

/** How an entry of the package finds its Wasm. */
export interface WasmLoader {
  /** Finds the engine when no `wasm` option is given. */
  load(): WasmInput;
  /** As `load`, for entries that can do so at once. */
  loadSync?(): WebAssembly.Module | BufferSource;
  /** Reads a URL that `fetch` cannot. */
  read?(url: URL): WasmInput;
}

/** The stores of an entry: each is loaded when it is first asked for. */
export interface Stores {
  /** The kind that is used when none is asked for, if this host has one that keeps anything. */
  readonly kind?: StoreKind | undefined;
  /** Finds the store of a name. */
  readonly kinds: { readonly [kind in StoreKind]?: (name: string) => Promise<Store> };
}

/** The stores that every entry has. */
export const memoryStores: Stores['kinds'] = {
  memory: async () => new (await import('./storage/memory.js')).MemoryStore(),
};

/** The stores of pages and workers. */
export const browserStores: Stores = {
  kind: 'indexeddb',
  kinds: {
    indexeddb: async (name) => (await import('./storage/indexeddb.js')).indexedDbStore(name),
    opfs: async (name) => (await import('./storage/opfs.js')).opfsStore(name),
    ...memoryStores,
  },
};

/** Makes the factory of one entry. */
export function createFactory(
  loader: WasmLoader,
  stores: Stores = { kinds: memoryStores },
): BrookletFactory {
  return {
    async create({ wasm, clock = systemClock, ...config } = {}) {
      return inMemory(await loadInstance(loader, wasm), config, clock);
    },
    createSync({ wasm, clock = systemClock, ...config } = {}) {
      const compiled = (): WebAssembly.Module =>
        compiledBefore() ?? compileSync(needed(wasm, loader));
      const instance = currentInstance() ?? instantiateSync(compiled());
      return inMemory(instance, config, clock);
    },
    async open(name, options = {}) {
      const { storage, durability = 'always', wasm, clock = systemClock, ...rest } = options;
      const { import: source, ...config } = rest;
      const store = await findStore(stores, name, storage);
      const { openJournal, openJournalWith } = store.opener ?? (await import('./storage/open.js'));
      const host = newHost(await loadInstance(loader, wasm), config, clock);
      try {
        const journal = await (source === undefined
          ? openJournal(host, store, durability)
          : openJournalWith(host, store, durability, source));
        return new Database(host, config.requirepass, journal);
      } catch (error) {
        host.dispose();
        throw error;
      }
    },
  };
}

async function loadInstance(loader: WasmLoader, wasm: WasmInput | undefined): Promise<Instance> {
  const loaded = currentInstance();
  if (loaded) return loaded;
  const compiled = compiledBefore();
  if (compiled) return instantiate(compiled);
  const source = await (wasm ?? loader.load());
  const readable = source instanceof URL && loader.read ? loader.read(source) : source;
  return instantiate(await compile(readable));
}

function newHost(instance: Instance, config: EngineConfig, clock: Clock): EngineHost {
  const seed = config.seed ?? Math.floor(Math.random() * 2 ** 32);
  return new EngineHost(instance, clock, { ...config, seed });
}

function inMemory(instance: Instance, config: EngineConfig, clock: Clock): Database {
  return new Database(newHost(instance, config, clock), config.requirepass);
}

async function findStore(
  { kind, kinds }: Stores,
  name: string,
  storage: StoreKind | Store | undefined,
): Promise<Store> {
  if (typeof storage === 'object') return storage;
  const found = kinds[storage ?? kind ?? ('' as StoreKind)];
  if (found) return found(name);
  const known = Object.keys(kinds).map((it) => `'${it}'`);
  const wanted = storage === undefined ? 'nothing here keeps data by itself' : `no '${storage}' here`;
  throw new TypeError(`${wanted}: the option storage takes a Store, or ${known.join(', ')}`);
}

function needed(
  wasm: WebAssembly.Module | BufferSource | undefined,
  loader: WasmLoader,
): WebAssembly.Module | BufferSource {
  const source = wasm ?? loader.loadSync?.();
  if (source) return source;
  throw new TypeError('createSync needs the `wasm` option here: a WebAssembly.Module or bytes');
}
