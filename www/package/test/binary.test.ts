/** Texts and bytes of every kind and size cross the border unharmed, both ways. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, openDatabase } from './support.js';

const TEXTS = [
  '',
  'plain',
  'é',
  '🦀',
  '\u0000\n\r',
  '\ufeffmark',
  'x'.repeat(31),
  'x'.repeat(32),
  'x'.repeat(33),
  `${'x'.repeat(31)}é`,
  'x'.repeat(64),
  'x'.repeat(65),
  `${'x'.repeat(64)}é`,
  'é'.repeat(70_000),
  'y'.repeat((1 << 20) + 1),
];

test('texts come back as they went', async () => {
  const { client, database } = await openDatabase();
  for (const text of TEXTS) {
    assert.equal(await client.echo(text), text);
    const id = await client.xAdd('s', '*', { [text]: text });
    assert.deepEqual(await client.xRange('s', id, id), [{ id, message: { [text]: text } }]);
  }
  const all = await client.xRange('s', '-', '+');
  assert.deepEqual(all.map(({ message }) => Object.values(message)[0]), TEXTS);
  database.close();
});

test('bytes that are no text survive with buffers', async () => {
  const { client, database } = await openDatabase();
  const binary = Uint8Array.from({ length: 256 }, (_, index) => index);
  const buffers = client.withBuffers();
  assert.deepEqual(await buffers.echo(binary), binary);
  await client.xAdd('s', '1-1', { data: binary });
  assert.deepEqual(await buffers.xRange('s', '-', '+'), [
    { id: bytes('1-1'), message: { data: binary } },
  ]);
  const [stream] = (await buffers.xRead({ key: 's', id: '0' })) ?? [];
  assert.equal(stream?.name, 's');
  assert.deepEqual(stream?.messages[0]?.message['data'], binary);
  database.close();
});

test('a stream goes into bytes and comes back', async () => {
  const { client, database } = await openDatabase();
  await client.xAdd('s', '1-1', { f: 'v' });
  await client.xGroupCreate('s', 'g', '0');
  const payload = await client.withBuffers().dump('s');
  assert.ok(payload);
  assert.equal(await client.restore('t', 0, payload), 'OK');
  assert.deepEqual(await client.withBuffers().dump('t'), payload);
  await assert.rejects(client.restore('t', 0, payload), /BUSYKEY/);
  assert.equal(await client.restore('t', 5000, payload, { REPLACE: true }), 'OK');
  assert.ok((await client.pTTL('t')) > 4000);
  assert.equal(await client.dump('none'), null);
  database.close();
});

test('a copy outlives the memory that it was copied from', async () => {
  const { client, database } = await openDatabase();
  const kept = await client.withBuffers().echo('kept');
  for (let i = 0; i < 2000; i++) await client.xAdd('s', '*', { fill: 'z'.repeat(10_000) });
  assert.deepEqual(kept, bytes('kept'));
  assert.equal(await client.xLen('s'), 2000);
  database.close();
});

test('invalid bytes read as text become U+FFFD and move nothing', async () => {
  const { client, database } = await openDatabase();
  const lone = Uint8Array.of(0xff, 0x41, 0xc3);
  const after = 'after'.repeat(20);
  await client.xAdd('s', '1-1', { a: lone, b: after });
  const [entry] = await client.xRange('s', '-', '+');
  assert.deepEqual(entry?.message, { a: '\ufffdA\ufffd', b: after });
  database.close();
});

test('integers of every size are exact', async () => {
  const connection = (await openDatabase()).database.connect();
  const powers = [28n, 31n, 32n, 53n].map((bits) => 2n ** bits);
  const around = powers.flatMap((power) => [power - 1n, power, -power, -power - 1n]);
  for (const value of [0n, -1n, ...around, 2n ** 63n - 1n, -(2n ** 63n) + 1n]) {
    await connection.send(['SET', 'n', String(value - 1n)]);
    assert.equal(BigInt((await connection.send(['INCR', 'n'])) as bigint), value);
  }
});
