/** Keys, strings, the server and the session: the typed client answers what node-redis answers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { same, useBoth } from './beside.js';

const both = useBoth();

same(both, 'keys', [
  (c) => c.xAdd('s', '1-1', { a: '1', b: '2' }),
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
  (c) => c.restore('s', 0, 'no payload'),
  (c) => c.restore('x', 0, 'no payload', { REPLACE: true, ABSTTL: true, IDLETIME: 1 }),
  (c) => c.restore('x', 0, 'no payload', { FREQ: 256 }),
  (c) => c.dump('none'),
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

same(both, 'expiry', [
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

same(both, 'strings', [
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

same(both, 'connection and server', [
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
  const { ours, theirs } = both;
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
  const { ours, theirs } = both;
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
  const { ours } = both;
  const { server, proto, modules } = await ours.hello();
  assert.deepEqual({ server, proto, modules }, { server: 'redis', proto: 3, modules: [] });
});

test('INFO is text', async () => {
  const { ours } = both;
  assert.match(await ours.info('server'), /^# Server\r\n/);
});

test('scanIterator visits every key once', async () => {
  const { ours } = both;
  await ours.flushAll();
  const keys = Array.from({ length: 100 }, (_, index) => `key:${index}`);
  await ours.mSet(Object.fromEntries(keys.map((key) => [key, 'x'])));
  const seen: string[] = [];
  for await (const page of ours.scanIterator({ COUNT: 7 })) seen.push(...page);
  assert.deepEqual(seen.sort(), keys.sort());
});

test('sendCommand answers plain objects and exact integers', async () => {
  const { ours } = both;
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
