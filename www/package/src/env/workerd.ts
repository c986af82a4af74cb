/** The entry for workerd, which compiles Wasm only when it is imported as a module. */
import module from '../generated/core_bg.wasm';
import { createFactory, type BrookletFactory, type Database } from '../database.js';

export * from '../api.js';

/** Opens databases: `const db = await Brooklet.create()`. */
export const Brooklet: BrookletFactory = /* @__PURE__ */ createFactory({
  load: () => module,
  loadSync: () => module,
});

/** An open database. */
export type Brooklet = Database;
