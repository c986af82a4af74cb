/** `brooklet serve --http`: the handler behind real sockets, beside RESP, and its end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { after, test } from 'node:test';
import { problemWith } from '#dist/serve/options.js';
import { HttpServer } from '#dist/serve/http.js';
import { Brooklet } from 'brooklet';
import type { RestOptions } from 'brooklet/rest';

const closing: Array<() => Promise<void>> = [];
after(async () => {
  for (const close of closing) await close();
});

async function start(options: RestOptions = { token: 'secret' }) {
  const database = await Brooklet.create();
  const server = await HttpServer.listen(database, { host: '127.0.0.1', port: 0, ...options });
  closing.push(async () => {
    await server.close();
    await database.close();
  });
  const url = `http://127.0.0.1:${server.port}`;
  const headers = { authorization: 'Bearer secret' };
  const run = (...command: unknown[]) =>
    fetch(url, { method: 'POST', headers, body: JSON.stringify(command) });
  return { database, server, url, headers, run };
}

/** Sends bytes as they are, and reads what comes until the connection is closed. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

test('requests over sockets: bodies, binary values, HEAD, headers', async () => {
  const { url, headers, run } = await start();
  const value = new Uint8Array(200_000).map((_, i) => i);
  const put = await fetch(`${url}/set/k?EX=100`, { method: 'PUT', body: value, headers });
  assert.deepEqual(await put.json(), { result: 'OK' });
  const base64 = { ...headers, 'upstash-encoding': 'base64' };
  const got = await fetch(`${url}/get/k`, { headers: base64 });
  const { result } = (await got.json()) as { result: string };
  assert.deepEqual(new Uint8Array(Buffer.from(result, 'base64')), value);
  const head = await fetch(`${url}/get/k`, { method: 'HEAD', headers });
  assert.deepEqual([head.status, await head.text()], [200, '']);
  assert.match(head.headers.get('upstash-sync-token') ?? '', /^0-\d+$/);
  assert.equal((await run('NOPE')).status, 400);
  assert.equal((await fetch(`${url}/ping`)).status, 401);
});

test('a body that is too long is refused in words, however it comes', async () => {
  const limits = { bodyBytes: 1 << 20 };
  const { url, headers, server } = await start({ token: 'secret', limits });
  const announced = await fetch(`${url}/set/k`, {
    method: 'PUT',
    headers,
    body: new Uint8Array(2 << 20),
  });
  assert.equal(announced.status, 413);
  const chunk = `${(1 << 16).toString(16)}\r\n${'x'.repeat(1 << 16)}\r\n`;
  const head = 'PUT /set/k HTTP/1.1\r\nhost: a\r\nauthorization: Bearer secret\r\n';
  const answer = await raw(
    server.port,
    `${head}transfer-encoding: chunked\r\n\r\n${chunk.repeat(20)}0\r\n\r\n`,
  );
  assert.match(answer, /^HTTP\/1.1 413 /);
  assert.match(answer, /{"error":"ERR max request size exceeded. Limit: 1048576 bytes"}$/);
  assert.deepEqual(await (await fetch(`${url}/exists/k`, { headers })).json(), { result: 0 });
});

test('requests that Request cannot be made of', async () => {
  const { server } = await start();
  const ask = (line: string) =>
    raw(server.port, `${line} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  for (const line of ['TRACE /', 'GET http://[', 'OPTIONS *']) {
    assert.match(await ask(line), /^HTTP\/1.1 400 .*{"error":"ERR [^"]+"}$/s, line);
  }
  assert.match(await ask('GET //evil.example/ping'), /^HTTP\/1.1 401 /);
});

test('without a token this machine is served, and no page from elsewhere', async () => {
  const { url } = await start({});
  assert.deepEqual(await (await fetch(`${url}/ping`)).json(), { result: 'PONG' });
  const page = await fetch(`${url}/flushall`, { headers: { origin: 'https://evil.example' } });
  assert.equal(page.status, 401);
});

test('a client that hangs up is not waited for', async () => {
  const { url, headers, database } = await start();
  const gone = new AbortController();
  const read = fetch(`${url}/xread/block/0/streams/s/$`, { headers, signal: gone.signal });
  while (database.statistics().blockedReaders === 0) await setImmediate();
  gone.abort();
  await assert.rejects(read, { name: 'AbortError' });
  while (database.statistics().sessions > 0) await setImmediate();
});

test('closing ends what waits and answers what is being run', async () => {
  const { url, headers, database, server, run } = await start();
  const waiting = fetch(`${url}/xread/block/0/streams/s/$`, { headers });
  while (database.statistics().blockedReaders === 0) await setImmediate();
  const before = database.statistics().commandsProcessed;
  const running = run('ECHO', 'x'.repeat(1_000_000));
  while (database.statistics().commandsProcessed === before) await setImmediate();
  await server.close();
  assert.equal((await waiting).status, 499);
  assert.equal(((await (await running).json()) as { result: string }).result.length, 1_000_000);
  await assert.rejects(fetch(`${url}/ping`, { headers }));
});

test('a taken port is named with its option', async () => {
  const { server, database } = await start();
  const second = HttpServer.listen(database, { host: '127.0.0.1', port: server.port });
  await assert.rejects(second, { name: 'ListenError', message: /choose another --http$/ });
});

test('an address of others needs a token, and a token has to be one', () => {
  const limits = { maxclients: 1, maxmemory: 0, databases: 16, outputBufferLimit: 1 };
  const flags = { port: 6379, http: 80, ...limits, enableDebugCommand: 'no' as const };
  const open = { ...flags, host: '0.0.0.0', requirepass: 'x' };
  assert.match(problemWith(open) ?? '', /--http needs a token: add --http-token/);
  assert.equal(problemWith({ ...open, httpToken: 'x' }), undefined);
  assert.equal(problemWith({ ...open, httpReadonlyToken: 'x' }), undefined);
  assert.match(problemWith({ ...open, httpToken: '' }) ?? '', /must not be empty/);
  assert.match(problemWith({ ...flags, host: '::1', httpToken: '' }) ?? '', /must not be empty/);
});
