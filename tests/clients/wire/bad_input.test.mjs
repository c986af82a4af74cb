/** Bytes that are no commands, or wrong ones: what they are answered, and that nobody else sees. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useClients } from '../ioredis/clients.mjs';
import { connectedClients, residentMiB } from '../support/server_state.mjs';
import { useServer } from '../support/server.mjs';
import { until } from '../support/until.mjs';
import { useWires } from '../support/wire.mjs';
import { workOn } from './work.mjs';

const server = useServer();
const { open } = useClients(server, 3);
const openWire = useWires(server);
const openLockedWire = useWires(useServer({ password: 'sesame' }));

/** Requests that are refused; the connection goes on. */
const REFUSED = {
  'XADD s': "ERR wrong number of arguments for 'xadd' command",
  'XADD s * field': "ERR wrong number of arguments for 'xadd' command",
  'XGROUP CREATE s': "ERR wrong number of arguments for 'xgroup|create' command",
  'XGROUP NOPE s g': "ERR unknown subcommand 'NOPE'. Try XGROUP HELP.",
  'NOPE a b': "ERR unknown command 'NOPE', with args beginning with: 'a' 'b' ",
  'XADD s never a 1': 'ERR Invalid stream ID specified as stream command argument',
  'XADD s 18446744073709551616 a 1': 'ERR Invalid stream ID specified as stream command argument',
  'XADD s 0-0 a 1': 'ERR The ID specified in XADD must be greater than 0-0',
  'XADD s MAXLEN -1 * a 1': 'ERR The MAXLEN argument must be >= 0.',
  'XRANGE s - + COUNT 18446744073709551616': 'ERR value is not an integer or out of range',
  'XAUTOCLAIM s g c 0 0 COUNT 9223372036854775807': 'ERR COUNT must be > 0',
  'XREAD BLOCK -1 STREAMS s 0': 'ERR timeout is negative',
  'XREADGROUP GROUP g c STREAMS s >': "NOGROUP No such key 's' or consumer group 'g'",
  'EXEC': 'ERR EXEC without MULTI',
};

/** Bytes that break the protocol; the connection is closed after the answer. */
const CLOSED = [
  ['*99999999999\r\n', 'invalid multibulk length'],
  ['*many\r\n', 'invalid multibulk length'],
  ['*1\r\n+PING\r\n', "expected '$', got '+'"],
  ['*1\r\n$-5\r\n', 'invalid bulk length'],
  ['*2\r\n$4\r\nECHO\r\n$629145600\r\n', 'invalid bulk length'],
  ['XADD "s\r\n', 'unbalanced quotes in request'],
  [`*${'1'.repeat(70_000)}`, 'too big mbulk count string'],
  ['a'.repeat(70_000), 'too big inline request'],
];

test('a wrong request is refused, the next one is served', async () => {
  const wire = await openWire();
  for (const [request, error] of Object.entries(REFUSED)) {
    const reply = await wire.ask(`${request}\r\n`);
    assert.ok(reply.startsWith(`-${error}`), `${request}: ${reply}`);
    const words = request.split(' ').map((word) => `$${word.length}\r\n${word}\r\n`);
    assert.equal(await wire.ask(`*${words.length}\r\n${words.join('')}`), reply);
    assert.equal(await wire.ask('PING\r\n'), '+PONG\r\n');
  }
});

test('a broken protocol is answered once, then the connection ends', async () => {
  for (const [bytes, problem] of CLOSED) {
    const wire = await openWire();
    await wire.write(bytes);
    assert.equal(await wire.untilClosed(), `-ERR Protocol error: ${problem}\r\n`);
  }
});

test('requests before the broken one are served', async () => {
  const wire = await openWire();
  await wire.write('XADD s 1-1 a 1\r\n*1\r\n$x\r\nXADD s 2-1 a 1\r\n');
  assert.equal(
    await wire.untilClosed(),
    '$3\r\n1-1\r\n-ERR Protocol error: invalid bulk length\r\n',
  );
  assert.equal(await (await open()).xlen('s'), 1);
});

test('a stranger may not even announce much', async () => {
  for (const [bytes, problem] of [
    ['*11\r\n', 'unauthenticated multibulk length'],
    ['*2\r\n$4\r\nAUTH\r\n$16385\r\n', 'unauthenticated bulk length'],
  ]) {
    const wire = await openLockedWire();
    await wire.write(bytes);
    assert.equal(await wire.untilClosed(), `-ERR Protocol error: ${problem}\r\n`);
  }
});

test('what is announced and never sent takes no memory', async () => {
  const client = await open();
  const before = await residentMiB(server);
  for (let i = 0; i < 20; i += 1) {
    const wire = await openWire();
    await wire.write('*1000000\r\n$4\r\nMSET\r\n$536870912\r\nabc');
  }
  await workOn(client);
  assert.ok((await residentMiB(server)) - before < 128, 'an announcement was believed');
});

test('random bytes end connections, not the server', async () => {
  const client = await open();
  const random = randomBytes(20_261_122);
  for (let round = 0; round < 100; round += 1) {
    const wire = await openWire();
    const start = ['', '*', '*3\r\n$', '*2\r\n$4\r\nXADD\r\n$'][round % 4];
    await wire.write(Buffer.concat([Buffer.from(start), random(1 + round * 40)]));
    wire.end();
    await wire.closed;
    if (round % 10 === 0) await workOn(client, 5);
  }
  await until('all of them are gone', async () => (await connectedClients(client)) === 1);
});

/** The same bytes for the same seed: a generator of the kind called xorshift. */
function randomBytes(seed) {
  let state = seed;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  };
  return (length) => Buffer.from(Array.from({ length }, next));
}
