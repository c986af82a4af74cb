/** The one alarm of an object: for whoever waits behind a socket, and for a class that extends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/until.mjs';
import { World } from './world.mjs';

test('one alarm is for all, and moved only when it must be', async () => {
  const world = new World();
  try {
    const clients = await Promise.all(Array.from({ length: 4 }, () => world.connect()));
    const [first, second, third, forever] = clients;
    await world.run(['XADD', 's', '1-0', 'a', '1']);
    const cost = await world.cost(async () => {
      const begun = Date.now();
      const waited = async (client) => [await client.next(), Date.now() - begun];
      first.send('XREAD', 'BLOCK', 2000, 'STREAMS', 's', '$');
      forever.send('XREAD', 'BLOCK', 0, 'STREAMS', 's', '$');
      await world.blocked(2);
      // It is earlier than this one's end, and rings for it after it has for the first.
      second.send('XREAD', 'BLOCK', 3000, 'STREAMS', 's', '$');
      await world.blocked(3);
      await world.run(4000, 'all', 'work');
      for (const [client, time] of [[first, 2000], [second, 3000]]) {
        const [reply, took] = await waited(client);
        assert.equal(reply, null);
        assert.ok(took >= time, `${took} ms`);
      }
      await until('its own work is done', async () => (await world.counts()).worked > 0);
      // This one is earlier than what is set, which is nothing.
      third.send('XREAD', 'BLOCK', 1, 'STREAMS', 's', '$');
      assert.equal(await third.next(), null);
    });
    // One that rings a millisecond early is set once more.
    assert.ok(cost.alarms >= 4 && cost.alarms <= 6, `${cost.alarms} alarms`);
    assert.equal(cost.written, 0);
    await world.run(['XADD', 's', '2-0', 'a', '2']);
    assert.deepEqual(await forever.next(), [['s', [['2-0', ['a', '2']]]]]);
  } finally {
    await world.end();
  }
});

test('a read that claims is woken by time, when nobody does anything', async () => {
  const world = new World();
  try {
    const read = (consumer, ...rest) =>
      ['XREADGROUP', 'GROUP', 'g', consumer, ...rest, 'STREAMS', 's', '>'];
    await world.run(['XADD', 's', '1-0', 'a', '1']);
    await world.run(['XGROUP', 'CREATE', 's', 'g', '0']);
    await world.run(read('gone'));
    const client = await world.connect();
    const cost = await world.cost(async () => {
      client.send(...read('there', 'BLOCK', 0, 'CLAIM', 500));
      const [[key, [[id]]]] = await client.next();
      assert.deepEqual([key, id], ['s', '1-0']);
    });
    assert.ok(cost.rings >= 1);
  } finally {
    await world.end();
  }
});

test('a reader that waits costs nothing while it does, and no more than the entry', async () => {
  const world = new World();
  try {
    const client = await world.connect();
    const cost = await world.cost(async () => {
      for (let i = 1; i <= 20; i++) {
        client.send('XREAD', 'BLOCK', 60_000, 'STREAMS', 's', '$');
        await world.blocked(1);
        await world.run(['XADD', 's', `${i}-0`, 'a', '1']);
        assert.equal((await client.next())[0][0], 's');
      }
    });
    // Twenty frames of XADD, and one setting of the alarm: it stands for all that wait as long.
    assert.deepEqual([cost.written, cost.alarms, cost.rings], [20, 1, 0]);
  } finally {
    await world.end();
  }
});
