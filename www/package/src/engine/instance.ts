/** The one Wasm instance of this JavaScript realm, which holds any number of engines. */
import initAsync, { Engine, initSync } from '../generated/core.js';
import { EngineFailure } from '../errors.js';
import { checkConfig } from './config.js';
import type { EngineConfig, GlueEngine } from './glue.js';

/** The instance, its memory, and what to tell everyone when it has failed. */
export class Instance {
  /** Set after the engine threw: nothing in this memory can be trusted any more. */
  failure: EngineFailure | undefined;
  readonly #watchers = new Set<(failure: EngineFailure) => void>();

  constructor(readonly memory: WebAssembly.Memory) {}

  /** Makes an engine; throws on a bad configuration. */
  newEngine(config: EngineConfig): GlueEngine {
    if (this.failure) throw this.failure;
    checkConfig(config);
    return new Engine(config);
  }

  /** Calls `watcher` when the instance fails; returns the function that ends that. */
  onFailure(watcher: (failure: EngineFailure) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Marks the instance as unusable and tells every engine's host. */
  fail(cause: unknown): EngineFailure {
    if (this.failure) return this.failure;
    const failure = new EngineFailure(cause);
    this.failure = failure;
    for (const watcher of [...this.#watchers]) watcher(failure);
    return failure;
  }
}

let instance: Instance | undefined;

/** Instantiates the module, once; later calls return the same instance. */
export async function instantiate(module: WebAssembly.Module): Promise<Instance> {
  const exports = await initAsync({ module_or_path: module });
  return (instance ??= new Instance(exports.memory));
}

/** As {@link instantiate}, at once; for places where nothing may be awaited. */
export function instantiateSync(module: WebAssembly.Module): Instance {
  return (instance ??= new Instance(initSync({ module }).memory));
}

/** The instance, if there is one already. */
export function currentInstance(): Instance | undefined {
  return instance;
}
