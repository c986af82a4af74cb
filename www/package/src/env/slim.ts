/** The entry without any Wasm of its own: you pass the `wasm` option. */
import { browserStores, createFactory, type BrookletFactory, type Database } from '../database.js';

export * from '../api.js';

/** Opens databases: `const db = await Brooklet.create({ wasm: module })`. */
export const Brooklet: BrookletFactory = /* @__PURE__ */ createFactory(
  {
    load() {
      throw new TypeError('`brooklet/slim` needs the `wasm` option, see `brooklet/core.wasm`');
    },
  },
  browserStores,
);

/** An open database. */
export type Brooklet = Database;
