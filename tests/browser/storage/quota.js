/** A store that fills up: what still fits, what does not, and when there is room again. */
import { estimate, persist } from '/dist/storage/indexeddb.js';
import { begin, equal, failure, frame, join, storeOf } from './kit.js';

const NAME = 'quota';
const text = (bytes) => new TextDecoder().decode(bytes);
const written = [];
let open;

async function append(number, length) {
  const one = frame(number, length);
  await open.append(one);
  written.push(one);
}

async function reopen(kind) {
  await open?.close();
  const { open: again, content } = await begin(storeOf(kind, NAME));
  const expected = text(join(written));
  if (content.all !== expected) {
    throw new Error(`${content.all.length} bytes instead of ${expected.length}`);
  }
  open = again;
}

/**
 * Takes the reserve of IndexedDB before anything is in it. Chromium believes for half a minute
 * what it saw of the quota at first, and would not count it.
 */
export async function prepare({ name }) {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('brooklet', { create: true });
  const handle = await folder.getFileHandle(`${name}.reserve`, { create: true });
  const stream = await handle.createWritable();
  await stream.write(new Uint8Array(1024 * 1024));
  await stream.close();
  while ((await estimate()).usage < 1024 * 1024) await new Promise((it) => setTimeout(it, 20));
}

/** Fills a store; the frame that meets the quota is kept as well. */
export async function fill({ kind }) {
  await reopen(kind);
  equal(open.full, false);
  for (let number = 0; !open.full; number += 1) await append(number, 10_000);
  return written.length;
}

/** Frames as small as acknowledgements fit into the reserve, also after it was opened again. */
export async function acknowledge({ kind, count }) {
  for (let number = 0; number < count; number += 1) await append(number, 60);
  equal(open.full, true);
  await reopen(kind);
  equal(open.full, true);
  for (let number = 0; number < count; number += 1) await append(number, 60);
  equal(open.full, true);
}

/** A frame for which there is no room ends it; nothing of it is there. */
export async function overfill({ kind }) {
  const error = await failure(open.append(frame(1, 800_000)));
  equal([error.name, error.message.split(':')[1]], ['StoreFullError', ' there is no room left']);
  equal((await failure(open.append(frame(2)))).name, 'StoreFullError');
  await reopen(kind);
  equal(open.full, true);
}

/** Until nothing fits any more, however small: it can still be opened and read. */
export async function exhaust({ kind }) {
  const error = await failure((async () => {
    for (;;) await append(3, 4_000);
  })());
  equal(error.name, 'StoreFullError');
  for (let opening = 0; opening < 3; opening += 1) await reopen(kind);
}

/** A rewrite gives up without harm when its base does not fit. */
export async function rewriteInVain() {
  const attempt = async () => {
    const base = await open.beginBase();
    try {
      for (let part = 0; part < 10; part += 1) await base.write(frame(part, 300_000));
      await base.commit();
    } catch (error) {
      await base.abort();
      throw error;
    }
  };
  for (let count = 0; count < 2; count += 1) {
    equal((await failure(attempt())).name, 'StoreFullError');
  }
  await append(1, 60);
  equal(open.full, true);
}

/** A rewrite to nearly nothing, which may have to be tried again: Chromium is slow to look. */
export async function rewrite() {
  for (let tries = 0; open.full || tries === 0; tries += 1) {
    await rewriteOnce().catch((error) => {
      if (error.name !== 'StoreFullError' || tries === 30) throw error;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  written.length = 0;
  written.push(frame(1, 100));
  await append(2, 60);
  return open.full;
}

/** A base that is being written gives its room up to a frame, before the reserve does. */
export async function giveWay({ kind }) {
  await reopen(kind);
  const base = await open.beginBase();
  for (let part = 0; part < 4; part += 1) await base.write(frame(part, 100_000));
  for (let number = 0; number < 50; number += 1) await append(number, 10_000);
  equal(open.full, false);
  equal((await failure(base.commit())).name, 'StoreFullError');
  await base.abort();
  await reopen(kind);
}

async function rewriteOnce() {
  const base = await open.beginBase();
  try {
    await base.write(frame(1, 100));
    await base.commit();
  } catch (error) {
    await base.abort();
    throw error;
  }
}

/** Writes on where there is room again. */
export async function goOn({ kind }) {
  equal(open.full, false);
  for (let number = 0; number < 20; number += 1) await append(number, 10_000);
  equal(open.full, false);
  await reopen(kind);
  equal(open.full, false);
}

/** What a browser says about its storage. */
export async function ask() {
  const { usage, quota, persisted } = await estimate();
  return { usage, quota, persisted, promised: await persist() };
}
