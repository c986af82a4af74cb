/** ioredis and consumer groups: delivery, death without a word, claims, acknowledgement. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fieldsOf, isBlocked } from '../support/server_state.mjs';
import { useServer } from '../support/server.mjs';
import { until } from '../support/until.mjs';
import { useClients } from './clients.mjs';

const server = useServer();

for (const protocol of [3, 2]) {
  describe(`ioredis, RESP${protocol}`, () => {
    const { open } = useClients(server, protocol);

    /** A stream `s` of 1-1 to `count`-1, and its group `g` that has read nothing. */
    async function openWithEntries(count) {
      const client = await open();
      await client.xgroup('CREATE', 's', 'g', '0', 'MKSTREAM');
      for (let i = 1; i <= count; i += 1) await client.xadd('s', `${i}-1`, 'n', i);
      return client;
    }

    const read = (client, consumer, id = '>', ...options) =>
      client.xreadgroup('GROUP', 'g', consumer, ...options, 'STREAMS', 's', id);

    test('the connection speaks the protocol that was asked for', async () => {
      const client = await open();
      assert.equal(fieldsOf(await client.client('INFO')).resp, String(protocol));
    });

    test('reading without a group is NOGROUP, and says how to make one', async () => {
      const client = await open();
      await assert.rejects(read(client, 'c1'), /^ReplyError: NOGROUP No such key 's' or consumer/);
      await client.xadd('s', '*', 'n', 1);
      await assert.rejects(read(client, 'c1'), /NOGROUP/);
      await assert.rejects(client.xgroup('CREATE', 'none', 'g', '$'), /MKSTREAM/);
      assert.equal(await client.xgroup('CREATE', 'none', 'g', '$', 'MKSTREAM'), 'OK');
      await assert.rejects(client.xgroup('CREATE', 'none', 'g', '$'), /BUSYGROUP/);
    });

    test('two consumers share a stream; COUNT bounds what one gets', async () => {
      const first = await openWithEntries(3);
      const second = await open();
      const [[key, entries]] = await read(first, 'c1', '>', 'COUNT', 2);
      assert.equal(key, 's');
      assert.deepEqual(entries, [['1-1', ['n', '1']], ['2-1', ['n', '2']]]);
      assert.deepEqual(await read(second, 'c2', '>', 'COUNT', 2), [['s', [['3-1', ['n', '3']]]]]);
      assert.equal(await read(second, 'c2', '>', 'COUNT', 2), null);
    });

    test('a blocked consumer is woken by an XADD, one that nobody wakes times out', async () => {
      const [writer, first, second] = [await openWithEntries(0), await open(), await open()];
      const waiting = read(first, 'c1', '>', 'COUNT', 1, 'BLOCK', 0);
      await until('c1 is blocked', () => isBlocked(writer));
      const late = read(second, 'c2', '>', 'BLOCK', 30);
      assert.equal(await late, null);
      await writer.xadd('s', '7-7', 'woke', 'yes');
      assert.deepEqual(await waiting, [['s', [['7-7', ['woke', 'yes']]]]]);
    });

    test('who waits longest is served first', async () => {
      const [writer, first, second] = [await openWithEntries(0), await open(), await open()];
      const waits = [];
      for (const [n, client] of [first, second].entries()) {
        waits.push(read(client, `c${n}`, '>', 'COUNT', 1, 'BLOCK', 0));
        await until(`${n + 1} blocked`, () => isBlocked(writer, n + 1));
      }
      await writer.xadd('s', '1-1', 'for', 'first');
      await writer.xadd('s', '2-1', 'for', 'second');
      assert.deepEqual(await Promise.all(waits), [
        [['s', [['1-1', ['for', 'first']]]]],
        [['s', [['2-1', ['for', 'second']]]]],
      ]);
    });

    test('a consumer dies: its entries stay pending until another claims them', async () => {
      const survivor = await openWithEntries(3);
      const dying = await open({ connectionName: 'dying' });
      await read(dying, 'dead', '>', 'COUNT', 2);
      dying.disconnect();
      await until('the dead consumer is gone', async () => {
        return !(await survivor.client('LIST')).includes(' name=dying ');
      });
      assert.deepEqual(await read(survivor, 'alive'), [['s', [['3-1', ['n', '3']]]]]);
      const summary = [3, '1-1', '3-1', [['alive', '1'], ['dead', '2']]];
      assert.deepEqual(await survivor.xpending('s', 'g'), summary);
      const rows = await survivor.xpending('s', 'g', '-', '+', 10, 'dead');
      assert.deepEqual(rows.map(([id, owner, , count]) => [id, owner, count]), [
        ['1-1', 'dead', 1], ['2-1', 'dead', 1],
      ]);
      assert.ok(rows.every(([, , idle]) => Number.isInteger(idle) && idle >= 0));
      assert.deepEqual(await survivor.xclaim('s', 'g', 'alive', 3_600_000, '1-1'), []);
      assert.deepEqual(await survivor.xclaim('s', 'g', 'alive', 0, '1-1'), [['1-1', ['n', '1']]]);
      const [[, owner, , count]] = await survivor.xpending('s', 'g', '1-1', '1-1', 1);
      assert.deepEqual([owner, count], ['alive', 2]);
    });

    test('XAUTOCLAIM takes what has been idle for long enough, page by page', async () => {
      const client = await openWithEntries(4);
      await read(client, 'dead');
      await client.xclaim('s', 'g', 'dead', 0, '1-1', '2-1', '3-1', 'IDLE', 60_000, 'JUSTID');
      await client.xdel('s', '2-1');
      const idle = await client.xpending('s', 'g', 'IDLE', 50_000, '-', '+', 10);
      assert.deepEqual(idle.map(([id]) => id), ['1-1', '2-1', '3-1']);
      const page = await client.xautoclaim('s', 'g', 'alive', 50_000, '0', 'COUNT', 2);
      assert.deepEqual(page, ['3-1', [['1-1', ['n', '1']]], ['2-1']]);
      const rest = await client.xautoclaim('s', 'g', 'alive', 50_000, page[0], 'JUSTID');
      assert.deepEqual(rest, ['0-0', ['3-1'], []]);
      assert.deepEqual((await client.xpending('s', 'g'))[3], [['alive', '2'], ['dead', '1']]);
    });

    test('history from ID 0 gives what was not acknowledged, XACK ends that', async () => {
      const client = await openWithEntries(2);
      await read(client, 'c1');
      const again = [['s', [['1-1', ['n', '1']], ['2-1', ['n', '2']]]]];
      assert.deepEqual(await read(client, 'c1', '0'), again);
      assert.deepEqual(await read(client, 'c2', '0'), [['s', []]]);
      assert.equal(await client.xack('s', 'g', '1-1', '9-9'), 1);
      assert.deepEqual(await read(client, 'c1', '0'), [['s', [['2-1', ['n', '2']]]]]);
      await client.xdel('s', '2-1');
      assert.deepEqual(await read(client, 'c1', '0'), [['s', [['2-1', null]]]]);
      assert.equal(await client.xack('s', 'g', '2-1'), 1);
      assert.deepEqual(await client.xpending('s', 'g'), [0, null, null, null]);
    });

    test('XINFO tells of the stream, its groups and their consumers', async () => {
      const client = await openWithEntries(3);
      await read(client, 'c1', '>', 'COUNT', 2);
      const stream = pairs(await client.xinfo('STREAM', 's'));
      assert.deepEqual(
        [stream.length, stream.groups, stream['last-generated-id'], stream['entries-added']],
        [3, 1, '3-1', 3],
      );
      assert.deepEqual(stream['last-entry'], ['3-1', ['n', '3']]);
      const [group] = await client.xinfo('GROUPS', 's');
      assert.deepEqual(pairs(group), {
        name: 'g', consumers: 1, pending: 2, 'last-delivered-id': '2-1', 'entries-read': 2, lag: 1,
      });
      const [consumer] = (await client.xinfo('CONSUMERS', 's', 'g')).map(pairs);
      assert.deepEqual([consumer.name, consumer.pending], ['c1', 2]);
      assert.ok(consumer.idle >= 0 && consumer.inactive >= 0);
    });
  });
}

/** ioredis gives maps as flat lists in both protocols. */
function pairs(list) {
  const names = list.filter((_, at) => at % 2 === 0);
  return Object.fromEntries(names.map((name, at) => [name, list[2 * at + 1]]));
}
