/** What jobs cost: rows, which are paid for, over HTTP and behind a WebSocket. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World } from './world.mjs';

const JOBS = 100;
const read = ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', JOBS, 'STREAMS', 's', '>'];
const ids = (round) => Array.from({ length: JOBS }, (_, i) => `${round}-${i}`);
const adds = (round) => ids(round).map((id, i) => ['XADD', 's', id, 'i', i]);
const acks = (round) => ids(round).map((id) => ['XACK', 's', 'g', id]);

test('a job is three rows, or three for a hundred jobs in pipelines; no alarm', async () => {
  const world = new World();
  try {
    await world.run(['XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM']);
    await world.run(['XGROUP', 'CREATECONSUMER', 's', 'g', 'c']);
    const socket = await world.connect();
    const ways = {
      http: {
        run: (command) => world.run(command),
        all: (commands) => world.run(commands, 'all', 'pipeline'),
      },
      socket: {
        run: (command) => socket.run(...command),
        all: (commands) => socket.all(commands),
      },
    };
    let round = 0;
    const costs = {};
    for (const [name, { run, all }] of Object.entries(ways)) {
      costs[name] = await world.cost(async () => {
        const [added, acked] = [adds(++round), acks(round)];
        for (let i = 0; i < JOBS; i++) {
          await run(added[i]);
          await run(read);
          await run(acked[i]);
        }
      });
      costs[`${name}, pipelines`] = await world.cost(async () => {
        await all(adds(++round));
        await run(read);
        await all(acks(round));
      });
    }
    for (const [name, { written, read, alarms, rings }] of Object.entries(costs)) {
      const frames = name.endsWith('pipelines') ? 3 : 3 * JOBS;
      assert.deepEqual([written, alarms, rings], [frames, 0, 0], name);
      // Whose journal it is, and what its last row has.
      assert.ok(read <= 2 * frames, `${name}: ${read} rows read`);
    }
  } finally {
    await world.end();
  }
});
