/** An engine whose memory was destroyed: everyone is told, nobody hangs, the next one works. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentInstance } from '#dist/engine/instance.js';
import { MemoryStore } from '#dist/storage/memory.js';
import { Brooklet, type Client } from 'brooklet';

const failed = { name: 'EngineFailure', message: /the engine failed and cannot be used/ };

/** Has the next command trap, which every engine of the instance shares. */
function destroy(): void {
  const memory = currentInstance()?.memory;
  assert.ok(memory);
  new Uint8Array(memory.buffer).fill(0xff);
}

async function trap(client: Client): Promise<void> {
  destroy();
  await assert.rejects(client.xAdd('s', '1-2', { a: '1' }), failed);
}

test('after a trap every command rejects, and every wait ends', async () => {
  const [database, other] = [await Brooklet.create(), await Brooklet.create()];
  const client = database.client();
  const reading = other.client();
  await client.xAdd('s', '1-1', { a: '1' });
  const blocked = reading.xRead({ key: 's', id: '$' }, { BLOCK: 0 });
  const queued = reading.ping();
  const failures: Error[] = [];
  database.connectResp({ onOutput: () => undefined, onFailure: (error) => failures.push(error) });

  await trap(client);
  await assert.rejects(blocked, failed);
  await assert.rejects(queued, failed);
  await assert.rejects(client.ping(), failed);
  assert.throws(() => other.client(), failed);
  assert.throws(() => other.statistics(), failed);
  assert.deepEqual(failures.map(({ name }) => name), ['EngineFailure']);
  await database.close();
  await other.close();
});

test('a database that is opened after a trap works, and those before it stay refused', async () => {
  const before = await Brooklet.create();
  const old = before.client();
  await old.xAdd('s', '1-1', { a: '1' });
  await trap(old);

  const after = await Brooklet.create();
  const client = after.client();
  assert.equal(await client.xLen('s'), 0);
  assert.equal(await client.xAdd('s', '1-1', { a: '1' }), '1-1');
  const sync = Brooklet.createSync().client();
  assert.equal(await sync.xAdd('s', '1-1', { a: '1' }), '1-1');
  await assert.rejects(old.xLen('s'), failed);
  assert.throws(() => before.client(), failed);
  await before.close();
  assert.equal(await client.xLen('s'), 1);

  // The next one is as good a failure as the first.
  await trap(client);
  await assert.rejects(sync.ping(), failed);
  assert.equal(await Brooklet.createSync().client().ping(), 'PONG');
});

test('a durable database comes back with what was acknowledged, and no more', async () => {
  const store = new MemoryStore();
  const database = await Brooklet.open('jobs', { storage: store });
  const failures: Error[] = [];
  database.on('failed', (error) => failures.push(error));
  const client = database.client();
  await client.xGroupCreate('s', 'g', '$', { MKSTREAM: true });
  await client.xAdd('s', '1-1', { a: '1' });
  await client.xReadGroup('g', 'c', { key: 's', id: '>' });
  // In the engine, not in the journal: nobody was told of it.
  const unacknowledged = client.xAdd('s', '1-2', { a: '1' });
  destroy();
  await assert.rejects(client.xAdd('s', '1-3', { a: '1' }), failed);
  await assert.rejects(unacknowledged, failed);
  assert.deepEqual(failures.map(({ name }) => name), ['EngineFailure']);
  await database.close();

  const again = await Brooklet.open('jobs', { storage: store });
  const reader = again.client();
  assert.equal(await reader.xLen('s'), 1);
  assert.equal((await reader.xPending('s', 'g')).pending, 1);
  await again.close();
});
