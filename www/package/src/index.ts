/** The entry for browsers, workers and bundlers: the engine lies in a file beside this one. */
import { browserStores, createFactory, type BrookletFactory, type Database } from './database.js';

export * from './api.js';

/** Opens databases: `const db = await Brooklet.create()`. */
export const Brooklet: BrookletFactory = /* @__PURE__ */ createFactory(
  { load: () => new URL('./generated/core_bg.wasm', import.meta.url) },
  browserStores,
);

/** An open database. */
export type Brooklet = Database;
