/** An engine whose memory was destroyed: everyone is told, nobody hangs, nothing goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentInstance } from '#dist/engine/instance.js';
import { Brooklet } from 'brooklet';

test('after a trap every command rejects, and every wait ends', async () => {
  const [database, other] = [await Brooklet.create(), await Brooklet.create()];
  const client = database.client();
  const reading = other.client();
  await client.xAdd('s', '1-1', { a: '1' });
  const blocked = reading.xRead({ key: 's', id: '$' }, { BLOCK: 0 });
  const queued = reading.ping();
  const failures: Error[] = [];
  database.connectResp({ onOutput: () => undefined, onFailure: (error) => failures.push(error) });

  const memory = currentInstance()?.memory;
  assert.ok(memory);
  new Uint8Array(memory.buffer).fill(0xff);

  const failed = { name: 'EngineFailure', message: /the engine failed and cannot be used/ };
  await assert.rejects(client.xAdd('s', '1-2', { a: '1' }), failed);
  await assert.rejects(blocked, failed);
  await assert.rejects(queued, failed);
  await assert.rejects(client.ping(), failed);
  await assert.rejects(Brooklet.create(), failed);
  assert.throws(() => other.client(), failed);
  assert.throws(() => other.statistics(), failed);
  assert.deepEqual(failures.map(({ name }) => name), ['EngineFailure']);
  database.close();
  other.close();
});
