/** Transactions: together or not at all, typed by what was queued. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MultiErrorReply, ReplyError } from 'brooklet';
import { openDatabase } from './support.js';

test('replies come in order, in the shapes of the client', async () => {
  const { client, database } = await openDatabase();
  const [id, length, entries, raw] = await client
    .multi()
    .xAdd('s', '1-1', { a: '1' })
    .xLen('s')
    .xRange('s', '-', '+')
    .sendCommand(['XINFO', 'STREAM', 's'])
    .exec();
  assert.equal(id, '1-1');
  assert.equal(length + 1, 2);
  assert.deepEqual(entries, [{ id: '1-1', message: { a: '1' } }]);
  assert.equal((raw as { length: number }).length, 1);
  assert.deepEqual(await client.multi().exec(), []);
  database.close();
});

test('a command that fails while running leaves the others done', async () => {
  const { client, database } = await openDatabase();
  await client.set('text', 'x');
  const failing = client.multi().xAdd('s', '1-1', { a: '1' }).xLen('text').xLen('s').exec();
  await assert.rejects(failing, (error: unknown) => {
    assert.ok(error instanceof MultiErrorReply);
    assert.deepEqual(error.errorIndexes, [1]);
    assert.equal(error.replies[0], '1-1');
    assert.ok(error.replies[1] instanceof ReplyError);
    assert.equal(error.replies[1].code, 'WRONGTYPE');
    assert.equal(error.replies[2], 1);
    assert.deepEqual([...error.errors()], [error.replies[1]]);
    return true;
  });
  database.close();
});

test('a command that cannot be queued stops all of them', async () => {
  const { client, database } = await openDatabase();
  const refused = client.multi().xAdd('s', '1-1', { a: '1' }).sendCommand(['NOSUCH']).exec();
  await assert.rejects(refused, { name: 'ReplyError', message: /^ERR unknown command 'NOSUCH'/ });
  assert.equal(await client.exists('s'), 0);
  assert.equal(await client.ping(), 'PONG');
  database.close();
});

test('WATCH stops a transaction whose key has changed', async () => {
  const { client, database } = await openDatabase();
  const other = client.duplicate();
  await client.watch(['a', 'b']);
  await other.set('b', '1');
  await assert.rejects(client.multi().set('a', '2').exec(), { name: 'WatchError' });
  assert.equal(await client.get('a'), null);
  await client.watch('a');
  await other.set('a', '1');
  await client.unwatch();
  assert.deepEqual(await client.multi().incr('a').exec(), [2]);
  database.close();
});

test('nobody comes between the commands of a transaction', async () => {
  const { client, database } = await openDatabase();
  const [replies] = await Promise.all([
    client.multi().set('k', '1').get('k').exec(),
    client.set('k', '2'),
    client.duplicate().set('k', '3'),
  ]);
  assert.deepEqual(replies, ['OK', '1']);
  database.close();
});

test('a pipeline is no transaction', async () => {
  const { client, database } = await openDatabase();
  await client.set('text', 'x');
  assert.deepEqual(await client.multi().incr('n').incr('n').execAsPipeline(), [1, 2]);
  await assert.rejects(client.multi().incr('n').xLen('text').execAsPipeline(), {
    name: 'MultiErrorReply',
    errorIndexes: [1],
  });
  assert.equal(await client.get('n'), '3');
  database.close();
});

test('a duplicate is a session of its own', async () => {
  const { client, database } = await openDatabase();
  await client.select(3);
  const twin = client.duplicate();
  await client.set('k', 'three');
  assert.equal(await twin.get('k'), null);
  assert.notEqual(await twin.clientId(), await client.clientId());
  assert.equal(database.statistics().sessions, 2);
  await twin.close();
  assert.equal(database.statistics().sessions, 1);
  database.close();
});
