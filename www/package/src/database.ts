/** A database: one engine, and every way to talk to it. */
import { Client } from './client.js';
import { EngineConnection } from './connection/engine.js';
import { RespConnection, type RespHandlers } from './connection/resp.js';
import { systemClock, type Clock } from './engine/clock.js';
import type { EngineConfig, EngineStatistics } from './engine/glue.js';
import { EngineHost } from './engine/host.js';
import { currentInstance, instantiate, instantiateSync, type Instance } from './engine/instance.js';
import { compile, compileSync, type WasmInput } from './engine/source.js';

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

/** An in-memory database with streams and consumer groups. Nothing is kept when it is closed. */
export class Database {
  readonly #host: EngineHost;
  readonly #password: string | undefined;

  constructor(instance: Instance, config: EngineConfig, clock: Clock) {
    const seed = config.seed ?? Math.floor(Math.random() * 2 ** 32);
    this.#host = new EngineHost(instance, clock, { ...config, seed });
    this.#password = config.requirepass;
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

  /** Drops all data and ends every session; whatever waits rejects with ConnectionClosedError. */
  close(): void {
    this.#host.dispose();
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

/** Makes the factory of one entry. */
export function createFactory(loader: WasmLoader): BrookletFactory {
  return {
    async create({ wasm, clock = systemClock, ...config } = {}) {
      const loaded = currentInstance();
      if (loaded) return new Database(loaded, config, clock);
      const source = await (wasm ?? loader.load());
      const readable = source instanceof URL && loader.read ? loader.read(source) : source;
      return new Database(await instantiate(await compile(readable)), config, clock);
    },
    createSync({ wasm, clock = systemClock, ...config } = {}) {
      const instance = currentInstance() ?? instantiateSync(compileSync(needed(wasm, loader)));
      return new Database(instance, config, clock);
    },
  };
}

function needed(
  wasm: WebAssembly.Module | BufferSource | undefined,
  loader: WasmLoader,
): WebAssembly.Module | BufferSource {
  const source = wasm ?? loader.loadSync?.();
  if (source) return source;
  throw new TypeError('createSync needs the `wasm` option here: a WebAssembly.Module or bytes');
}
