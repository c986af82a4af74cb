/** StreamsObject in workerd: what it keeps, through restarts in the middle of work. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World } from './world.mjs';

test('what was answered is there after a restart, group and pending entries too', async () => {
  const world = new World();
  try {
    await world.run(['XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM']);
    const added = await Promise.all(
      Array.from({ length: 200 }, (_, i) => world.run(['XADD', 's', '*', 'i', i])),
    );
    const read = ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 5, 'STREAMS', 's', '>'];
    const [[, delivered]] = await world.run(read);
    await world.run(['XACK', 's', 'g', delivered[0][0]]);
    await world.restart();
    assert.equal(await world.run(['XLEN', 's']), 200);
    const entries = await world.run(['XRANGE', 's', '-', '+']);
    assert.deepEqual(new Set(entries.map(([id]) => id)), new Set(added));
    const pending = await world.run(['XPENDING', 's', 'g', '-', '+', 10]);
    assert.deepEqual(pending.map(([id]) => id), delivered.slice(1).map(([id]) => id));
    assert.match(await world.run(['INFO', 'persistence']), /aof_enabled:1/);
    assert.equal(await world.run(['EXISTS', 's'], 'another'), 0);
  } finally {
    await world.end();
  }
});

test('a restart in the middle of work loses nothing that was answered', async () => {
  const world = new World();
  try {
    const answered = [];
    for (let round = 0; round < 3; round++) {
      const working = Array.from({ length: 20 }, async (_, worker) => {
        for (let i = 0; i < 50; i++) {
          answered.push(await world.run(['XADD', 's', '*', 'w', worker]));
        }
      });
      const ended = Promise.allSettled(working);
      while (answered.length < round * 200 + 100) await new Promise(setImmediate);
      await world.restart();
      await ended;
      const there = new Set((await world.run(['XRANGE', 's', '-', '+'])).map(([id]) => id));
      for (const id of answered) assert.ok(there.has(id), id);
    }
  } finally {
    await world.end();
  }
});

test('two Workers share a group: one wakes the other, and an entry goes to one alone', async () => {
  const world = new World();
  const other = (command) => world.run(command, 'all', '', 'other');
  try {
    await world.run(['XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM']);
    const read = (consumer, ...block) =>
      ['XREADGROUP', 'GROUP', 'g', consumer, 'COUNT', 1, ...block, 'STREAMS', 's', '>'];
    const waiting = other(read('there', 'BLOCK', 0));
    const isBlocked = async () => /blocked_clients:1/.test(await world.run(['INFO', 'clients']));
    while (!(await isBlocked())) await new Promise(setImmediate);
    await world.run(['XADD', 's', '1-0', 'a', '1']);
    assert.deepEqual(await waiting, [['s', [['1-0', ['a', '1']]]]]);
    const jobs = Array.from({ length: 100 }, (_, i) => `${i + 2}-0`);
    for (const id of jobs) await world.run(['XADD', 's', id, 'a', '1']);
    const taken = { main: [], other: [] };
    const work = async (through) => {
      for (;;) {
        const found = await world.run(read(through), 'all', '', through);
        if (found === null) return;
        const [[, [[id]]]] = found;
        taken[through].push(id);
        await world.run(['XACK', 's', 'g', id], 'all', '', through);
      }
    };
    await Promise.all([work('main'), work('other')]);
    assert.ok(taken.main.length > 0 && taken.other.length > 0);
    const all = [...taken.main, ...taken.other];
    assert.deepEqual(all.map(parseFloat).sort((a, b) => a - b), jobs.map(parseFloat));
  } finally {
    await world.end();
  }
});

// Turns were messages of a channel, one port of which nobody but the other one held: workerd lets
// that be collected, and drops the messages. An object that lived for some minutes, or had a million
// entries added, answered nothing any more.
test('an object goes on when garbage has been collected', async () => {
  const world = new World();
  try {
    await world.run(['XADD', 's', '1-0', 'a', '1']);
    await world.run([], 'all', 'litter');
    assert.equal(await world.run(['XADD', 's', '2-0', 'a', '1']), '2-0');
    await world.run(['BGREWRITEAOF']);
    while ((await world.counts()).baseRows === 0) await new Promise(setImmediate);
  } finally {
    await world.end();
  }
});

test('an object that is full says so, lets go of data, and then takes some again', async () => {
  const world = new World();
  try {
    await world.run(['XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM']);
    const value = 'x'.repeat(4 << 20);
    const add = () => world.run(['XADD', 's', '*', 'x', value]);
    for (let i = 0; i < 8; i++) await add();
    await assert.rejects(add(), {
      message: "OOM command not allowed when used memory > 'maxmemory'.",
    });
    await world.restart();
    assert.equal(await world.run(['XLEN', 's']), 8);
    const read = ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 1, 'STREAMS', 's', '>'];
    const [[, [[id]]]] = await world.run(read);
    assert.equal(await world.run(['XACK', 's', 'g', id]), 1);
    await world.run(['XTRIM', 's', 'MAXLEN', 2]);
    await add();
  } finally {
    await world.end();
  }
});

test('a journal is rewritten, and large values are rows of a size that SQLite takes', async () => {
  const world = new World();
  try {
    await world.run(['XADD', 's', '1-0', 'large', 'x'.repeat(5_000_000)]);
    for (let i = 1; i <= 20; i++) await world.run(['XADD', 's', `2-${i}`, 'i', i]);
    await world.run(['XTRIM', 's', 'MAXLEN', 10]);
    await world.run(['BGREWRITEAOF']);
    const isDone = async () =>
      /aof_rewrite_in_progress:0/.test(await world.run(['INFO', 'persistence']));
    while (!(await isDone())) await new Promise(setImmediate);
    await world.run(['XADD', 's', '3-0', 'after', 1]);
    await world.restart();
    assert.equal(await world.run(['XLEN', 's']), 11);
    await world.run(['XADD', 's', '4-0', 'large', 'y'.repeat(3_000_000)]);
    await world.restart();
    assert.equal((await world.run(['XREVRANGE', 's', '+', '-', 'COUNT', 1]))[0][1][1].length, 3e6);
  } finally {
    await world.end();
  }
});
