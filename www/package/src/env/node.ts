/** The entry for Node, Deno and Bun: reads the engine from the file system. */
import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import {
  createFactory,
  memoryStores,
  type BrookletFactory,
  type Database,
  type Stores,
} from '../database.js';

export * from '../api.js';

const file = /* @__PURE__ */ new URL('../generated/core_bg.wasm', import.meta.url);

const stores: Stores = {
  kind: 'directory',
  kinds: {
    async directory(path) {
      const { DirectoryStore } = await import('../storage/directory/index.js');
      return new DirectoryStore(path);
    },
    ...memoryStores,
  },
};

/** Opens databases: `const db = await Brooklet.create()`, `await Brooklet.open('./data')`. */
export const Brooklet: BrookletFactory = /* @__PURE__ */ createFactory(
  {
    load: () => readFile(file),
    loadSync: () => readFileSync(file),
    // Node's fetch does not read files.
    read: (url) => (url.protocol === 'file:' ? readFile(url) : url),
  },
  stores,
);

/** An open database. */
export type Brooklet = Database;
