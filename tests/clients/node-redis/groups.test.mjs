/** node-redis and consumer groups: delivery, death without a word, claims, acknowledgement. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fieldsOf, isBlocked } from '../support/server_state.mjs';
import { useServer } from '../support/server.mjs';
import { until } from '../support/until.mjs';
import { useClients } from './clients.mjs';

const server = useServer();

for (const RESP of [3, 2]) {
  describe(`node-redis, RESP${RESP}`, () => {
    const open = useClients(server, RESP);

    /** A stream `s` of 1-1 to `count`-1, and its group `g` that has read nothing. */
    async function openWithEntries(count) {
      const client = await open();
      await client.xGroupCreate('s', 'g', '0', { MKSTREAM: true });
      for (let i = 1; i <= count; i += 1) await client.xAdd('s', `${i}-1`, { n: String(i) });
      return client;
    }

    /** The entries of `s` that `consumer` gets, or null. */
    async function read(client, consumer, id = '>', options = {}) {
      const streams = await client.xReadGroup('g', consumer, { key: 's', id }, options);
      if (streams === null) return null;
      assert.deepEqual(streams.map(({ name }) => name), ['s']);
      return streams[0].messages.map(plain);
    }

    test('the connection speaks the protocol that was asked for', async () => {
      const client = await open();
      assert.equal(fieldsOf(await client.sendCommand(['CLIENT', 'INFO'])).resp, String(RESP));
      assert.equal((await client.clientInfo()).libName, 'node-redis');
    });

    test('reading without a group is NOGROUP, and says how to make one', async () => {
      const client = await open();
      await assert.rejects(read(client, 'c1'), /NOGROUP No such key 's' or consumer group 'g'/);
      await client.xAdd('s', '*', { n: '1' });
      await assert.rejects(read(client, 'c1'), /NOGROUP/);
      await assert.rejects(client.xGroupCreate('none', 'g', '$'), /MKSTREAM/);
      assert.equal(await client.xGroupCreate('none', 'g', '$', { MKSTREAM: true }), 'OK');
      await assert.rejects(client.xGroupCreate('none', 'g', '$'), /BUSYGROUP/);
    });

    test('two consumers share a stream; COUNT bounds what one gets', async () => {
      const [first, second] = [await openWithEntries(3), await open()];
      assert.deepEqual(await read(first, 'c1', '>', { COUNT: 2 }), [entry(1), entry(2)]);
      assert.deepEqual(await read(second, 'c2', '>', { COUNT: 2 }), [entry(3)]);
      assert.equal(await read(second, 'c2', '>', { COUNT: 2 }), null);
    });

    test('a blocked consumer is woken by an XADD, one that nobody wakes times out', async () => {
      const [writer, first, second] = [await openWithEntries(0), await open(), await open()];
      const waiting = read(first, 'c1', '>', { COUNT: 1, BLOCK: 0 });
      await until('c1 is blocked', () => isBlocked(writer));
      assert.equal(await read(second, 'c2', '>', { BLOCK: 30 }), null);
      await writer.xAdd('s', '1-1', { n: '1' });
      assert.deepEqual(await waiting, [entry(1)]);
    });

    test('who waits longest is served first', async () => {
      const [writer, first, second] = [await openWithEntries(0), await open(), await open()];
      const waits = [];
      for (const [n, client] of [first, second].entries()) {
        waits.push(read(client, `c${n}`, '>', { COUNT: 1, BLOCK: 0 }));
        await until(`${n + 1} blocked`, () => isBlocked(writer, n + 1));
      }
      await writer.xAdd('s', '1-1', { n: '1' });
      await writer.xAdd('s', '2-1', { n: '2' });
      assert.deepEqual(await Promise.all(waits), [[entry(1)], [entry(2)]]);
    });

    test('a consumer dies: its entries stay pending until another claims them', async () => {
      const [survivor, dying] = [await openWithEntries(3), await open({ name: 'dying' })];
      await read(dying, 'dead', '>', { COUNT: 2 });
      dying.destroy();
      await until('the dead consumer is gone', async () => {
        return (await survivor.clientList()).every(({ name }) => name !== 'dying');
      });
      assert.deepEqual(await read(survivor, 'alive'), [entry(3)]);
      const { pending, firstId, lastId, consumers } = await survivor.xPending('s', 'g');
      assert.deepEqual([pending, firstId, lastId], [3, '1-1', '3-1']);
      assert.deepEqual(consumers.map((it) => [it.name, it.deliveriesCounter]), [
        ['alive', 1], ['dead', 2],
      ]);
      const rows = await survivor.xPendingRange('s', 'g', '-', '+', 10, { consumer: 'dead' });
      assert.deepEqual(rows.map((it) => [it.id, it.consumer, it.deliveriesCounter]), [
        ['1-1', 'dead', 1], ['2-1', 'dead', 1],
      ]);
      assert.ok(rows.every((it) => Number.isInteger(it.millisecondsSinceLastDelivery)));
      assert.deepEqual(await survivor.xClaim('s', 'g', 'alive', 3_600_000, '1-1'), []);
      const claimed = await survivor.xClaim('s', 'g', 'alive', 0, ['1-1', '9-9']);
      assert.deepEqual(claimed.map(plain), [entry(1)]);
      const [row] = await survivor.xPendingRange('s', 'g', '1-1', '1-1', 1);
      assert.deepEqual([row.consumer, row.deliveriesCounter], ['alive', 2]);
    });

    test('XAUTOCLAIM takes what has been idle for long enough, page by page', async () => {
      const client = await openWithEntries(4);
      await read(client, 'dead');
      await client.xClaimJustId('s', 'g', 'dead', 0, ['1-1', '2-1', '3-1'], { IDLE: 60_000 });
      await client.xDel('s', '2-1');
      const idle = await client.xPendingRange('s', 'g', '-', '+', 10, { IDLE: 50_000 });
      assert.deepEqual(idle.map(({ id }) => id), ['1-1', '2-1', '3-1']);
      const page = await client.xAutoClaim('s', 'g', 'alive', 50_000, '0', { COUNT: 2 });
      assert.deepEqual(page.messages.map(plain), [entry(1)]);
      assert.deepEqual([page.nextId, page.deletedMessages], ['3-1', ['2-1']]);
      const rest = await client.xAutoClaimJustId('s', 'g', 'alive', 50_000, page.nextId);
      assert.deepEqual(rest, { nextId: '0-0', messages: ['3-1'], deletedMessages: [] });
      const { consumers } = await client.xPending('s', 'g');
      assert.deepEqual(consumers.map((it) => [it.name, it.deliveriesCounter]), [
        ['alive', 2], ['dead', 1],
      ]);
    });

    test('history from ID 0 gives what was not acknowledged, XACK ends that', async () => {
      const client = await openWithEntries(2);
      await read(client, 'c1');
      assert.deepEqual(await read(client, 'c1', '0'), [entry(1), entry(2)]);
      assert.deepEqual(await read(client, 'c2', '0'), []);
      assert.equal(await client.xAck('s', 'g', ['1-1', '9-9']), 1);
      assert.deepEqual(await read(client, 'c1', '0'), [entry(2)]);
      assert.equal(await client.xAck('s', 'g', '2-1'), 1);
      const { pending, firstId, consumers } = await client.xPending('s', 'g');
      assert.deepEqual([pending, firstId, consumers ?? null], [0, null, null]);
    });

    test('XINFO tells of the stream, its groups and their consumers', async () => {
      const client = await openWithEntries(3);
      await read(client, 'c1', '>', { COUNT: 2 });
      const stream = await client.xInfoStream('s');
      assert.deepEqual(
        [stream.length, stream.groups, stream['last-generated-id'], stream['entries-added']],
        [3, 1, '3-1', 3],
      );
      assert.deepEqual(plain(stream['last-entry']), entry(3));
      const [group] = await client.xInfoGroups('s');
      assert.deepEqual({ ...group }, {
        name: 'g', consumers: 1, pending: 2, 'last-delivered-id': '2-1', 'entries-read': 2, lag: 1,
      });
      const [consumer] = await client.xInfoConsumers('s', 'g');
      assert.deepEqual([consumer.name, consumer.pending], ['c1', 2]);
      assert.ok(consumer.idle >= 0 && consumer.inactive >= 0);
    });
  });
}

const entry = (n) => ({ id: `${n}-1`, message: { n: String(n) } });

/** node-redis' objects have no prototype: the same as ordinary ones. */
const plain = ({ id, message }) => ({ id, message: { ...message } });
