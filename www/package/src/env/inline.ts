/** The entry with the engine inside: for bundlers and pages that cannot carry a second file. */
import { browserStores, createFactory, type BrookletFactory, type Database } from '../database.js';
import { wasmBase64 } from '../generated/core_base64.js';

export * from '../api.js';

function decode(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(wasmBase64), (character) => character.charCodeAt(0));
}

/** Opens databases: `const db = await Brooklet.create()`. */
export const Brooklet: BrookletFactory = /* @__PURE__ */ createFactory(
  { load: decode, loadSync: decode },
  browserStores,
);

/** An open database. */
export type Brooklet = Database;
