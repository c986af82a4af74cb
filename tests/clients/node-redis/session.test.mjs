/** node-redis and everything around groups: streams, pipelines, transactions, keys, passwords. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RESP_TYPES, WatchError } from 'redis';
import { useServer } from '../support/server.mjs';
import { until } from '../support/until.mjs';
import { useClients } from './clients.mjs';

const server = useServer();
const locked = useServer({ password: 'sesame' });

for (const RESP of [3, 2]) {
  describe(`node-redis, RESP${RESP}`, () => {
    const open = useClients(server, RESP);

    test('a stream is read in both directions, trimmed, and loses entries', async () => {
      const client = await open();
      assert.match(await client.xAdd('s', '*', { n: '0' }), /^\d{13}-\d+$/);
      await client.del('s');
      for (let i = 1; i <= 5; i += 1) await client.xAdd('s', `${i}-1`, { n: String(i) });
      assert.deepEqual(ids(await client.xRange('s', '-', '+', { COUNT: 2 })), ['1-1', '2-1']);
      assert.deepEqual(ids(await client.xRange('s', '(2-1', '4')), ['3-1', '4-1']);
      assert.deepEqual(ids(await client.xRevRange('s', '+', '-', { COUNT: 2 })), ['5-1', '4-1']);
      assert.equal(await client.xDel('s', ['2-1', '9-9']), 1);
      assert.equal(await client.xTrim('s', 'MAXLEN', 2), 2);
      assert.equal(await client.xLen('s'), 2);
      const streams = [{ key: 's', id: '4-1' }, { key: 'other', id: '0' }];
      const [{ name, messages }, ...others] = await client.xRead(streams, { COUNT: 1 });
      assert.deepEqual([name, ids(messages), others], ['s', ['5-1'], []]);
      assert.equal(await client.xRead({ key: 's', id: '$' }), null);
      await assert.rejects(client.xAdd('s', '1-1', { n: '1' }), /equal or smaller than the target/);
    });

    test('bytes that are no text go through unchanged', async () => {
      const client = await open();
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      await client.sendCommand(['XADD', 's', '1-1', bytes, bytes]);
      const typeMapping = { [RESP_TYPES.BLOB_STRING]: Buffer };
      const [[, [field, value]]] = await client.sendCommand(['XRANGE', 's', '-', '+'], {
        typeMapping,
      });
      assert.ok(field.equals(bytes) && value.equals(bytes));
    });

    test('a pipeline of several hundred commands is answered in order', async () => {
      const client = await open();
      const wanted = Array.from({ length: 500 }, (_, i) => `${i + 1}-1`);
      const added = wanted.map((id) => client.xAdd('s', id, { n: id }));
      const tooOld = client.xAdd('s', '1-1', { n: 'too old' }).catch(({ message }) => message);
      const length = client.xLen('s');
      assert.deepEqual(await Promise.all(added), wanted);
      assert.match(await tooOld, /^ERR The ID specified in XADD/);
      assert.equal(await length, 500);
      const piped = wanted.reduce((multi, id) => multi.xDel('s', id), client.multi());
      assert.deepEqual(await piped.execAsPipeline(), wanted.map(() => 1));
    });

    test('MULTI runs as one, WATCH stops it when a key was changed', async () => {
      const [client, other] = [await open(), await open()];
      const multi = client.multi().xAdd('s', '1-1', { n: '1' }).incr('count').xLen('s');
      assert.deepEqual(await multi.exec(), ['1-1', 1, 1]);
      await client.watch('s');
      await other.xAdd('s', '2-1', { n: '2' });
      await assert.rejects(client.multi().incr('count').exec(), WatchError);
      await client.watch('s');
      await client.unwatch();
      await other.xAdd('s', '3-1', { n: '3' });
      assert.deepEqual(await client.multi().incr('count').exec(), [2]);
      const wrong = client.multi().addCommand(['XADD', 's']);
      await assert.rejects(wrong.exec(), /wrong number|EXECABORT/);
    });

    test('a key expires', async () => {
      const client = await open();
      await client.xAdd('s', '1-1', { n: '1' });
      assert.equal(await client.expire('s', 100), 1);
      assert.ok([99, 100].includes(await client.ttl('s')));
      assert.equal(await client.persist('s'), 1);
      assert.equal(await client.pExpire('s', 20), 1);
      await until('s is gone', async () => (await client.exists('s')) === 0);
      assert.equal(await client.type('s'), 'none');
    });

    test('SCAN meets every key', async () => {
      const client = await open();
      const wanted = Array.from({ length: 300 }, (_, i) => `key:${i}`);
      await client.mSet(wanted.map((key) => [key, 'x']));
      await client.xAdd('stream:1', '1-1', { n: '1' });
      assert.deepEqual(await collect(client, { MATCH: 'key:*', COUNT: 20 }), new Set(wanted));
      assert.deepEqual(await collect(client, { TYPE: 'stream' }), new Set(['stream:1']));
    });

    test('QUIT is answered, and a close waits for what was asked', async () => {
      const [quitting, closing] = [await open(), await open()];
      assert.equal(await quitting.sendCommand(['QUIT']), 'OK');
      const asked = closing.xAdd('s', '1-1', { n: '1' });
      await closing.close();
      assert.equal(await asked, '1-1');
    });
  });

  describe(`node-redis, RESP${RESP}, with a password`, () => {
    const open = useClients(locked, RESP, { password: 'sesame' });

    test('only the right password is let in', async () => {
      const client = await open();
      assert.equal(await client.ping(), 'PONG');
      const without = open({ password: undefined }).then((stranger) => stranger.ping());
      await assert.rejects(without, /NOAUTH/);
      await assert.rejects(open({ password: 'wrong' }), /WRONGPASS/);
      await assert.rejects(client.auth({ password: 'wrong' }), /WRONGPASS/);
      assert.equal(await client.auth({ password: 'sesame' }), 'OK');
    });
  });
}

const ids = (entries) => entries.map(({ id }) => id);

async function collect(client, options) {
  const found = new Set();
  for await (const keys of client.scanIterator(options)) keys.forEach((key) => found.add(key));
  return found;
}
