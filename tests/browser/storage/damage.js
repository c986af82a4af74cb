/** Stores that something else has changed: what is noticed, and what is still read. */
import { forgetIndexedDb } from '/dist/storage/indexeddb.js';
import { begin, equal, failure, frame, join, storeOf } from './kit.js';

const text = (bytes) => new TextDecoder().decode(bytes);

async function directory(name) {
  const root = await navigator.storage.getDirectory();
  return (await root.getDirectoryHandle('brooklet')).getDirectoryHandle(`${name}.db`);
}

async function changeFile(name, file, change) {
  const handle = await (await directory(name)).getFileHandle(file);
  const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
  const stream = await handle.createWritable();
  await stream.write(change(bytes));
  await stream.close();
}

const flip = (bytes) => bytes.with(100, bytes[100] ^ 1);
const cut = (bytes) => bytes.subarray(0, bytes.length - 1);
const empty = () => new Uint8Array(0);

/** A journal with a base and two frames. */
async function written(store) {
  const { open } = await begin(store);
  await open.append(frame(0));
  const base = await open.beginBase();
  await base.write(frame(1));
  await base.commit();
  await open.append(frame(2));
  await open.append(frame(3));
  await open.close();
  return text(join([frame(1), frame(2), frame(3)]));
}

/** One slot is enough, whichever it is, however it is damaged. */
export async function oneSlot() {
  for (const slot of ['meta-a', 'meta-b']) {
    for (const [index, change] of [flip, cut, empty].entries()) {
      const name = `${slot}${index}`;
      const all = await written(storeOf('opfs', name));
      await changeFile(name, slot, change);
      const { open, content } = await begin(storeOf('opfs', name));
      equal(content.all, all, name);
      await open.append(frame(4));
      await open.close();
      equal((await begin(storeOf('opfs', name))).content.all, all + text(frame(4)));
    }
  }
}

/** What cannot be told from nothing is never taken for new, and stays as it is. */
export async function filesLost() {
  const CASES = [
    [['meta-a', 'meta-b'], flip, 'neither meta file'],
    [['meta-a', 'meta-b'], empty, 'neither meta file'],
    [['base-0'], cut, 'base-0 has'],
    [['meta-a', 'meta-b', 'base-0', 'base-1', 'incr-0', 'incr-1'], empty, 'remembers'],
  ];
  for (const [index, [files, change, message]] of CASES.entries()) {
    const name = `lost${index}`;
    await written(storeOf('opfs', name));
    for (const file of files) await changeFile(name, file, change);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const error = await failure(storeOf('opfs', name).open('always'));
      equal(error.name, 'DataLostError');
      if (!error.message.includes(message)) throw error;
    }
  }
}

function openRaw(name, version) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(`brooklet:${name}`, version);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function changeHead(name, change) {
  const database = await openRaw(name);
  const transaction = database.transaction('meta', 'readwrite');
  const store = transaction.objectStore('meta');
  await new Promise((resolve) => {
    store.get(0).onsuccess = ({ target }) => {
      store.clear();
      change(store, target.result);
    };
    transaction.oncomplete = resolve;
  });
  database.close();
}

/** Records that somebody has changed. */
export async function recordsLost() {
  const CASES = {
    DataLostError: [
      () => undefined,
      (store, head) => store.put({ ...head, epoch: 0 }, 0),
    ],
    StoreError: [(store, head) => store.put({ ...head, format: 2 }, 0)],
  };
  for (const [expected, changes] of Object.entries(CASES)) {
    for (const [index, change] of changes.entries()) {
      const name = `${expected}${index}`;
      await written(storeOf('indexeddb', name));
      await changeHead(name, change);
      const error = await failure(storeOf('indexeddb', name).open('always'));
      equal([error.name, name], [expected, name], error.message);
    }
  }
  await written(storeOf('indexeddb', 'version'));
  (await openRaw('version', 7)).close();
  const error = await failure(storeOf('indexeddb', 'version').open('always'));
  if (!error.message.includes('newer version')) throw error;
}

/** Whoever deletes or upgrades a database is not kept waiting, and the writer hears of it. */
export async function takenAway() {
  const { open: deleted } = await begin(storeOf('indexeddb', 'deleted'));
  await deleted.append(frame(0));
  await forgetIndexedDb('deleted');
  equal((await failure(deleted.append(frame(1)))).name, 'DataLostError');
  await deleted.close();
  const { open: upgraded } = await begin(storeOf('indexeddb', 'upgraded'));
  (await openRaw('upgraded', 2)).close();
  equal((await failure(upgraded.append(frame(1)))).name, 'StoreError');
}

let writer;

/** A writer that is open while somebody clears the data of the site. */
export async function beginWriting({ kind }) {
  writer = (await begin(storeOf(kind, 'cleared'))).open;
  await writer.append(frame(0));
}

/** What it hears with its next frame, and what opening says. */
export async function afterClearing({ kind }) {
  const names = [];
  names.push((await failure(writer.append(frame(1)))).name);
  await writer.close().catch(() => undefined);
  names.push((await failure(storeOf(kind, 'cleared').open('always'))).name);
  return names;
}

/** Each place that remembers is enough. */
export async function witnesses({ kind, forget }) {
  const { open } = await begin(storeOf(kind, 'witness'));
  await open.append(frame(0));
  await open.close();
  if (forget === 'localStorage') localStorage.clear();
  if (forget === 'file') {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry('brooklet', { recursive: true });
  }
  await new Promise((resolve) => {
    indexedDB.deleteDatabase('brooklet:witness').onsuccess = resolve;
  });
  return (await failure(storeOf(kind, 'witness').open('always'))).message;
}

/** Contexts without files say so. */
export async function noFiles() {
  const error = await failure(storeOf('opfs', 'window').open('always'));
  return [error.name, error.message];
}
