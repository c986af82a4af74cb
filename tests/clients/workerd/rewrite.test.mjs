/** The journal of an object is rewritten by its alarm, and what breaks that loses nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/until.mjs';
import { World } from './world.mjs';

const ENTRY = 'x'.repeat(20_000);

/** Adds entries from `first` on, and nothing else is there: about 20 kB each. */
async function add(world, first, count) {
  const ids = Array.from({ length: count }, (_, i) => `${first + i}-0`);
  for (const id of ids) await world.run(['XADD', 's', id, 'x', ENTRY]);
}

async function ids(world) {
  return (await world.run(['XRANGE', 's', '-', '+'])).map(([id]) => parseFloat(id));
}

/** Resolves to what it was when `condition` held for it. */
async function countsWhen(world, condition) {
  let counts;
  await until('the journal was rewritten', async () => condition((counts = await world.counts())));
  return counts;
}

test('when it has grown by a megabyte the alarm rewrites it, once', async () => {
  const world = new World();
  try {
    await add(world, 1, 50);
    const before = await world.counts();
    assert.deepEqual([before.alarms, before.baseRows], [0, 0]);
    await world.run(['XTRIM', 's', 'MAXLEN', '2']);
    await add(world, 51, 10);
    const after = await countsWhen(world, ({ baseRows }) => baseRows > 0);
    assert.equal(after.alarms, 1);
    assert.ok(after.rows < before.rows, `${after.rows} rows instead of ${before.rows}`);
    await world.restart();
    assert.equal((await ids(world)).length, 12);
    const { written, read, rows, alarms } = await world.counts();
    assert.deepEqual([written, alarms], [1, 0], 'what it costs to begin');
    assert.ok(read <= 2 * rows + 10, `${read} rows read to begin with ${rows}`);
  } finally {
    await world.end();
  }
});

test('what breaks it in the middle loses nothing, and it is done all the same', async () => {
  const world = new World();
  try {
    await add(world, 1, 40);
    await world.run(['XGROUP', 'CREATE', 's', 'g', '0']);
    await world.run(['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 3, 'STREAMS', 's', '>']);
    const { begun } = await world.counts();
    await world.run(2, 'all', 'break');
    // One of them is not answered: the object is gone.
    let last = 40;
    while (last < 90) {
      const added = await add(world, last + 1, 1).then(() => true, () => false);
      if (added) last += 1;
      else if ((await ids(world)).includes(last + 1)) last += 1;
    }
    const done = await countsWhen(world, ({ baseRows, rows }) => baseRows > 1 && rows < 60);
    assert.ok(done.begun > begun, 'it was broken');
    assert.deepEqual(await ids(world), Array.from({ length: last }, (_, i) => i + 1));
    await world.restart();
    assert.deepEqual(await ids(world), Array.from({ length: last }, (_, i) => i + 1));
    assert.equal((await world.run(['XPENDING', 's', 'g']))[0], 3);
  } finally {
    await world.end();
  }
});
