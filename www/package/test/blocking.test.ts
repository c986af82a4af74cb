/** Reads that wait: who is served, when, and what a read that is called off leaves behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSettled, openDatabase } from './support.js';

const tail = { key: 's', id: '$' };

test('a blocked read is served by an entry', async () => {
  const { client, database } = await openDatabase();
  const reader = database.client();
  const read = reader.xRead(tail, { BLOCK: 0 });
  assert.equal(await isSettled(read), false);
  assert.equal(database.statistics().blockedReaders, 1);
  const id = await client.xAdd('s', '*', { a: '1' });
  assert.deepEqual(await read, [{ name: 's', messages: [{ id, message: { a: '1' } }] }]);
  assert.equal(database.statistics().blockedReaders, 0);
  database.close();
});

test('consumers of a group are served first come, first served', async () => {
  const { client, database } = await openDatabase();
  await client.xGroupCreate('s', 'g', '$', { MKSTREAM: true });
  const read = (name: string) =>
    database.client().xReadGroup('g', name, { key: 's', id: '>' }, { BLOCK: 0, COUNT: 1 });
  const [first, second] = [read('alice'), read('bob')];
  await client.xAdd('s', '1-1', { a: '1' });
  assert.equal((await first)?.[0]?.messages[0]?.id, '1-1');
  assert.equal(await isSettled(second), false);
  await client.xAdd('s', '1-2', { a: '1' });
  assert.equal((await second)?.[0]?.messages[0]?.id, '1-2');
  database.close();
});

test('a wait ends at its time, neither before nor after', async () => {
  const { clock, client, database } = await openDatabase();
  const read = client.xRead(tail, { BLOCK: 1000 });
  clock.advance(999);
  assert.equal(await isSettled(read), false);
  clock.advance(1);
  assert.equal(await read, null);
  assert.equal(clock.timers, 0);
  database.close();
});

test('commands behind a blocked read wait, and then run in order', async () => {
  const { client, database } = await openDatabase();
  const reader = database.client();
  const read = reader.xRead(tail, { BLOCK: 0 });
  const length = reader.xLen('s');
  const second = reader.xRead(tail, { BLOCK: 0 });
  const last = reader.xLen('s');
  assert.equal(await isSettled(length), false);
  await client.xAdd('s', '1-1', { a: '1' });
  assert.equal((await read)?.[0]?.messages.length, 1);
  assert.equal(await length, 1);
  assert.equal(await isSettled(second), false);
  await client.xAdd('s', '1-2', { a: '1' });
  assert.equal((await second)?.[0]?.messages[0]?.id, '1-2');
  assert.equal(await last, 2);
  database.close();
});

test('an aborted read has delivered nothing', async () => {
  const { client, database } = await openDatabase();
  await client.xGroupCreate('s', 'g', '$', { MKSTREAM: true });
  const abort = new AbortController();
  const reader = database.client();
  const read = reader.xReadGroup(
    'g',
    'alice',
    { key: 's', id: '>' },
    { BLOCK: 0, signal: abort.signal },
  );
  const behind = reader.xLen('s');
  abort.abort(new Error('changed my mind'));
  await assert.rejects(read, (error: Error) => {
    assert.equal(error.name, 'AbortError');
    assert.equal((error.cause as Error).message, 'changed my mind');
    return true;
  });
  assert.equal(await behind, 0);
  await client.xAdd('s', '1-1', { a: '1' });
  assert.equal((await client.xPending('s', 'g')).pending, 0);
  const [stream] = (await reader.xReadGroup('g', 'alice', { key: 's', id: '>' })) ?? [];
  assert.deepEqual(stream?.messages, [{ id: '1-1', message: { a: '1' } }]);
  database.close();
});

test('an aborted command in the queue never runs', async () => {
  const { client, database } = await openDatabase();
  const abort = new AbortController();
  const reader = database.client();
  const read = reader.xRead(tail, { BLOCK: 0 });
  const queued = reader.withAbortSignal(abort.signal).xAdd('other', '1-1', { a: '1' });
  abort.abort();
  await assert.rejects(queued, { name: 'AbortError' });
  await client.xAdd('s', '1-1', { a: '1' });
  await read;
  assert.equal(await client.exists('other'), 0);
  await assert.rejects(reader.withAbortSignal(abort.signal).ping(), { name: 'AbortError' });
  database.close();
});

test('a signal that fires after the reply changes nothing', async () => {
  const { client, database } = await openDatabase();
  const abort = new AbortController();
  const reader = database.client();
  const read = reader.xRead(tail, { BLOCK: 0, signal: abort.signal });
  const added = client.xAdd('s', '1-1', { a: '1' });
  abort.abort();
  assert.equal((await read)?.[0]?.messages[0]?.id, '1-1');
  await added;
  assert.equal(await reader.xLen('s'), 1);
  database.close();
});

test('closing a client ends its read; closing the database ends all', async () => {
  const { client, database } = await openDatabase();
  const [first, second] = [database.client(), database.client()];
  const reads = [first.xRead(tail, { BLOCK: 0 }), second.xRead(tail, { BLOCK: 0 })];
  const queued = first.xLen('s');
  await first.close();
  await assert.rejects(reads[0] as Promise<unknown>, { name: 'ConnectionClosedError' });
  await assert.rejects(queued, { name: 'ConnectionClosedError' });
  assert.equal(database.statistics().blockedReaders, 1);
  database.close();
  await assert.rejects(reads[1] as Promise<unknown>, { name: 'ConnectionClosedError' });
  await assert.rejects(client.ping(), { name: 'ConnectionClosedError' });
  assert.throws(() => database.client(), { name: 'ConnectionClosedError' });
});

test('CLIENT UNBLOCK and CLIENT KILL reach a client in process', async () => {
  const { client, database } = await openDatabase();
  const reader = database.client();
  const id = await reader.clientId();
  const timedOut = reader.xRead(tail, { BLOCK: 0 });
  assert.equal(await client.clientUnblock(id), 1);
  assert.equal(await timedOut, null);
  const failed = reader.xRead(tail, { BLOCK: 0 });
  assert.equal(await client.clientUnblock(id, 'ERROR'), 1);
  await assert.rejects(failed, { name: 'ReplyError', code: 'UNBLOCKED' });
  const killed = reader.xRead(tail, { BLOCK: 0 });
  assert.equal(await client.clientKill({ filter: 'ID', id }), 1);
  await assert.rejects(killed, { name: 'ConnectionClosedError' });
  await assert.rejects(reader.ping(), { name: 'ConnectionClosedError' });
  database.close();
});

test('a key expires on time without anyone asking', async () => {
  const { clock, client, database } = await openDatabase();
  await client.set('k', 'v', { expiration: { type: 'PX', value: 500 } });
  // As in Redis, a key lives through the millisecond in which it expires.
  clock.advance(500);
  assert.equal(await client.exists('k'), 1);
  clock.advance(1);
  assert.equal(database.statistics().keys, 0, 'the timer has ticked');
  assert.equal(await client.exists('k'), 0);
  database.close();
});
