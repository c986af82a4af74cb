/** What scenes need: stores by name, frames that tell what they are, all bytes of a journal. */
import { forgetIndexedDb, indexedDbStore } from '/dist/storage/indexeddb.js';
import { forgetOpfs, opfsStore } from '/dist/storage/opfs.js';

const KINDS = {
  indexeddb: { store: indexedDbStore, forget: forgetIndexedDb, wipe: deleteDatabase },
  opfs: { store: opfsStore, forget: forgetOpfs, wipe: deleteFiles },
};

/** A store of a kind. */
export const storeOf = (kind, name, options) => KINDS[kind].store(name, options);
/** Removes a database and all memory of it. */
export const forget = (kind, name) => KINDS[kind].forget(name);
/** Removes a database as a browser would that is short of room, or a user who clears things. */
export const wipe = (kind, name) => KINDS[kind].wipe(name);

/** A frame that tells its number, in so many bytes of letters that do not compress. */
export function frame(number, length = 40) {
  const bytes = new Uint8Array(length);
  let state = number + 1;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = 65 + (state >>> 27);
  }
  bytes.set(new TextEncoder().encode(`<${number}`));
  bytes[length - 1] = 62;
  return bytes;
}

/** Frames put together. */
export function join(parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** The bytes of one file, which must have as many as it says. */
export async function bytesOf(file) {
  const parts = [];
  for await (const part of file.read()) parts.push(part.slice());
  const bytes = join(parts);
  if (bytes.length !== file.bytes) {
    throw new Error(`${file.name} says ${file.bytes} bytes and has ${bytes.length}`);
  }
  return bytes;
}

/** What lies in an open store: the kinds of its files, and their text. */
export async function contentOf(open) {
  const kinds = open.files.map((file) => file.kind);
  const texts = [];
  for (const file of open.files) texts.push(new TextDecoder().decode(await bytesOf(file)));
  return { kinds, texts, all: texts.join('') };
}

/** Opens a store, reads it, and begins to write behind what it has. */
export async function begin(store, durability = 'always') {
  const open = await store.open(durability);
  const content = await contentOf(open);
  await open.start(open.epoch, open.files.at(-1)?.bytes ?? 0);
  return { open, content };
}

/** What a promise rejects with. */
export async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

/** Fails unless two values are the same, written as JSON. */
export function equal(actual, expected, what = 'value') {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${what}: ${short(is)} instead of ${short(should)}`);
}

const short = (text) => (text?.length > 300 ? `${text.slice(0, 300)}… (${text.length})` : text);

function deleteDatabase(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(`brooklet:${name}`);
    request.onsuccess = resolve;
    request.onerror = () => reject(request.error);
  });
}

async function deleteFiles(name) {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('brooklet');
  await folder.removeEntry(`${encodeURIComponent(name)}.db`, { recursive: true });
}
