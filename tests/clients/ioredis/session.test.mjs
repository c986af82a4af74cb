/** ioredis and everything around groups: streams, pipelines, transactions, keys, passwords. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { useServer } from '../support/server.mjs';
import { until } from '../support/until.mjs';
import { useClients } from './clients.mjs';

const server = useServer();
const locked = useServer({ password: 'sesame' });

for (const protocol of [3, 2]) {
  describe(`ioredis, RESP${protocol}`, () => {
    const { open } = useClients(server, protocol);

    test('a stream is read in both directions, trimmed, and loses entries', async () => {
      const client = await open();
      assert.match(await client.xadd('s', '*', 'n', 0), /^\d{13}-\d+$/);
      await client.del('s');
      for (let i = 1; i <= 5; i += 1) await client.xadd('s', `${i}-1`, 'n', i);
      assert.deepEqual(ids(await client.xrange('s', '-', '+', 'COUNT', 2)), ['1-1', '2-1']);
      assert.deepEqual(ids(await client.xrange('s', '(2-1', '4')), ['3-1', '4-1']);
      assert.deepEqual(ids(await client.xrevrange('s', '+', '-', 'COUNT', 2)), ['5-1', '4-1']);
      assert.equal(await client.xdel('s', '2-1', '9-9'), 1);
      assert.equal(await client.xtrim('s', 'MAXLEN', 2), 2);
      assert.equal(await client.xlen('s'), 2);
      assert.deepEqual(await client.xread('COUNT', 1, 'STREAMS', 's', 'other', '4-1', '0'), [
        ['s', [['5-1', ['n', '5']]]],
      ]);
      assert.equal(await client.xread('STREAMS', 's', '$'), null);
      await assert.rejects(client.xadd('s', '1-1', 'n', 1), /equal or smaller than the target/);
    });

    test('bytes that are no text go through unchanged', async () => {
      const client = await open();
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      await client.xadd('s', '1-1', bytes, bytes);
      const [[, [field, value]]] = await client.xrangeBuffer('s', '-', '+');
      assert.ok(field.equals(bytes) && value.equals(bytes));
    });

    test('a pipeline of several hundred commands is answered in order', async () => {
      const client = await open();
      const pipeline = client.pipeline();
      for (let i = 1; i <= 500; i += 1) pipeline.xadd('s', `${i}-1`, 'n', i);
      pipeline.xadd('s', '1-1', 'n', 'too old').xlen('s');
      const replies = await pipeline.exec();
      assert.deepEqual(replies.slice(0, 500).map(([, id]) => id),
        Array.from({ length: 500 }, (_, i) => `${i + 1}-1`));
      assert.match(replies[500][0].message, /^ERR The ID specified in XADD/);
      assert.deepEqual(replies[501], [null, 500]);
    });

    test('MULTI runs as one, WATCH stops it when a key was changed', async () => {
      const [client, other] = [await open(), await open()];
      const done = await client.multi().xadd('s', '1-1', 'n', 1).incr('count').xlen('s').exec();
      assert.deepEqual(done, [[null, '1-1'], [null, 1], [null, 1]]);
      await client.watch('s');
      await other.xadd('s', '2-1', 'n', 2);
      assert.equal(await client.multi().incr('count').exec(), null);
      await client.watch('s');
      await client.unwatch();
      await other.xadd('s', '3-1', 'n', 3);
      assert.deepEqual(await client.multi().incr('count').exec(), [[null, 2]]);
      await assert.rejects(client.multi().call('XADD', 's').exec(), /EXECABORT/);
    });

    test('a key expires', async () => {
      const client = await open();
      await client.xadd('s', '1-1', 'n', 1);
      assert.equal(await client.expire('s', 100), 1);
      assert.ok([99, 100].includes(await client.ttl('s')));
      assert.equal(await client.persist('s'), 1);
      assert.equal(await client.pexpire('s', 20), 1);
      await until('s is gone', async () => (await client.exists('s')) === 0);
      assert.equal(await client.type('s'), 'none');
    });

    test('SCAN meets every key', async () => {
      const client = await open();
      const wanted = Array.from({ length: 300 }, (_, i) => `key:${i}`);
      await client.mset(...wanted.flatMap((key) => [key, 'x']));
      await client.xadd('stream:1', '1-1', 'n', 1);
      assert.deepEqual(await collect(client, { match: 'key:*', count: 20 }), new Set(wanted));
      assert.deepEqual(await collect(client, { type: 'stream' }), new Set(['stream:1']));
    });

    test('QUIT is answered, then the connection ends', async () => {
      const client = await open();
      const ended = once(client, 'end');
      assert.equal(await client.quit(), 'OK');
      await ended;
    });
  });

  describe(`ioredis, RESP${protocol}, with a password`, () => {
    const { open, refused } = useClients(locked, protocol, { password: 'sesame' });

    test('only the right password is let in', async () => {
      const client = await open();
      assert.equal(await client.ping(), 'PONG');
      assert.match((await refused({ password: undefined })).message, /^NOAUTH /);
      assert.match((await refused({ password: 'wrong' })).message, /^WRONGPASS /);
      await assert.rejects(client.auth('wrong'), /WRONGPASS/);
      assert.equal(await client.auth('sesame'), 'OK');
    });
  });
}

const ids = (entries) => entries.map(([id]) => id);

async function collect(client, options) {
  const found = new Set();
  for await (const keys of client.scanStream(options)) keys.forEach((key) => found.add(key));
  return found;
}
