/** The entry for Node, Deno and Bun: reads the engine from the file system. */
import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { createFactory, type BrookletFactory, type Database } from '../database.js';

export * from '../api.js';

const file = /* @__PURE__ */ new URL('../generated/core_bg.wasm', import.meta.url);

/** Opens databases: `const db = await Brooklet.create()`. */
export const Brooklet: BrookletFactory = /* @__PURE__ */ createFactory({
  load: () => readFile(file),
  loadSync: () => readFileSync(file),
  // Node's fetch does not read files.
  read: (url) => (url.protocol === 'file:' ? readFile(url) : url),
});

/** An open database. */
export type Brooklet = Database;
