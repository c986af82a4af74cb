/** RESP over WebSockets that outlive the object's time in memory, in workerd. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/until.mjs';
import { READ_TOKEN, TOKEN, World } from './world.mjs';

test('a socket carries RESP, cut anywhere', async () => {
  const world = new World();
  try {
    const client = await world.connect();
    assert.equal(await client.run('XADD', 's', '1-0', 'a', '1'), '1-0');
    const requests = '*2\r\n$4\r\nXLEN\r\n$1\r\ns\r\nPING\r\n*1\r\n$4\r\nPING\r\n';
    for (const byte of new TextEncoder().encode(requests)) client.write(Uint8Array.of(byte));
    assert.deepEqual(await client.take(3), [1, 'PONG', 'PONG']);
    client.write('XRANGE s - +\r\n');
    assert.deepEqual(await client.next(), [['1-0', ['a', '1']]]);
    assert.equal((await client.run('HELLO', 3)).get('proto'), 3);
    assert.equal(await client.run('QUIT'), 'OK');
    assert.equal((await client.closed)[0], 1000);
  } finally {
    await world.end();
  }
});

test('a client that leaves takes its session with it', async () => {
  const world = new World();
  const connected = async () => {
    const info = await world.run(['INFO', 'clients']);
    return Number(/connected_clients:(\d+)/.exec(info)[1]);
  };
  try {
    const clients = await Promise.all(Array.from({ length: 3 }, () => world.connect()));
    const before = await connected();
    clients[0].send('XREAD', 'BLOCK', 0, 'STREAMS', 's', '$');
    await world.blocked(1);
    clients[0].close();
    clients[1].close(1000);
    clients[2].close(4000);
    assert.deepEqual((await clients[2].closed)[0], 4000);
    await Promise.all(clients.map(({ closed }) => closed));
    await until('their sessions are gone', async () => (await connected()) <= before - 3);
    await world.blocked(0);
  } finally {
    await world.end();
  }
});

test('streams may have objects of their own, by the path', async () => {
  const world = new World();
  try {
    const orders = await world.connect('by-path', undefined, 'orders/');
    const events = await world.connect('by-path', undefined, 'events/');
    assert.equal(await orders.run('XADD', 's', '1-0', 'a', '1'), '1-0');
    assert.equal(await events.run('XLEN', 's'), 0);
    assert.equal(await world.run(['XLEN', 's'], 'by-path', 'orders/'), 1);
    assert.equal(await world.run(['XLEN', 's'], 'orders'), 1);
  } finally {
    await world.end();
  }
});

test('the typed client speaks over a socket as over any other connection', async () => {
  const world = new World();
  try {
    const [client, other] = await Promise.all([world.typed(), world.typed()]);
    await client.xGroupCreate('s', 'g', '$', { MKSTREAM: true });
    const reading = client.xReadGroup('g', 'c', { key: 's', id: '>' }, { BLOCK: 0 });
    const length = client.xLen('s');
    await world.blocked(1);
    const id = await other.xAdd('s', '*', { item: 'tea' });
    const [{ messages }] = await reading;
    assert.deepEqual(messages.map((it) => [it.id, { ...it.message }]), [[id, { item: 'tea' }]]);
    assert.equal(await length, 1);
    await assert.rejects(client.xAdd('s', '0-0', { a: '1' }), { code: 'ERR' });
    const heard = new Promise((resolve) => client.subscribe('news', resolve));
    while ((await other.publish('news', 'hi')) === 0) await new Promise(setImmediate);
    assert.equal(await heard, 'hi');
    await client.close();
    await assert.rejects(client.xLen('s'), { name: 'ConnectionClosedError' });
    const gone = other.xReadGroup('g', 'c', { key: 's', id: '>' }, { BLOCK: 0 });
    await world.blocked(1);
    await world.run(['CLIENT', 'KILL', 'TYPE', 'normal']);
    await assert.rejects(gone, { name: 'ConnectionClosedError' });
  } finally {
    await world.end();
  }
});

test('who has no token is told so in JSON, and a token may come in three ways', async () => {
  const world = new World();
  const refused = async (headers, path) => {
    const response = await world.upgrade('all', headers, path);
    return [response.status, (await response.json()).error];
  };
  const wrong = [401, 'WRONGPASS invalid or missing auth token'];
  const protocols = (token) => ({
    'sec-websocket-protocol': `resp, token.${Buffer.from(token).toString('base64url')}`,
  });
  try {
    assert.deepEqual(await refused({}), wrong);
    assert.deepEqual(await refused({ authorization: 'Bearer wrong' }), wrong);
    assert.deepEqual(await refused(protocols('wrong')), wrong);
    const odd = await refused({ 'sec-websocket-protocol': 'resp, token.*' });
    assert.deepEqual(odd, [400, 'ERR the token among the protocols is not in base64url']);
    const byUrl = await world.connect('all', {}, `?_token=${TOKEN}`);
    assert.equal(await byUrl.run('SET', 'k', '1'), 'OK');
    const byProtocol = await world.connect('all', protocols(TOKEN));
    assert.equal(byProtocol.protocol, 'resp');
    assert.equal(await byProtocol.run('GET', 'k'), '1');
  } finally {
    await world.end();
  }
});

test('a token that may only read is held to that, each command in its turn', async () => {
  const world = new World();
  try {
    await world.run(['XADD', 's', '1-0', 'a', '1']);
    const client = await world.connect('all', { authorization: `Bearer ${READ_TOKEN}` });
    const commands = [
      ['XLEN', 's'], ['XADD', 's', '*', 'a', '1'], ['PING'], ['MULTI'], ['KEYS', '*'],
      ['XREAD', 'BLOCK', '0', 'STREAMS', 's', '1-0'], ['DEL', 's'], ['XLEN', 's'],
    ];
    for (const command of commands) client.send(...command);
    const denied = (name) =>
      `NOPERM this user has no permissions to run the '${name}' command`;
    assert.equal(await client.next(), 1);
    assert.equal((await client.next()).message, denied('xadd'));
    assert.equal(await client.next(), 'PONG');
    assert.equal((await client.next()).message, denied('multi'));
    assert.equal((await client.next()).message, denied('keys'));
    await world.run(['XADD', 's', '2-0', 'a', '2']);
    assert.deepEqual(await client.next(), [['s', [['2-0', ['a', '2']]]]]);
    assert.equal((await client.next()).message, denied('del'));
    assert.equal(await client.next(), 2);
    client.write('xadd s * "a" 1\r\n');
    assert.equal((await client.next()).message, denied('xadd'));
    client.write('*1\r\n$nothing\r\n');
    assert.match((await client.next()).message, /^ERR Protocol error/);
    assert.equal((await client.closed)[0], 1002);
    assert.equal(await world.run(['XLEN', 's']), 2);
  } finally {
    await world.end();
  }
});

test('what is no RESP, or too long, ends its socket alone', async () => {
  const world = new World();
  try {
    const [healthy, wrong, long] = await Promise.all(
      Array.from({ length: 3 }, () => world.connect()),
    );
    wrong.write('PING\r\n*1\r\n$-5\r\n');
    assert.equal(await wrong.next(), 'PONG');
    assert.equal((await wrong.next()).message, 'ERR Protocol error: invalid bulk length');
    await wrong.closed;
    long.write('*2\r\n$4\r\nECHO\r\n$20000000\r\n');
    for (let i = 0; i < 20; i++) long.write(new Uint8Array(1_000_000));
    assert.deepEqual(await long.closed, [1009, 'the request has more than 10485760 bytes']);
    const value = 'x'.repeat(3_000_000);
    assert.equal(await healthy.run('ECHO', value), value);
    assert.ok(healthy.longestFrame <= 1 << 20);
    healthy.write('ping');
    assert.equal(await healthy.run('PING'), 'PONG');
    assert.deepEqual(healthy.texts, ['pong']);
  } finally {
    await world.end();
  }
});

test('a reply that tells of a write does not leave before it is safe', async () => {
  const world = new World();
  try {
    const client = await world.connect();
    await client.run('XADD', 's', '1-0', 'a', '1');
    // The object ends when it has written this one, and sent the reply.
    await world.run('2-0', 'all', 'break-after-sending');
    client.send('XADD', 's', '2-0', 'a', '2');
    assert.equal((await client.closed)[0], 1006);
    assert.equal(client.unread, 0);
    assert.deepEqual((await world.run(['XRANGE', 's', '-', '+'])).map(([id]) => id), ['1-0']);
  } finally {
    await world.end();
  }
});

test('sessions are what they were after an eviction, and those who wait are woken', async () => {
  const world = new World();
  try {
    await world.run(['XGROUP', 'CREATE', 'jobs', 'g', '$', 'MKSTREAM']);
    const read = (consumer, ...block) =>
      ['XREADGROUP', 'GROUP', 'g', consumer, 'COUNT', '1', ...block, 'STREAMS', 'jobs', '>'];
    const clients = await Promise.all(Array.from({ length: 9 }, () => world.connect()));
    const [first, second, ends, last, typing, hearing, queueing, watching, claiming] = clients;
    await world.run(['XADD', 'left', '1-0', 'job', '0']);
    await world.run(['XGROUP', 'CREATE', 'left', 'g', '0']);
    await world.run(['XREADGROUP', 'GROUP', 'g', 'gone', 'STREAMS', 'left', '>']);
    const delivered = Date.now();
    const claim = ['XREADGROUP', 'GROUP', 'g', 'there', 'BLOCK', 0, 'CLAIM', 16_000];
    claiming.send(...claim, 'STREAMS', 'left', '>');
    await world.blocked(1);
    const typed = await world.typed();
    const typedRead = typed.xRead({ key: 'jobs', id: '$' }, { BLOCK: 0 });
    await world.blocked(2);
    first.send(...read('first', 'BLOCK', 0));
    await world.blocked(3);
    second.send(...read('second', 'BLOCK', 60_000));
    await world.blocked(4);
    second.send('PING');
    second.send('XLEN', 'jobs');
    const begun = Date.now();
    ends.send('XREAD', 'BLOCK', 15_000, 'STREAMS', 'other', '$');
    await world.blocked(5);
    last.send('XREAD', 'BLOCK', 0, 'STREAMS', 'jobs', '$');
    await world.blocked(6);
    await typing.run('HELLO', 3, 'SETNAME', 'typing');
    await typing.run('SELECT', 2);
    typing.write('*2\r\n$4\r\nEC');
    await hearing.run('SUBSCRIBE', 'news');
    await hearing.run('PSUBSCRIBE', 'p*');
    await queueing.run('MULTI');
    assert.equal(await queueing.run('SET', 'k', '1'), 'QUEUED');
    await watching.run('WATCH', 'k');
    const before = await world.counts();
    await world.evict();
    // Another Worker, which is all that wakes the object.
    assert.equal(await world.run(['XADD', 'jobs', '5-0', 'job', '1'], 'all', '', 'other'), '5-0');
    assert.deepEqual(await first.next(), [['jobs', [['5-0', ['job', '1']]]]]);
    assert.deepEqual(await last.next(), [['jobs', [['5-0', ['job', '1']]]]]);
    assert.equal((await typedRead)[0].messages[0].id, '5-0');
    const after = await world.counts();
    assert.equal(after.begun, before.begun + 1, 'the object was evicted');
    assert.equal(second.unread, 0);
    await world.run(['XADD', 'jobs', '6-0', 'job', '2'], 'all', '', 'other');
    assert.deepEqual(await second.next(), [['jobs', [['6-0', ['job', '2']]]]]);
    assert.deepEqual([await second.next(), await second.next()], ['PONG', 2]);
    typing.write('HO\r\n$2\r\nhi\r\n');
    assert.equal(await typing.next(), 'hi');
    assert.match(await typing.run('CLIENT', 'INFO'), / name=typing .* db=2 .* resp=3 /);
    await world.run(['PUBLISH', 'news', 'a']);
    await world.run(['PUBLISH', 'pets', 'b']);
    assert.deepEqual(await hearing.next(), ['message', 'news', 'a']);
    assert.deepEqual(await hearing.next(), ['pmessage', 'p*', 'pets', 'b']);
    assert.equal(await queueing.run('GET', 'k'), 'QUEUED');
    assert.deepEqual(await queueing.run('EXEC'), ['OK', '1']);
    assert.deepEqual(await watching.closed, [1012, 'service restart']);
    assert.equal(await ends.next(), null);
    const waited = Date.now() - begun;
    assert.ok(waited >= 15_000 && waited < 18_000, `${waited} ms`);
    // Nothing but time has brought this one.
    assert.equal((await claiming.next())[0][1][0][0], '1-0');
    assert.ok(Date.now() - delivered >= 15_900);
  } finally {
    await world.end();
  }
});
