/** Rewriting the journal: beside the work that goes on, and when there is no room. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { MemoryStore } from '#dist/storage/memory.js';
import { FencedError, StoreError, StoreFullError, type Database } from 'brooklet';
import { bytesOf, openDurable, TestStore } from './durable-support.js';
import { ManualClock } from './support.js';

/** Many entries, of which one is left. */
async function churn(database: Database): Promise<void> {
  const client = database.client();
  const value = 'v'.repeat(500);
  await Promise.all(
    Array.from({ length: 2000 }, () => client.xAdd('s', '*', { value }, { TRIM: { strategy: 'MAXLEN', threshold: 1 } })),
  );
  client.close();
}

const rewritten = (database: Database): Promise<number> =>
  new Promise((resolve) => database.on('rewritten', resolve));

test('a rewrite leaves the state, and what happened meanwhile', async () => {
  const store = new MemoryStore();
  const database = await openDurable(store);
  await churn(database);
  const before = bytesOf(store).length;
  const client = database.client();
  const [, told] = await Promise.all([database.rewrite(), rewritten(database), client.set('k', 'v')]);
  assert.ok(told < before / 100, `${told} of ${before} bytes`);
  assert.deepEqual([database.storage?.bytes, told], [bytesOf(store).length, bytesOf(store).length]);
  assert.deepEqual(store.files.map(({ kind }) => kind), ['base', 'increment']);
  await client.set('l', 'w');
  const length = await client.xLen('s');
  await database.close();
  const again = await openDurable(store);
  const found = again.client();
  assert.deepEqual([await found.get('k'), await found.get('l'), await found.xLen('s')], ['v', 'w', length]);
  await again.close();
});

test('work goes on while a large base is written', async () => {
  const store = new MemoryStore();
  const database = await openDurable(store, { durability: 'no' });
  const client = database.client();
  const value = 'v'.repeat(100_000);
  for (let key = 0; key < 60; key += 1) await client.set(`${key}`, value);
  let done = false;
  const rewriting = database.rewrite().finally(() => (done = true));
  let during = 0;
  while (!done) {
    await client.incr('n');
    during += 1;
  }
  await rewriting;
  assert.ok(during > 10, `${during} commands ran meanwhile`);
  assert.equal(database.storage?.bytes, bytesOf(store).length);
  await database.close();
  const again = await openDurable(store);
  assert.equal(await again.client().get('n'), `${during}`);
  assert.equal(await again.client().dbSize(), 61);
  await again.close();
});

test('BGREWRITEAOF and growth begin one', async () => {
  const store = new MemoryStore();
  const database = await openDurable(store);
  const client = database.client();
  await churn(database);
  const asked = rewritten(database);
  const started = 'Background append only file rewriting started';
  assert.equal(await client.sendCommand(['BGREWRITEAOF']), started);
  assert.ok((await asked) < 10_000);
  await client.configSet('auto-aof-rewrite-min-size', '100kb');
  const grown = rewritten(database);
  await churn(database);
  await grown;
  const info = await client.info('persistence');
  assert.match(info, /aof_rewrites:2\r\n/);
  assert.match(info, /aof_last_bgrewrite_status:ok\r\n/);
  await database.close();
});

test('a base that finds no room is given up, and the journal goes on', async () => {
  const store = new TestStore();
  const database = await openDurable(store);
  const client = database.client();
  const value = 'v'.repeat(1_000_000);
  await client.set('k', value);
  for (const step of ['begin', 'write', 'commit'] as const) {
    store.baseFailure = { step, error: new StoreFullError('no room') };
    await assert.rejects(database.rewrite(), StoreFullError);
    assert.match(await client.info('persistence'), /aof_last_bgrewrite_status:err\r\n/);
    await client.incr('n');
  }
  assert.equal(store.aborted, 2);
  await database.rewrite();
  assert.match(await client.info('persistence'), /aof_last_bgrewrite_status:ok\r\n/);
  await database.close();
  const again = await openDurable(store);
  assert.deepEqual([await again.client().get('n'), await again.client().get('k')], ['3', value]);
  await again.close();
});

test('a base whose end is not known, or that was overtaken, stops the database', async () => {
  const cases = [
    { step: 'commit', error: new StoreError('the disk is gone') },
    { step: 'begin', error: new StoreError('the disk is gone') },
    { step: 'write', error: new FencedError('overtaken') },
  ] as const;
  for (const failure of cases) {
    const store = new TestStore();
    const database = await openDurable(store);
    await database.client().set('k', 'v');
    store.baseFailure = failure;
    await assert.rejects(database.rewrite(), failure.error);
    assert.equal(database.storage?.failure, failure.error);
    await database.close();
    const again = await openDurable(store);
    assert.equal(await again.client().get('k'), 'v');
    await again.close();
  }
});

test('closing gives a rewrite up', async () => {
  const store = new TestStore();
  const database = await openDurable(store);
  const client = database.client();
  for (let key = 0; key < 20; key += 1) await client.set(`${key}`, 'v'.repeat(100_000));
  const rewriting = database.rewrite();
  await setImmediate();
  await Promise.all([
    assert.rejects(rewriting, { name: 'StoreError', message: /was closed before/ }),
    database.close(),
  ]);
  const again = await openDurable(store);
  assert.equal(await again.client().dbSize(), 20);
  await again.close();
});

test('without room what adds data is refused, what makes room goes on', async () => {
  const store = new TestStore();
  const database = await openDurable(store);
  const events: string[] = [];
  database.on('full', () => events.push('full'));
  database.on('roomAgain', () => events.push('roomAgain'));
  const client = database.client();
  await client.xGroupCreate('s', 'g', '$', { MKSTREAM: true });
  store.full = true;
  store.baseFailure = { step: 'write', error: new StoreFullError('no room') };
  await client.xAdd('s', '1-1', { f: 'the frame that reached the reserve' });
  assert.equal(database.storage?.full, true);
  await assert.rejects(client.xAdd('s', '1-2', { f: 'v' }), {
    message: 'MISCONF Errors writing to the AOF file: No space left on device',
  });
  assert.equal((await client.xReadGroup('g', 'c', { key: 's', id: '>' }))?.length, 1);
  assert.equal(await client.xAck('s', 'g', '1-1'), 1);
  assert.equal(await client.xDel('s', '1-1'), 1);
  store.full = false;
  await database.rewrite();
  assert.deepEqual(events, ['full', 'roomAgain']);
  await client.xAdd('s', '1-2', { f: 'v' });
  await database.close();
});

test('a store that is full is asked again, though nothing is appended', async () => {
  const store = new TestStore();
  const clock = new ManualClock();
  const database = await openDurable(store, { clock });
  const client = database.client();
  store.full = true;
  store.baseFailure = { step: 'begin', error: new StoreFullError('no room') };
  await client.set('k', 'the frame that reached the reserve');
  await assert.rejects(client.set('k', 'v'), { message: /^MISCONF/ });
  store.full = false;
  clock.advance(1_000);
  assert.equal(await client.set('k', 'v'), 'OK');
  await database.close();
});
