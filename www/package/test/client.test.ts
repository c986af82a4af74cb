/**
 * The typed client answers what node-redis answers. Each case runs twice: node-redis against a
 * server, and our client in process, on two engines under one clock; the replies must be equal.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Brooklet, type Client, type Database } from 'brooklet';
import { RespServer } from '#dist/serve/server.js';
import { createClient } from 'redis';
import { ManualClock } from './support.js';

const clock = new ManualClock();
const servers: Array<{ close(): Promise<void> }> = [];
let theirs: ReturnType<typeof createClient>;
let ours: Client;
let database: Database;

before(async () => {
  const served = await Brooklet.create({ clock, seed: 1 });
  const options = { host: '127.0.0.1', port: 0, outputLimit: 1 << 20 };
  const server = await RespServer.listen(served, options);
  servers.push(server);
  theirs = createClient({
    socket: { host: '127.0.0.1', port: server.port, reconnectStrategy: false },
  });
  await theirs.connect();
  database = await Brooklet.create({ clock, seed: 1 });
  ours = database.client();
});

after(async () => {
  theirs.destroy();
  database.close();
  for (const server of servers) await server.close();
});

/** A client of either kind: the steps are written against our types. */
type Both = Client;

/** What a call answered: its reply, or the text of its error. */
async function outcome(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return { reply: normal(await call()) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : error };
  }
}

/** node-redis makes maps without a prototype in places, and tuples of its own. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (value === null || typeof value !== 'object' || value instanceof Set) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normal(item)]));
}

/** Runs the steps on both sides and compares every answer. */
function same(name: string, steps: ReadonlyArray<(client: Both) => Promise<unknown>>): void {
  test(name, async () => {
    await Promise.all([theirs.flushAll(), ours.flushAll()]);
    for (const [index, step] of steps.entries()) {
      const expected = await outcome(() => step(theirs as unknown as Both));
      const actual = await outcome(() => step(ours));
      const what = `step ${index}: ${step.toString()}`;
      assert.deepEqual(actual, expected, what);
      // Both sides run our engine: a command that it lacks would fail alike.
      assert.doesNotMatch(JSON.stringify(actual), /unknown command/, what);
    }
  });
}

const stream = [
  (c: Both) => c.xAdd('s', '1-1', { a: '1', b: '2' }),
  (c: Both) => c.xAdd('s', '1-2', { a: '3' }),
  (c: Both) => c.xAdd('s', '2-0', { c: 'é' }),
];
const group = [
  ...stream,
  (c: Both) => c.xGroupCreate('s', 'g', '0'),
  (c: Both) => c.xReadGroup('g', 'alice', { key: 's', id: '>' }, { COUNT: 2 }),
  (c: Both) => c.xReadGroup('g', 'bob', [{ key: 's', id: '>' }]),
];

same('XADD in every form', [
  ...stream,
  (c) => c.xAdd('s', '1-1', { a: '1' }),
  (c) => c.xAdd('s', '*', { a: '1' }),
  (c) => c.xAdd('s', '*', { a: '1' }, { TRIM: { strategy: 'MAXLEN', threshold: 2 } }),
  (c) =>
    c.xAdd('s', '*', { a: '1' }, {
      TRIM: { strategy: 'MAXLEN', strategyModifier: '~', threshold: 2, limit: 10 },
    }),
  (c) => c.xLen('s'),
  (c) => c.xAddNoMkStream('none', '*', { a: '1' }),
  (c) => c.xAddNoMkStream('s', '*', { a: '1' }),
]);

same('ranges, deletion, trimming', [
  ...stream,
  (c) => c.xRange('s', '-', '+'),
  (c) => c.xRange('s', '(1-1', '+', { COUNT: 1 }),
  (c) => c.xRevRange('s', '+', '-', { COUNT: 2 }),
  (c) => c.xRange('none', '-', '+'),
  (c) => c.xRange('s', 'x', '+'),
  (c) => c.xDel('s', ['1-1', '9-9']),
  (c) => c.xTrim('s', 'MAXLEN', 1),
  (c) => c.xTrim('s', 'MINID', '5-0'),
  (c) => c.xSetId('s', '9-9', { ENTRIESADDED: 20, MAXDELETEDID: '3-0' }),
  (c) => c.xInfoStream('s'),
  (c) => c.xSetId('none', '1-1'),
]);

same('XREAD', [
  ...stream,
  (c) => c.xRead({ key: 's', id: '1-1' }),
  (c) => c.xRead([{ key: 's', id: '0' }, { key: 'none', id: '0' }], { COUNT: 1 }),
  (c) => c.xRead({ key: 's', id: '$' }),
]);

same('groups', [
  (c) => c.xGroupCreate('s', 'g', '$'),
  (c) => c.xGroupCreate('s', 'g', '$', { MKSTREAM: true, ENTRIESREAD: 3 }),
  (c) => c.xGroupCreate('s', 'g', '0'),
  (c) => c.xGroupCreateConsumer('s', 'g', 'alice'),
  (c) => c.xGroupCreateConsumer('s', 'g', 'alice'),
  (c) => c.xGroupSetId('s', 'g', '0', { ENTRIESREAD: 0 }),
  (c) => c.xGroupDelConsumer('s', 'g', 'alice'),
  (c) => c.xInfoGroups('s'),
  (c) => c.xInfoConsumers('s', 'g'),
  (c) => c.xGroupDestroy('s', 'g'),
  (c) => c.xGroupDestroy('s', 'g'),
  (c) => c.xReadGroup('g', 'alice', { key: 's', id: '>' }),
]);

same('XREADGROUP, XACK, XPENDING', [
  ...group,
  (c) => c.xReadGroup('g', 'alice', { key: 's', id: '>' }),
  (c) => c.xReadGroup('g', 'alice', { key: 's', id: '0' }),
  (c) => c.xPending('s', 'g'),
  (c) => c.xPendingRange('s', 'g', '-', '+', 10),
  (c) => c.xPendingRange('s', 'g', '-', '+', 10, { IDLE: 0, consumer: 'bob' }),
  (c) => c.xInfoGroups('s'),
  (c) => c.xInfoConsumers('s', 'g'),
  (c) => c.xAck('s', 'g', ['1-1', '1-2', '2-0', '7-7']),
  (c) => c.xPending('s', 'g'),
  (c) => c.xAck('s', 'none', '1-1'),
  (c) => c.xReadGroup('g', 'alice', { key: 's', id: '>' }, { NOACK: true }),
]);

same('XCLAIM and XAUTOCLAIM', [
  ...group,
  (c) => c.xClaim('s', 'g', 'bob', 0, ['1-1', '9-9']),
  (c) =>
    c.xClaim('s', 'g', 'bob', 0, '1-1', {
      IDLE: 100,
      RETRYCOUNT: 7,
      FORCE: true,
      LASTID: '1-0',
    }),
  (c) => c.xClaim('s', 'g', 'bob', 0, '1-1', { TIME: new Date(1_699_999_999_000) }),
  (c) => c.xClaimJustId('s', 'g', 'bob', 0, ['1-2']),
  (c) => c.xPendingRange('s', 'g', '-', '+', 10),
  (c) => c.xDel('s', '1-1'),
  (c) => c.xAutoClaim('s', 'g', 'carol', 0, '-', { COUNT: 2 }),
  (c) => c.xAutoClaimJustId('s', 'g', 'dave', 0, '0-0'),
  (c) => c.xClaim('s', 'none', 'bob', 0, '1-1'),
]);

same('keys', [
  ...stream,
  (c) => c.set('k', 'v'),
  (c) => c.type('s'),
  (c) => c.type('none'),
  (c) => c.exists(['s', 'k', 'none', 's']),
  (c) => c.touch(['s', 'none']),
  (c) => c.dbSize(),
  (c) => c.keys('k*'),
  (c) => c.scan('0', { MATCH: 'k', COUNT: 100 }),
  (c) => c.scan('0', { TYPE: 'string', COUNT: 100 }),
  (c) => c.rename('k', 'l'),
  (c) => c.renameNX('l', 's'),
  (c) => c.rename('none', 'x'),
  (c) => c.copy('s', 't', { REPLACE: true }),
  (c) => c.copy('s', 't'),
  (c) => c.move('t', 1),
  (c) => c.swapDb(0, 1),
  (c) => c.keys('*'),
  (c) => c.swapDb(0, 1),
  (c) => c.objectEncoding('s'),
  (c) => c.objectEncoding('none'),
  (c) => c.unlink('l'),
  (c) => c.del(['s', 'none']),
  (c) => c.randomKey(),
  (c) => c.flushDb(),
  (c) => c.flushAll('SYNC'),
]);

same('expiry', [
  (c) => c.set('k', 'v'),
  (c) => c.ttl('k'),
  (c) => c.expire('k', 100),
  (c) => c.expire('k', 50, 'GT'),
  (c) => c.ttl('k'),
  (c) => c.pTTL('k'),
  (c) => c.expireTime('k'),
  (c) => c.pExpire('k', 5000, 'LT'),
  (c) => c.pExpireTime('k'),
  (c) => c.expireAt('k', new Date(1_800_000_000_000)),
  (c) => c.pExpireAt('k', 1_800_000_000_123),
  (c) => c.pExpireTime('k'),
  (c) => c.persist('k'),
  (c) => c.persist('none'),
  (c) => c.pTTL('none'),
]);

same('strings', [
  (c) => c.set('k', 'v', { condition: 'NX' }),
  (c) => c.set('k', 'w', { condition: 'NX' }),
  (c) => c.set('k', 'w', { GET: true, expiration: { type: 'EX', value: 10 } }),
  (c) => c.set('k', 'x', { expiration: 'KEEPTTL' }),
  (c) => c.ttl('k'),
  (c) => c.get('k'),
  (c) => c.get('none'),
  (c) => c.append('k', 'yz'),
  (c) => c.strLen('k'),
  (c) => c.getDel('k'),
  (c) => c.setNX('n', '5'),
  (c) => c.incr('n'),
  (c) => c.incrBy('n', 10),
  (c) => c.decr('n'),
  (c) => c.decrBy('n', 100),
  (c) => c.mSet({ a: '1', b: '2' }),
  (c) => c.mSet([['c', '3']]),
  (c) => c.mSet(['d', '4']),
  (c) => c.mGet(['a', 'b', 'c', 'd', 'none']),
  (c) => c.xLen('a'),
  (c) => c.set('a', 'text'),
  (c) => c.incr('a'),
]);

same('connection and server', [
  (c) => c.ping(),
  (c) => c.ping('hi'),
  (c) => c.echo('hello'),
  (c) => c.select(1),
  (c) => c.select(99),
  (c) => c.select(0),
  (c) => c.clientSetName('me'),
  (c) => c.clientGetName(),
  (c) => c.clientUnblock(99_999),
  (c) => c.clientNoEvict(true),
  (c) => c.clientNoTouch(false),
  (c) => c.clientKill({ filter: 'ID', id: 99_999 }),
  (c) => c.commandCount(),
  (c) => c.commandGetKeys(['XREAD', 'STREAMS', 'a', 'b', '0', '0']),
  (c) => c.commandList({ FILTERBY: { type: 'PATTERN', value: 'xread*' } }),
  (c) => c.configGet('stream-node-max-*'),
  (c) => c.configSet('maxmemory', '100mb'),
  (c) => c.configSet({ maxmemory: '0' }),
  (c) => c.configSet('no-such-parameter', '1'),
  (c) => c.configResetStat(),
  (c) => c.time(),
  (c) => c.memoryUsage('none'),
]);

test('COMMAND INFO has the facts of node-redis', async () => {
  const [expected, none] = await theirs.commandInfo(['xreadgroup', 'nosuch']);
  const [actual, nothing] = await ours.commandInfo(['xreadgroup', 'nosuch']);
  assert.equal(none, null);
  assert.equal(nothing, null);
  assert.ok(expected && actual);
  for (const key of Object.keys(actual) as Array<keyof typeof actual>) {
    if (key in expected) assert.deepEqual(actual[key], expected[key as keyof typeof expected], key);
  }
});

test('CLIENT INFO and CLIENT LIST have the fields of node-redis', async () => {
  const expected = Object.entries(await theirs.clientInfo());
  const actual = await ours.clientInfo();
  for (const [name, value] of expected) {
    assert.equal(typeof actual[name as keyof typeof actual], typeof value, name);
  }
  assert.equal(actual.id, await ours.clientId());
  const listed = await ours.clientList({ ID: [String(actual.id)] });
  assert.deepEqual(listed.map(({ id }) => id), [actual.id]);
});

test('HELLO answers a map', async () => {
  const { server, proto, modules } = await ours.hello();
  assert.deepEqual({ server, proto, modules }, { server: 'redis', proto: 3, modules: [] });
});

test('INFO is text', async () => {
  assert.match(await ours.info('server'), /^# Server\r\n/);
});

test('XINFO STREAM FULL is decoded to its last level', async () => {
  await ours.flushAll();
  await ours.xAdd('s', '1-1', { a: '1' });
  await ours.xGroupCreate('s', 'g', '0');
  await ours.xReadGroup('g', 'alice', { key: 's', id: '>' });
  const full = await ours.xInfoStreamFull('s', { COUNT: 5 });
  const now = clock.now();
  const pending = { id: '1-1', deliveredAt: now, deliveriesCounter: 1 };
  assert.deepEqual(full.entries, [{ id: '1-1', message: { a: '1' } }]);
  assert.deepEqual(full.groups.map(({ name, lag, pending: all }) => ({ name, lag, all })), [
    { name: 'g', lag: 0, all: [{ ...pending, consumer: 'alice' }] },
  ]);
  const [consumer] = full.groups[0]?.consumers ?? [];
  assert.equal(consumer?.['seen-time'], now);
  assert.deepEqual(consumer?.pending, [pending]);
});

test('scanIterator visits every key once', async () => {
  await ours.flushAll();
  const keys = Array.from({ length: 100 }, (_, index) => `key:${index}`);
  await ours.mSet(Object.fromEntries(keys.map((key) => [key, 'x'])));
  const seen: string[] = [];
  for await (const page of ours.scanIterator({ COUNT: 7 })) seen.push(...page);
  assert.deepEqual(seen.sort(), keys.sort());
});

test('sendCommand answers plain objects and exact integers', async () => {
  await ours.flushAll();
  await ours.xAdd('s', '1-1', { a: '1' });
  const info = await ours.sendCommand(['XINFO', 'STREAM', 's']);
  assert.equal((info as Record<string, unknown>)['length'], 1);
  await ours.set('n', '9223372036854775806');
  assert.equal(await ours.sendCommand(['INCR', 'n']), 9223372036854775807n);
  assert.equal(await ours.incrBy('n', -1), 9223372036854775807);
  await assert.rejects(ours.sendCommand(['XLEN']), { name: 'ReplyError', code: 'ERR' });
  await assert.rejects(ours.sendCommand([]), TypeError);
  await assert.rejects(ours.sendCommand(['GET', undefined as unknown as string]), TypeError);
});

test('fields named like object internals are fields', async () => {
  await ours.flushAll();
  const message = JSON.parse('{"__proto__":"p","constructor":"c","10":"x","9":"y"}') as Record<
    string,
    string
  >;
  await ours.xAdd('s', '1-1', message);
  const [entry] = await ours.xRange('s', '-', '+');
  assert.deepEqual(Object.entries(entry?.message ?? {}), Object.entries(message));
});
