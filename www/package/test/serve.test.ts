/** The server with real sockets: pipelines, clients that do not read, the end of everything. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SocketConnection } from '#dist/connection/socket.js';
import { isLoopback } from '#dist/loopback.js';
import { parseBytes, parseWhole, problemWith } from '#dist/serve/options.js';
import { RespServer } from '#dist/serve/server.js';
import { encodeCommand } from '#dist/resp/encode.js';
import { Brooklet, Client, type BrookletOptions } from 'brooklet';

const closing: Array<() => Promise<void>> = [];
after(async () => {
  for (const close of closing) await close();
});

async function start(options: BrookletOptions = {}, listen: object = {}) {
  const database = await Brooklet.create(options);
  const where = { host: '127.0.0.1', port: 0, outputLimit: 8 << 20, ...listen };
  const server = await RespServer.listen(database, where);
  closing.push(async () => {
    await server.close();
    database.close();
  });
  return { database, server, port: server.port };
}

function open(port: number): { connection: SocketConnection; client: Client } {
  const connection = new SocketConnection({ host: '127.0.0.1', port });
  closing.unshift(() => Promise.resolve(connection.close()));
  return { connection, client: new Client(connection) };
}

/** Everything that a socket receives until it is closed. */
async function readAll(socket: Socket): Promise<string> {
  const chunks: Uint8Array[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

test('a pipeline is answered in order, in few writes', async () => {
  const { port } = await start();
  const { connection } = open(port);
  const replies = await Promise.all(
    Array.from({ length: 5000 }, (_, i) => connection.send(['XADD', 's', `1-${i + 1}`, 'i', i])),
  );
  assert.equal(replies.at(-1), '1-5000');
  assert.equal(await connection.send(['XLEN', 's']), 5000);
});

test('a blocked client is woken by another, which goes on undisturbed', async () => {
  const { port } = await start();
  const [reader, writer] = [open(port).connection, open(port).connection];
  const read = reader.sendWire(['XREAD', 'BLOCK', '0', 'STREAMS', 's', '0']);
  const behind = reader.send(['XLEN', 's']);
  await writer.send(['PING']);
  await writer.send(['XADD', 's', '1-1', 'a', '1']);
  assert.equal((await read).kind, 'array');
  assert.equal(await behind, 1);
});

test('a request may be cut anywhere', async () => {
  const { port } = await start();
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  for (const byte of encodeCommand(['XADD', 's', '1-1', 'é', '1'])) {
    socket.write(Uint8Array.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.write('QUIT\r\n');
  assert.equal(await readAll(socket), '$3\r\n1-1\r\n+OK\r\n');
});

test('a client that sends and never reads is slowed down, then served to the end', async () => {
  const { port, server } = await start();
  const filler = open(port).connection;
  await filler.send(['XADD', 's', '1-1', 'a', 'x'.repeat(100_000)]);
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  const request = encodeCommand(['XRANGE', 's', '-', '+']);
  const count = 400; // 40 MB of replies against a limit of 8 MB.
  for (let i = 0; i < count; i++) {
    if (!socket.write(request)) await once(socket, 'drain');
    if (i % 20 === 0) await filler.send(['PING']);
  }
  assert.equal(server.connections, 2);
  socket.write('QUIT\r\n');
  const received = await readAll(socket.resume());
  assert.equal(received.match(/\$100000\r\n/g)?.length, count);
  assert.ok(received.endsWith('+OK\r\n'));
});

test('a reply beyond the output limit cuts its client off, and nobody else', async () => {
  const { port, database } = await start({ outputBufferLimit: 1 << 20 }, { outputLimit: 1 << 20 });
  const { connection } = open(port);
  for (let i = 0; i < 30; i++) await connection.send(['XADD', 's', '*', 'a', 'x'.repeat(100_000)]);
  const greedy = connect(port, '127.0.0.1');
  greedy.on('error', () => undefined);
  greedy.write(encodeCommand(['XRANGE', 's', '-', '+']));
  const received = await readAll(greedy);
  assert.ok(received.length < 3_000_000, `${received.length} bytes`);
  assert.equal(await connection.send(['XLEN', 's']), 30);
  assert.equal(database.statistics().sessions, 1);
});

test('more clients than maxclients are told so', async () => {
  const { port } = await start({ maxclients: 1 });
  assert.equal(await open(port).connection.send(['PING']), 'PONG');
  const second = connect(port, '127.0.0.1');
  assert.equal(await readAll(second), '-ERR max number of clients reached\r\n');
});

test('a client that vanishes leaves no session, and no wait, behind', async () => {
  const { port, database } = await start();
  const { connection } = open(port);
  await connection.send(['PING']);
  const blocked = connection.send(['XREAD', 'BLOCK', '0', 'STREAMS', 's', '$']);
  const other = open(port).connection;
  while (database.statistics().blockedReaders === 0) await other.send(['PING']);
  connection.close();
  await assert.rejects(blocked, { name: 'ConnectionClosedError' });
  while (database.statistics().sessions > 1) await other.send(['PING']);
  assert.equal(database.statistics().blockedReaders, 0);
});

test('closing sends what is waiting and ends blocked clients', async () => {
  const database = await Brooklet.create();
  const server = await RespServer.listen(database, {
    host: '127.0.0.1',
    port: 0,
    outputLimit: 64 << 20,
  });
  const writer = new SocketConnection({ host: '127.0.0.1', port: server.port });
  const blocked = new SocketConnection({ host: '127.0.0.1', port: server.port });
  const read = blocked.send(['XREAD', 'BLOCK', '0', 'STREAMS', 'none', '$']);
  const rejected = assert.rejects(read, { name: 'ConnectionClosedError' });
  await writer.send(['XADD', 's', '1-1', 'a', 'x'.repeat(5_000_000)]);
  while (database.statistics().blockedReaders === 0) await writer.send(['PING']);
  const before = database.statistics().commandsProcessed;
  const large = writer.send(['XRANGE', 's', '-', '+']);
  while (database.statistics().commandsProcessed === before) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await server.close();
  assert.equal(((await large) as Array<[string, string[]]>)[0]?.[1][1]?.length, 5_000_000);
  await rejected;
  database.close();
  const late = new SocketConnection({ host: '127.0.0.1', port: server.port });
  await assert.rejects(late.send(['PING']), { code: 'ECONNREFUSED' });
});

test('a unix socket serves too; a live one, and a file, are left alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brooklet-'));
  const path = join(folder, 'brooklet.sock');
  const { server } = await start({}, { unixSocket: path });
  const client = new Client(new SocketConnection({ path }));
  assert.equal(await client.ping(), 'PONG');
  await client.close();
  const second = start({}, { unixSocket: path });
  await assert.rejects(second, { name: 'ListenError', message: /is taken/ });
  await server.close();
  assert.equal(existsSync(path), false);
  writeFileSync(path, 'a file');
  await assert.rejects(start({}, { unixSocket: path }), { name: 'ListenError' });
  assert.equal(existsSync(path), true);
});

test('a taken port is named', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  await assert.rejects(start({}, { port }), {
    name: 'ListenError',
    message: new RegExp(`^port ${port} is taken on 127.0.0.1: .* another --port$`),
  });
  taken.close();
});

test('an address of others needs a password', () => {
  const limits = { maxclients: 1, maxmemory: 0, databases: 16, outputBufferLimit: 1 };
  const flags = { port: 6379, ...limits, enableDebugCommand: 'no' as const };
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1']) {
    assert.equal(isLoopback(host), true, host);
    assert.equal(problemWith({ ...flags, host }), undefined);
  }
  for (const host of ['0.0.0.0', '::', '192.168.1.2', '127.0.0.1.example.org']) {
    assert.match(problemWith({ ...flags, host }) ?? '', /--requirepass/, host);
    assert.equal(problemWith({ ...flags, host, requirepass: 'x' }), undefined);
  }
});

test('sizes and numbers are read as in redis.conf, and nothing else is', () => {
  const sizes = ['1', '1k', '1kb', '2MB', '1gb'].map(parseBytes);
  assert.deepEqual(sizes, [1, 1000, 1024, 2 << 20, 1 << 30]);
  for (const text of ['', 'x', '-1', '1.5', '1tb', '99999999999999999gb']) {
    assert.equal(parseBytes(text), undefined, text);
  }
  assert.equal(parseWhole('65535', 0, 65535), 65535);
  for (const text of ['65536', '-1', '1e3', '', ' 1']) {
    assert.equal(parseWhole(text, 0, 65535), undefined, text);
  }
});
