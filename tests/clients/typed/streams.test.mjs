/** The typed client over a socket, beside node-redis on the same server: the same replies. */
import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { Client } from '../../../www/package/dist/client.js';
import { SocketConnection } from '../../../www/package/dist/connection/socket.js';
import { useClients } from '../node-redis/clients.mjs';
import { useServer } from '../support/server.mjs';

const server = useServer();

describe('typed client', () => {
  const open = useClients(server, 3);
  let ours;
  beforeEach(async () => {
    ours ??= new Client(new SocketConnection({ host: server.host, port: server.port }));
    await ours.hello(3);
  });
  after(() => ours.close());

  /** Runs the steps with node-redis, then again with the typed client; returns the replies. */
  async function both(steps) {
    const theirs = await open();
    const heard = [];
    for (const client of [theirs, ours]) {
      await client.flushAll();
      const replies = [];
      for (const step of steps) replies.push(plain(await outcome(() => step(client))));
      heard.push(replies);
    }
    for (const [index, step] of steps.entries()) {
      assert.deepEqual(heard[1][index], heard[0][index], step.toString());
    }
    return heard[1];
  }

  const filled = [
    (c) => c.xAdd('s', '1-1', { a: '1' }),
    (c) => c.xAdd('s', '2-1', { a: '2', b: 'é' }),
    (c) => c.xAdd('s', '3-1', { a: '3' }),
    (c) => c.xGroupCreate('s', 'g', '0'),
    (c) => c.xReadGroup('g', 'alice', from('>'), { COUNT: 2 }),
  ];

  test('idempotent XADD, XCFGSET', async () => {
    const [added, again, , , info] = await both([
      (c) => c.xAdd('s', '*', { a: '1' }, { IDMP: { pid: 'p', iid: 'i' } }).then(typeOf),
      async (c) => {
        const options = { IDMP: { pid: 'p', iid: 'j' } };
        const first = await c.xAdd('s', '*', { a: '1' }, options);
        return first === await c.xAdd('s', '*', { a: '2' }, options);
      },
      (c) => c.xAdd('s', '*', { a: '1' }, { IDMPAUTO: { pid: 'p' } }).then(typeOf),
      (c) => c.xCfgSet('s', { IDMP_DURATION: 3, IDMP_MAXSIZE: 2 }),
      (c) => c.xInfoStream('s').then((it) => [it['idmp-duration'], it['iids-duplicates']]),
      (c) => c.xCfgSet('none', { IDMP_DURATION: 3 }),
      (c) => c.xCfgSet('s', {}),
      (c) => c.xAdd('s', '1-1', { a: '1' }, { IDMPAUTO: { pid: 'p' } }),
    ]);
    assert.deepEqual([added, again, info], ['string', true, [3, 1]]);
  });

  test('XADD, XTRIM, XDELEX and XACKDEL with each policy', async () => {
    const trim = (policy) => ({ policy, TRIM: { strategy: 'MAXLEN', threshold: 2, policy } });
    const replies = await both([
      ...filled,
      (c) => c.xDelEx('s', ['1-1', '9-9'], 'ACKED'),
      (c) => c.xAckDel('s', 'g', ['1-1', '9-9'], 'ACKED'),
      (c) => c.xAdd('s', '4-1', { a: '4' }, trim('DELREF')),
      (c) => c.xTrim('s', 'MAXLEN', 1, { policy: 'ACKED' }),
      (c) => c.xTrim('s', 'MINID', '4-0', { strategyModifier: '=', policy: 'DELREF' }),
      (c) => c.xTrim('s', 'MAXLEN', 0, { strategyModifier: '~', LIMIT: 0, policy: 'KEEPREF' }),
      (c) => c.xDelEx('s', '4-1'),
      (c) => c.xDelEx('s', []),
      (c) => c.xAckDel('none', 'g', '1-1'),
      (c) => c.xPending('s', 'g'),
    ]);
    // ACKED answers 2 for an ID that is not there and that a group has not read yet.
    assert.deepEqual(replies.slice(5, 7), [[2, 2], [1, -1]]);
  });

  test('XNACK, XREADGROUP CLAIM, MAXCOUNT and MAXSIZE', async () => {
    const replies = await both([
      ...filled,
      (c) => c.xNack('s', 'g', 'FAIL', ['1-1', '9-9']),
      (c) => c.xNack('s', 'g', 'SILENT', '2-1', { RETRYCOUNT: 5 }),
      (c) => c.xNack('s', 'g', 'FATAL', '3-1', { FORCE: true }),
      (c) => c.xPendingRange('s', 'g', '-', '+', 10),
      (c) => c.xNack('s', 'none', 'FAIL', '1-1'),
      (c) => c.xReadGroup('g', 'bob', from('>'), { CLAIM: 60_000, COUNT: 2 }).then(rounded),
      (c) => c.xReadGroup('g', 'bob', from('>'), { CLAIM: 0, MAXCOUNT: 9, MAXSIZE: 1 })
        .then((streams) => streams[0].messages.length),
      (c) => c.xReadGroup('g', 'bob', from('0'), { CLAIM: 0 }),
      (c) => c.xReadGroup('g', 'bob', from('>'), { CLAIM: -1 }),
      (c) => c.xRead(from('0'), { MAXCOUNT: 2, COUNT: 2 }),
      (c) => c.xRead(from('0'), { MAXCOUNT: 1, COUNT: 2 }),
      (c) => c.xRead(from('0'), { MAXSIZE: 1 }),
      (c) => c.xInfoGroups('s'),
    ]);
    const [{ messages }] = replies[10];
    assert.deepEqual(messages.map(({ id, deliveriesCounter: n }) => [id, n]), [
      ['1-1', 1], ['2-1', 5],
    ]);
    assert.ok(messages[0].millisElapsedFromDelivery > 1_700_000_000_000, 'given back: Unix time');
  });
});

const from = (id) => ({ key: 's', id });
const typeOf = (value) => typeof value;

/** Both sides are asked one after the other: of times, only the hour can be compared. */
function rounded(streams) {
  return streams.map(({ name, messages }) => ({
    name,
    messages: messages.map((it) => ({
      ...it,
      millisElapsedFromDelivery: Math.floor(it.millisElapsedFromDelivery / 3_600_000) * 3_600_000,
    })),
  }));
}

async function outcome(call) {
  try {
    return await call();
  } catch (error) {
    return { error: error.message };
  }
}

/** node-redis' objects have no prototype: the same as ordinary ones. */
const plain = (value) => JSON.parse(JSON.stringify(value ?? null));
