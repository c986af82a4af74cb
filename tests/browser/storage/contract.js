/** What every store must do: a list of stories, each told to one store at a time. */
import {
  begin, bytesOf, contentOf, equal, failure, forget, frame, join, storeOf, wipe,
} from './kit.js';

const text = (bytes) => new TextDecoder().decode(bytes);
const frames = (from, to, length) =>
  Array.from({ length: to - from }, (_, index) => frame(from + index, length));
const textOf = (...all) => text(join(all.flat()));

async function append(open, all) {
  for (const one of all) await open.append(one);
}

/** Tells one story. */
export function tell({ story, kind }) {
  const name = `a store, with "strange" / names: ${story}`;
  return STORIES[story]({ kind, name, store: storeOf(kind, name) });
}

/** The names of all stories. */
export const stories = () => Object.keys(STORIES);

const STORIES = {
  async 'a new store is empty, and its epoch grows with each opening'({ store }) {
    for (const epoch of [1, 2, 3]) {
      const { open, content } = await begin(store);
      equal([open.epoch, open.full, content.kinds], [epoch, false, []]);
      await open.close();
    }
  },

  async 'frames come back as they were appended, small and large'({ store }) {
    const large = [frame(300, 59_999), frame(301, 61_441), frame(302, 3_000_000)];
    const all = [...frames(0, 300), ...large];
    const { open } = await begin(store);
    await append(open, all);
    await open.close();
    const again = await begin(store);
    equal(again.content.kinds, ['increment']);
    if (again.content.all !== textOf(all)) throw new Error('the bytes differ');
    await append(again.open, frames(303, 305));
    await again.open.close();
    const { content } = await begin(store);
    equal(content.all.slice(-80), textOf(frames(303, 305)));
  },

  async 'a frame that lies in a larger buffer is kept without the rest of it'({ store }) {
    const { open } = await begin(store);
    await open.append(join(frames(0, 9)).subarray(40, 80));
    await open.close();
    equal((await begin(store)).content.all, textOf([frame(1)]));
  },

  async 'what a confirmed append said stays, with every durability'({ store }) {
    const written = [];
    for (const durability of ['always', 'everysec', 'no']) {
      const { open } = await begin(store, durability);
      equal(open.survives, durability === 'always' ? 'power loss' : 'process crash');
      written.push(...frames(written.length, written.length + 5));
      await append(open, written.slice(-5));
      await open.close();
    }
    equal((await begin(store)).content.all, textOf(written));
  },

  async 'the end of the last file is cut off where it is told to'({ store }) {
    for (const [index, end] of [70, 41, 40, 3, 0].entries()) {
      const { open } = await begin(store);
      await append(open, frames(0, 4));
      await open.close();
      const cut = await store.open('always');
      await cut.start(cut.epoch, end);
      await cut.append(frame(99));
      await cut.close();
      const { open: last, content } = await begin(store);
      const length = (last.files.at(-1)?.bytes ?? 0) - 40;
      const expected = textOf(frames(0, 4)).slice(0, end) + textOf([frame(99)]);
      equal([length, content.all], [end, expected], index);
      await last.start(last.epoch, 0);
      await last.close();
    }
  },

  async 'the epoch is the one that it was told, if that is higher'({ store }) {
    const first = await store.open('always');
    await first.start(41, 0);
    await first.append(frame(1));
    await first.close();
    equal((await store.open('always')).epoch, 42);
  },

  async 'a new base takes the place of all before it'({ store }) {
    const { open } = await begin(store);
    await append(open, frames(0, 10));
    const base = await open.beginBase();
    await append(open, frames(10, 12));
    await base.write(frame(500, 100));
    await open.append(frame(12));
    await base.write(frame(501, 400_000));
    await base.write(frame(502, 70));
    await base.commit();
    await append(open, frames(13, 15));
    await open.close();
    const { content, open: again } = await begin(store);
    equal(content.kinds, ['base', 'increment']);
    equal(content.texts[0], textOf(frame(500, 100), frame(501, 400_000), frame(502, 70)));
    equal(content.texts[1], textOf(frames(10, 15)));
    await append(again, frames(15, 16));
    await again.close();
    equal((await begin(store)).content.texts[1], textOf(frames(10, 16)));
  },

  async 'a base that was given up changes nothing, and the next one does'({ store }) {
    const { open } = await begin(store);
    await append(open, frames(0, 4));
    for (const round of [1, 2]) {
      const base = await open.beginBase();
      await base.write(frame(600 + round, 300_000));
      await append(open, frames(4 * round, 4 * round + 4));
      await base.abort();
    }
    await open.close();
    const { open: again, content } = await begin(store);
    equal([...new Set(content.kinds)], ['increment']);
    equal(content.all, textOf(frames(0, 12)));
    for (const round of [3, 4, 5]) {
      const base = await again.beginBase();
      await base.write(frame(600 + round));
      await append(again, frames(4 * round, 4 * round + 4));
      await base.commit();
    }
    await again.close();
    const { content: last } = await begin(store);
    equal(last.texts, [textOf([frame(605)]), textOf(frames(20, 24))]);
  },

  async 'a store can be opened again and again in the middle of a rewrite'({ store }) {
    const all = [];
    for (let round = 0; round < 4; round += 1) {
      const { open, content } = await begin(store);
      equal(content.all, textOf(all), `round ${round}`);
      const base = await open.beginBase();
      await base.write(frame(700, 100_000));
      all.push(...frames(all.length, all.length + 3));
      await append(open, all.slice(-3));
      await open.close();
    }
    const { open } = await begin(store);
    const base = await open.beginBase();
    await base.write(frame(701));
    await base.commit();
    await open.append(frame(99));
    await open.close();
    equal((await begin(store)).content.all, textOf(frame(701), frame(99)));
  },

  async 'an empty base with nothing behind it is a journal'({ store }) {
    const { open } = await begin(store);
    await open.append(frame(0));
    const base = await open.beginBase();
    await base.write(frame(1));
    await base.commit();
    await open.close();
    const { content, open: again } = await begin(store);
    equal(content.texts, [textOf([frame(1)]), '']);
    await again.append(frame(2));
    await again.close();
    equal((await begin(store)).content.texts, [textOf([frame(1)]), textOf([frame(2)])]);
  },

  async 'nothing is appended after it was closed'({ store }) {
    const { open } = await begin(store);
    await open.close();
    await open.close();
    equal((await failure(open.append(frame(0)))).name, 'StoreError');
    equal((await begin(store)).content.all, '');
  },

  async 'of two writers only one writes'({ store, kind }) {
    const { open: older } = await begin(store);
    await older.append(frame(0));
    if (kind === 'opfs') {
      equal((await failure(store.open('always'))).name, 'StoreBusyError');
      await older.append(frame(1));
      await older.close();
      equal((await begin(store)).content.all, textOf(frames(0, 2)));
      return;
    }
    const base = await older.beginBase();
    await base.write(frame(500));
    const { open: newer } = await begin(store);
    const late = older.append(frame(66));
    await newer.append(frame(1));
    equal((await failure(late)).name, 'FencedError');
    equal((await failure(older.append(frame(67)))).name, 'FencedError');
    equal((await failure(base.commit())).name, 'FencedError');
    equal((await failure(older.beginBase())).name, 'FencedError');
    await newer.append(frame(2));
    await older.close();
    await newer.close();
    equal((await begin(store)).content.all, textOf(frames(0, 3)));
  },

  async 'an empty store is not taken for a new one'({ store, kind, name }) {
    const { open } = await begin(store);
    await open.append(frame(0));
    await open.close();
    await wipe(kind, name);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const error = await failure(store.open('always'));
      equal(error.name, 'DataLostError');
      if (!/is empty, but .* remembers .*20\d\d-/.test(error.message)) throw error;
    }
    const { open: accepted, content } = await begin(storeOf(kind, name, { acceptDataLoss: true }));
    equal(content.all, '');
    await accepted.append(frame(1));
    await accepted.close();
    equal((await begin(store)).content.all, textOf([frame(1)]));
  },

  async 'a database that is forgotten can begin anew'({ store, kind, name }) {
    const { open } = await begin(store);
    await open.append(frame(0));
    await open.close();
    await forget(kind, name);
    const { content } = await begin(store);
    equal(content.kinds, []);
  },

  async 'files can be read again, and one at a time'({ store }) {
    const { open } = await begin(store);
    await append(open, frames(0, 50, 50_000));
    await open.close();
    const again = await store.open('always');
    const [first, second] = await Promise.all([bytesOf(again.files[0]), contentOf(again)]);
    equal(text(first) === second.all, true);
    for await (const piece of again.files[0].read()) {
      equal(piece.length > 0, true);
      break;
    }
    await again.close();
  },
};
