/** Clients without manners and clients in crowds: others go on, and nothing of them stays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useClients } from '../ioredis/clients.mjs';
import { connectedClients, fieldsOf, isBlocked, residentMiB } from '../support/server_state.mjs';
import { onRedis, useServer } from '../support/server.mjs';
import { until } from '../support/until.mjs';
import { useWires } from '../support/wire.mjs';
import { workOn } from './work.mjs';

const server = useServer();
const { open } = useClients(server, 3);
const openWire = useWires(server);

/** Waits until `client` is alone, and the server has nothing left of anybody else. */
async function aloneAgain(client) {
  await until('the others are gone', async () => (await connectedClients(client)) === 1);
  const { blocked_clients, watching_clients } = fieldsOf(await client.info('clients'));
  assert.deepEqual([blocked_clients, watching_clients], ['0', '0']);
  assert.equal((await client.client('LIST')).trim().split('\n').length, 1);
}

test('a client that never reads its replies waits for itself alone', async () => {
  const client = await open();
  await client.xadd('big', '1-1', 'data', 'x'.repeat(100_000));
  const before = await residentMiB(server);
  const deaf = await openWire();
  deaf.stopReading();
  // 200 MB of replies to a few kilobytes of requests.
  await deaf.write('XRANGE big - +\r\n'.repeat(2000));
  await until('it is being served', async () => / cmd=xrange /.test(await client.client('LIST')));
  await workOn(client, 200);
  const grown = (await residentMiB(server)) - before;
  // Redis keeps every reply of a client until it is read; Brooklet pauses the client.
  assert.ok(onRedis || grown < 64, `the server has grown by ${grown} MiB`);
  deaf.destroy();
  await aloneAgain(client);
});

test('two thousand idle connections cost the one that works nothing', async () => {
  const client = await open();
  const idle = [];
  // As many at once as a listener keeps waiting; the kernel drops more without telling them.
  while (idle.length < 2000) {
    idle.push(...(await Promise.all(Array.from({ length: 250 }, openWire))));
  }
  await until('all are there', async () => (await connectedClients(client)) === 2001);
  await workOn(client);
  const [first, last] = [idle[0], idle[1999]];
  assert.equal(await first.ask('PING\r\n'), '+PONG\r\n');
  assert.equal(await last.ask('PING\r\n'), '+PONG\r\n');
  idle.forEach((wire) => wire.destroy());
  await aloneAgain(client);
});

test('what a client queued in MULTI goes with it', async () => {
  const client = await open();
  const wire = await openWire();
  assert.equal(await wire.ask('WATCH s\r\nMULTI\r\nXADD s 1-1 a 1\r\n', 3),
    '+OK\r\n+OK\r\n+QUEUED\r\n');
  const others = (await client.client('LIST')).split('\n').filter((line) => / multi=1 /.test(line));
  assert.equal(others.length, 1);
  wire.destroy();
  await aloneAgain(client);
  assert.equal(await client.exists('s'), 0);
});

test('an entry does not go to a blocked client that is gone', async () => {
  const client = await open();
  await client.xgroup('CREATE', 's', 'g', '$', 'MKSTREAM');
  const [dying, waiting] = [await openWire(), await open()];
  await dying.write('XREADGROUP GROUP g dead BLOCK 0 STREAMS s >\r\n');
  await until('the first is blocked', () => isBlocked(client, 1));
  const read = waiting.xreadgroup('GROUP', 'g', 'alive', 'BLOCK', 0, 'STREAMS', 's', '>');
  await until('the second is blocked', () => isBlocked(client, 2));
  dying.destroy();
  await until('the first is gone', async () => (await connectedClients(client)) === 2);
  await client.xadd('s', '1-1', 'a', '1');
  assert.deepEqual(await read, [['s', [['1-1', ['a', '1']]]]]);
  assert.deepEqual((await client.xpending('s', 'g'))[3], [['alive', '1']]);
  waiting.disconnect();
  await aloneAgain(client);
});

test('a request that was begun and never finished does nothing', async () => {
  const client = await open();
  const wire = await openWire();
  const adds = 'XADD s 1-1 a 1\r\nXADD s 2-1 a 1\r\n';
  await wire.write(`MULTI\r\n${adds}EXEC\r\n*4\r\n$4\r\nXADD\r\n$1\r\ns`);
  await until('the transaction ran', async () => (await client.xlen('s')) === 2);
  wire.destroy();
  await aloneAgain(client);
  assert.equal(await client.xlen('s'), 2);
});
