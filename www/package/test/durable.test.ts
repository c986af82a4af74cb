/** Durable databases: what comes back, when replies go out, and what stops them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemoryStore } from '#dist/storage/memory.js';
import { Brooklet, FencedError, StoreError, type Database } from 'brooklet';
import { Brooklet as Slim } from 'brooklet/slim';
import { bytesOf, openDurable, storeWith, TestStore } from './durable-support.js';
import { bytes, isSettled, ManualClock } from './support.js';

/** A group with an entry that is pending, one that was acknowledged, one that nobody has read. */
async function work(database: Database): Promise<void> {
  const client = database.client();
  await client.xGroupCreate('s', 'g', '0', { MKSTREAM: true });
  for (const id of ['1-1', '1-2', '1-3']) await client.xAdd('s', id, { f: id });
  await client.xReadGroup('g', 'c', { key: 's', id: '>' }, { COUNT: 2 });
  await client.xAck('s', 'g', '1-1');
  await client.set('k', 'v');
}

async function stateOf(database: Database): Promise<unknown> {
  const client = database.client();
  const state = [
    await client.xRange('s', '-', '+'),
    await client.xInfoGroups('s'),
    await client.xPendingRange('s', 'g', '-', '+', 10),
    await client.get('k'),
  ];
  client.close();
  return state;
}

for (const durability of ['always', 'everysec', 'no'] as const) {
  test(`with ${durability}, everything is there when it is opened again`, async () => {
    const store = new MemoryStore();
    const database = await openDurable(store, { durability });
    await work(database);
    const state = await stateOf(database);
    const info = database.storage;
    assert.equal(info?.durability, durability);
    assert.deepEqual(info?.recovered, { commands: 0, torn: 0 });
    assert.equal(info?.bytes, bytesOf(store).length);
    await database.close();

    const again = await openDurable(store);
    assert.deepEqual(await stateOf(again), state);
    assert.ok((again.storage?.recovered.commands ?? 0) > 5);
    assert.equal(again.storage?.epoch, (info?.epoch ?? 0) + 1);
    await again.client().xAdd('s', '1-4', { f: 'more' });
    await again.close();
    assert.equal(await (await openDurable(store)).client().xLen('s'), 4);
  });
}

test('a reply waits for the frame that it tells of, and everybody else does too', async () => {
  const store = new TestStore();
  const database = await openDurable(store);
  const [writer, reader] = [database.client(), database.client()];
  const blocked = reader.xRead({ key: 's', id: '$' }, { BLOCK: 0 });
  store.held = true;
  const added = writer.xAdd('s', '1-1', { f: 'v' });
  const length = database.client().xLen('s');
  for (const reply of [added, length, blocked]) assert.equal(await isSettled(reply), false);
  assert.equal(store.waiting, 1);
  store.release();
  assert.equal(await added, '1-1');
  assert.equal(await length, 1);
  assert.equal((await blocked)?.[0]?.messages.length, 1);
  assert.equal(await writer.xLen('s'), 1, 'nothing waits any more');
  await database.close();
});

test('what is sent in one turn, or while a frame is on its way, is one frame', async () => {
  const store = new TestStore();
  const database = await openDurable(store);
  const clients = Array.from({ length: 10 }, () => database.client());
  const add = (): Array<Promise<string | null>> =>
    clients.flatMap((client) => [1, 2, 3].map(() => client.xAdd('s', '*', { f: 'v' })));
  store.held = true;
  const first = add();
  assert.equal(await isSettled(Promise.race(first)), false);
  const second = add();
  assert.equal(await isSettled(Promise.race(second)), false);
  assert.equal(store.frames.length, 1);
  store.held = false;
  store.release();
  const ids = await Promise.all([...first, ...second]);
  assert.equal(new Set(ids).size, 60);
  assert.equal(store.frames.length, 2);
  for (const frame of store.frames) assert.equal(frame.match(/XADD/g)?.length, 30);
  await database.close();
});

test('replies of one client come in order, errors and messages among them', async () => {
  const store = new TestStore();
  const database = await openDurable(store);
  const client = database.client();
  const heard: string[] = [];
  await client.subscribe('news', (message) => void heard.push(message));
  store.held = true;
  const replies = Promise.allSettled([
    client.set('k', 'a text that is longer than a word, so that it is decoded in one piece'),
    client.publish('news', 'one'),
    client.xLen('k'),
    client.get('k'),
    client.set('n', '1'),
  ]);
  assert.equal(await isSettled(replies), false);
  assert.deepEqual(heard, [], 'it could tell of what is not safe');
  store.release();
  const settled = await replies;
  assert.deepEqual(
    settled.map((it) => (it.status === 'fulfilled' ? it.value : (it.reason as Error).name)),
    ['OK', 1, 'ReplyError', 'a text that is longer than a word, so that it is decoded in one piece', 'OK'],
  );
  assert.deepEqual(heard, ['one']);
  await database.close();
});

test('with everysec the frame is with the store before the caller goes on', async () => {
  const store = new MemoryStore();
  const database = await openDurable(store, { durability: 'everysec' });
  const replies: string[] = [];
  const session = database.connectResp({
    onOutput: (output) => {
      assert.match(bytesOf(store).toString(), /XADD\r\n\$1\r\ns\r\n\$3\r\n2-0/);
      replies.push(Buffer.from(output).toString());
    },
  });
  await database.client().xAdd('s', '1-0', { f: 'v' });
  assert.match(bytesOf(store).toString(), /XADD\r\n\$1\r\ns\r\n\$3\r\n1-0/);
  session.write(bytes('XADD s 2-0 f v\r\n'));
  assert.deepEqual(replies, ['$3\r\n2-0\r\n'], 'at once');
  await database.close();
});

// A loop that only waited for replies kept every timer waiting: that of the flush was one of them,
// so everysec would have lost all that came since the loop began.
test('who only waits for replies does not hold up timers', async () => {
  const database = await openDurable(new MemoryStore(), { durability: 'everysec' });
  const client = database.client();
  let fired = false;
  setTimeout(() => (fired = true), 1);
  while (!fired) await client.incr('n');
  await database.close();
});

test('a blocked read can be called off, a command that waits for its frame cannot', async () => {
  const store = new TestStore();
  const database = await openDurable(store);
  const client = database.client();
  await client.xGroupCreate('s', 'g', '$', { MKSTREAM: true });
  store.held = true;
  const [calledOff, stands] = [new AbortController(), new AbortController()];
  const added = client.withAbortSignal(stands.signal).xAdd('s', '1-1', { f: 'v' });
  const read = client.xRead({ key: 't', id: '$' }, { BLOCK: 0, signal: calledOff.signal });
  const queued = client.xLen('s');
  stands.abort();
  calledOff.abort();
  await assert.rejects(read, { name: 'AbortError' });
  assert.equal(await isSettled(added), false);
  store.release();
  assert.deepEqual(await Promise.all([added, queued]), ['1-1', 1]);
  await database.close();
});

test('an append that was cut short is cut off and told of', async () => {
  const store = new MemoryStore();
  const database = await openDurable(store);
  await work(database);
  await database.close();
  const whole = bytesOf(store);
  const last = whole.lastIndexOf('#BROOKLET:1 ');
  for (let end = last + 1; end < whole.length; end += 7) {
    const torn = storeWith(whole.subarray(0, end));
    const again = await openDurable(torn);
    assert.equal(again.storage?.recovered.torn, end - last);
    assert.equal(await again.client().get('k'), null);
    await again.client().set('k', 'anew');
    await again.close();
    const third = await openDurable(torn);
    assert.deepEqual([await third.client().get('k'), third.storage?.recovered.torn], ['anew', 0]);
    await third.close();
  }
});

test('a damaged file is refused with its place, and nothing of it is changed', async () => {
  const store = new MemoryStore();
  const database = await openDurable(store);
  await work(database);
  await database.close();
  const damaged = bytesOf(store);
  const at = damaged.indexOf('XREADGROUP') < 0 ? damaged.indexOf('XCLAIM') : 0;
  damaged[at] = (damaged[at] ?? 0) ^ 1;
  const broken = storeWith(damaged);
  const opened = new TestStore(broken);
  await assert.rejects(openDurable(opened), (error: Error) => {
    assert.equal(error.name, 'JournalDamagedError');
    const begin = damaged.lastIndexOf('#BROOKLET:1 ', at);
    assert.match(error.message, new RegExp(`^increment 1 in memory is damaged at byte ${begin}: `));
    assert.ok('offset' in error && error.offset === begin);
    return true;
  });
  assert.equal(opened.closed, 1);
  assert.deepEqual(bytesOf(broken), damaged);
});

test('who was overtaken stops for good', async () => {
  const store = new MemoryStore();
  const older = await openDurable(store);
  const client = older.client();
  await client.set('k', 'v');
  const failures: Error[] = [];
  older.on('failed', (error) => failures.push(error));
  const blocked = older.client().xRead({ key: 's', id: '$' }, { BLOCK: 0 });
  const newer = await openDurable(store);
  const refused = client.set('k', 'lost');
  await assert.rejects(refused, FencedError);
  await assert.rejects(blocked, FencedError);
  await assert.rejects(client.get('k'), FencedError);
  assert.throws(() => older.client(), FencedError);
  assert.equal(older.storage?.failure?.name, 'FencedError');
  assert.deepEqual(failures.map(({ name }) => name), ['FencedError']);
  await older.close();
  assert.equal(await newer.client().get('k'), 'v');
  await newer.close();
});

test('after a failed append nothing is acknowledged or appended any more', async () => {
  const store = new TestStore();
  const database = await openDurable(store);
  const client = database.client();
  const gone: string[] = [];
  database.connectResp({ onOutput: () => undefined, onFailure: (it) => gone.push(it.message) });
  await client.set('k', '1');
  store.failure = new StoreError('the disk is gone');
  const lost = [client.set('k', '2'), client.get('k'), client.set('k', '3')];
  for (const reply of lost) await assert.rejects(reply, { message: 'the disk is gone' });
  store.failure = undefined;
  await assert.rejects(client.set('k', '4'), { message: 'the disk is gone' });
  assert.equal(store.frames.length, 2);
  assert.deepEqual(gone, ['the disk is gone']);
  await database.close();
  assert.equal(store.closed, 1);
});

test('close brings what was begun to the store, and refuses what comes after', async () => {
  const store = new TestStore();
  const database = await openDurable(store);
  const client = database.client();
  const blocked = database.client().xRead({ key: 's', id: '$' }, { BLOCK: 0 });
  const set = client.set('k', 'v');
  const closed = database.close();
  await assert.rejects(client.get('k'), { name: 'ConnectionClosedError' });
  assert.equal(await set, 'OK');
  await assert.rejects(blocked, { name: 'ConnectionClosedError' });
  await closed;
  assert.equal(store.closed, 1);

  const again = await openDurable(store);
  store.failure = new StoreError('the disk is gone');
  const lost = again.client().set('k', 'w');
  const closing = again.close();
  await assert.rejects(lost, { message: 'the disk is gone' });
  await assert.rejects(closing, { message: 'the disk is gone' });
});

test('a directory is what Node keeps', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'brooklet-'));
  try {
    const clock = new ManualClock();
    const database = await Brooklet.open(directory, { clock });
    assert.equal(database.storage?.survives, 'power loss');
    await work(database);
    const state = await stateOf(database);
    await assert.rejects(Brooklet.open(directory), { name: 'StoreBusyError' });
    await database.rewrite();
    await database.close();
    const again = await Brooklet.open(directory, { durability: 'everysec', clock });
    assert.deepEqual(await stateOf(again), state);
    await again.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('where nothing can be kept, nothing is opened', async () => {
  await assert.rejects(Slim.open('x'), { name: 'StoreError' }, 'Node has no IndexedDB');
  const unknown = { storage: 'floppy' as 'memory' };
  await assert.rejects(Brooklet.open('x', unknown), { message: /no 'floppy' here.*'memory'/ });
  const asked = await Slim.open('x', { storage: 'memory' });
  assert.equal(asked.storage?.survives, 'nothing');
  await asked.close();
  const database = await Brooklet.create();
  assert.equal(database.storage, undefined);
  await assert.rejects(database.rewrite(), { name: 'TypeError' });
  await database.close();
});
