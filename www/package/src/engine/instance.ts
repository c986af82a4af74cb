/** The Wasm instance of this JavaScript realm's engines, and the next one when it has failed. */
import { makeGlue } from '../generated/core.js';
import { EngineFailure } from '../errors.js';
import { checkConfig } from './config.js';
import type { EngineConfig, GlueEngine } from './glue.js';

/** The instance, its memory, and what to tell everyone when it has failed. */
export class Instance {
  readonly memory: WebAssembly.Memory;
  /** Set after the engine threw: nothing in this memory can be trusted any more. */
  failure: EngineFailure | undefined;
  readonly #watchers = new Set<(failure: EngineFailure) => void>();

  constructor(
    readonly module: WebAssembly.Module,
    private readonly glue: ReturnType<typeof makeGlue>,
    instance: WebAssembly.Instance,
  ) {
    this.memory = glue.start(instance).memory;
  }

  /** Makes an engine; throws on a bad configuration. */
  newEngine(config: EngineConfig): GlueEngine {
    if (this.failure) throw this.failure;
    checkConfig(config);
    return new this.glue.Engine(config);
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
    this.glue.forget();
    for (const watcher of [...this.#watchers]) watcher(failure);
    return failure;
  }
}

/** The instance of new engines. One that has failed is left to those who had it. */
let latest: Instance | undefined;

/** Instantiates the module, unless there is an instance that has not failed. */
export async function instantiate(module: WebAssembly.Module): Promise<Instance> {
  const glue = makeGlue();
  const instance = await WebAssembly.instantiate(module, glue.imports());
  return currentInstance() ?? (latest = new Instance(module, glue, instance));
}

/** As {@link instantiate}, at once; for places where nothing may be awaited. */
export function instantiateSync(module: WebAssembly.Module): Instance {
  const glue = makeGlue();
  const instance = new WebAssembly.Instance(module, glue.imports());
  return currentInstance() ?? (latest = new Instance(module, glue, instance));
}

/** The instance, if there is one that has not failed. */
export function currentInstance(): Instance | undefined {
  return latest?.failure ? undefined : latest;
}

/** The module of the instance that failed. */
export function compiledBefore(): WebAssembly.Module | undefined {
  return latest?.module;
}
