/** A rewrite that ends at any of its steps, as if the tab had died there. */
import { begin, contentOf, equal, frame, join, storeOf } from './kit.js';

const text = (bytes) => new TextDecoder().decode(bytes);
const BASE = frame(900, 100_000);
/** How many frames the base stands for. */
const IN_BASE = 3;

/**
 * Writes, rewrites and writes on, up to one step: a write to a file, a flush, a transaction. From
 * there on nothing works any more. With `half`, writes alone are steps, and the last is half done.
 * Tells how many frames were acknowledged, and whether the end was reached.
 */
export async function rewriteUntil({ kind, name, step, half }) {
  const count = breakAt(kind === 'opfs' ? FILE_STEPS : DATABASE_STEPS, step, half);
  let acknowledged = 0;
  try {
    const { open } = await begin(storeOf(kind, name));
    const append = async (to) => {
      for (; acknowledged < to; acknowledged += 1) await open.append(frame(acknowledged));
    };
    await append(IN_BASE);
    const base = await open.beginBase();
    await append(5);
    await base.write(BASE);
    await append(6);
    await base.commit();
    await append(7);
    await open.close();
    return { acknowledged, steps: count(), ended: true };
  } catch (error) {
    if (error !== CRASH && error.cause !== CRASH) throw error;
    return { acknowledged, steps: count(), ended: false };
  }
}

/** Everything acknowledged is there, and writing and rewriting go on. */
export async function lookAfter({ kind, name, acknowledged }) {
  const store = storeOf(kind, name);
  const open = await store.open('always');
  const content = await contentOf(open);
  const rest = after(content, acknowledged);
  const next = text(frame(acknowledged));
  if (!next.startsWith(rest)) throw new Error(`there is ${JSON.stringify(rest.slice(0, 100))}`);
  // What the append had begun that the crash came into.
  await open.start(open.epoch, (open.files.at(-1)?.bytes ?? 0) - rest.length);
  await open.append(frame(acknowledged));
  const base = await open.beginBase();
  await base.write(frame(901));
  await open.append(frame(77));
  await base.commit();
  await open.close();
  const { content: last, open: again } = await begin(store);
  equal(last.all, text(join([frame(901), frame(77)])));
  await again.close();
  return content.kinds;
}

/** What lies behind all acknowledged frames, which must be there. */
function after({ kinds, all }, acknowledged) {
  const from = kinds[0] === 'base' ? IN_BASE : 0;
  const frames = Array.from({ length: acknowledged - from }, (_, index) => frame(from + index));
  const expected = text(join(kinds[0] === 'base' ? [BASE, ...frames] : frames));
  if (!all.startsWith(expected)) throw new Error(`${acknowledged} acknowledged, ${kinds}`);
  return all.slice(expected.length);
}

const CRASH = new DOMException('the tab has died', 'TestCrash');

const FILE_STEPS = () => {
  const { prototype } = FileSystemSyncAccessHandle;
  return [[prototype, 'write'], [prototype, 'truncate'], [prototype, 'flush']];
};
const DATABASE_STEPS = () => [
  [IDBDatabase.prototype, 'transaction'],
  [FileSystemFileHandle.prototype, 'createWritable'],
  [FileSystemDirectoryHandle.prototype, 'removeEntry'],
];

/** Lets functions fail from the call on that has this number, all of them counted together. */
function breakAt(steps, step, half) {
  let calls = 0;
  for (const [prototype, name] of steps()) {
    const original = prototype[name];
    prototype[name] = function broken(...args) {
      const [bytes] = args;
      const isRead = name === 'transaction' && (args[1] ?? 'readonly') === 'readonly';
      const isStep = !isRead && (!half || name === 'write');
      calls += isStep ? 1 : 0;
      if (isStep && half && calls === step) {
        original.call(this, bytes.subarray(0, bytes.length / 2), args[1]);
      }
      if (calls >= step) throw CRASH;
      return original.apply(this, args);
    };
  }
  return () => calls;
}
