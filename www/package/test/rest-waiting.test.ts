/** The REST handler and what waits: blocked reads, crowds, requests that are sent again. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { openRest } from './rest-support.js';

/** Lets things happen until as many reads are blocked. */
async function untilBlocked(rest: Awaited<ReturnType<typeof openRest>>, count: number) {
  while (rest.database.statistics().blockedReaders !== count) await setImmediate();
}

test('a blocked read is answered by the entry that it waits for', async () => {
  const rest = await openRest();
  const read = rest.run('XREAD', 'BLOCK', 0, 'STREAMS', 's', '$');
  await untilBlocked(rest, 1);
  await rest.run('XADD', 's', '1-1', 'a', '1');
  assert.deepEqual(await read, { result: [['s', [['1-1', ['a', '1']]]]] });
  assert.equal(rest.database.statistics().sessions, 0);
});

test('a read that would block for too long finds nothing, and takes nothing', async () => {
  const rest = await openRest({ limits: { waitMs: 20 } });
  await rest.run('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
  const command = ['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', 0, 'STREAMS', 's', '>'];
  assert.deepEqual(await rest.run(...command), { result: null });
  const { body } = await rest.post('pipeline', [command, command, ['PING'], command]);
  const nothing = { result: null };
  assert.deepEqual(body, [nothing, nothing, { result: 'PONG' }, nothing]);
  await rest.run('XADD', 's', '1-1', 'a', '1');
  assert.deepEqual(await rest.run('XPENDING', 's', 'g'), { result: [0, null, null, null] });
});

test('a client that is gone is not waited for, and has been delivered nothing', async () => {
  const rest = await openRest();
  await rest.run('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
  const gone = new AbortController();
  const path = 'xreadgroup/group/g/c/block/0/streams/s/>';
  const answer = rest.handle(rest.request(path, { signal: gone.signal }));
  await untilBlocked(rest, 1);
  gone.abort();
  assert.equal((await answer).status, 499);
  await rest.run('XADD', 's', '1-1', 'a', '1');
  assert.deepEqual(await rest.run('XPENDING', 's', 'g'), { result: [0, null, null, null] });
  assert.equal(rest.database.statistics().sessions, 0);
});

test('as many wait as may, and all others go on', async () => {
  const rest = await openRest({ limits: { waiting: 2, parallel: 1 } });
  const path = 'xread/block/0/streams/s/$';
  const waiting = [rest.ask(path)];
  await untilBlocked(rest, 1);
  waiting.push(rest.ask(path));
  await untilBlocked(rest, 2);
  const { status, body, headers } = await rest.ask(path);
  assert.deepEqual([status, headers.get('retry-after')], [503, '1']);
  assert.deepEqual(body, { error: 'ERR max number of waiting requests reached. Limit: 2' });
  await rest.run('XADD', 's', '1-1', 'a', '1');
  for (const answer of await Promise.all(waiting)) assert.equal(answer.status, 200);
});

test('a wait for which there is no session takes no place', async () => {
  const rest = await openRest({ limits: { waiting: 1, waitMs: 1 } }, { maxclients: 1 });
  await rest.run('PING');
  const only = rest.database.connect();
  for (let i = 0; i < 3; i++) {
    const { body } = await rest.ask('xread/block/0/streams/s/$');
    assert.deepEqual(body, { error: 'ERR max number of clients reached' });
  }
  only.close();
  assert.deepEqual(await rest.run('XREAD', 'BLOCK', 0, 'STREAMS', 's', '$'), { result: null });
});

test('ten thousand requests at once: each has a result, or a clear refusal', async () => {
  const rest = await openRest({ limits: { parallel: 1000 } });
  const answers = await Promise.all(
    Array.from({ length: 10_000 }, (_, i) => rest.post('', ['XADD', 's', '*', 'i', i])),
  );
  const served = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 503);
  assert.equal(served.length + refused.length, 10_000);
  assert.ok(served.length >= 1000, `${served.length} were served`);
  for (const { body } of refused) {
    assert.deepEqual(body, { error: 'ERR max number of parallel requests reached. Limit: 1000' });
  }
  assert.deepEqual(await rest.run('XLEN', 's'), { result: served.length });
  assert.equal(rest.database.statistics().sessions, 0);
});

test('a request that is sent again with its Idempotency-Key adds nothing', async () => {
  const rest = await openRest();
  const add = (key: string) =>
    rest.post('', ['XADD', 's', '*', 'a', '1'], { 'idempotency-key': key });
  const first = (await add('1f6b')).body;
  assert.deepEqual((await add('1f6b')).body, first);
  assert.deepEqual((await add('"1f6b"')).body, first);
  assert.notDeepEqual((await add('shop/1f6b')).body, first);
  assert.deepEqual(await rest.run('XLEN', 's'), { result: 2 });

  const header = { 'idempotency-key': 'batch' };
  const batch = [['XADD', 's', '*', 'a', '2'], ['EXISTS', 's'], ['XADD', 's', '*', 'a', '2']];
  const once = (await rest.post('pipeline', batch, header)).body;
  assert.deepEqual((await rest.post('multi-exec', batch, header)).body, once);
  assert.deepEqual(await rest.run('XLEN', 's'), { result: 4 });

  const explicit = await rest.post('', ['XADD', 's', '1-1', 'a', '1'], header);
  assert.match(JSON.stringify(explicit.body), /only with auto-generated IDs/);
  const other = await rest.post('', ['INCR', 'n'], header);
  assert.equal(other.status, 400);
  assert.match(JSON.stringify(other.body), /'incr' would be run again/);
  for (const key of ['', '/', 'a/', '/b', 'x'.repeat(256)]) {
    assert.equal((await add(key)).status, 400, key);
  }
});
