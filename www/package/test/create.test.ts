/** Opening a database: sources of the engine, configuration, and what goes wrong. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compile, compileSync, type WasmInput } from '#dist/engine/source.js';
import { Brooklet } from 'brooklet';
import { Brooklet as Inline } from 'brooklet/inline';
import { Brooklet as Slim } from 'brooklet/slim';

const path = fileURLToPath(import.meta.resolve('brooklet/core.wasm'));
const wasm = readFileSync(path);

async function serving(handler: RequestListener, use: (url: URL) => Promise<void>): Promise<void> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/core.wasm`));
  } finally {
    server.close();
  }
}

// First of all tests here: later ones find the engine loaded.
test('the slim entry asks for the engine, and takes it as bytes', async () => {
  await assert.rejects(Slim.create(), { name: 'TypeError', message: /`wasm` option/ });
  assert.throws(() => Slim.createSync(), { name: 'TypeError', message: /`wasm` option/ });
  const database = await Slim.create({ wasm });
  assert.equal(await database.client().ping(), 'PONG');
  database.close();
});

test('every source gives a module', async () => {
  const module = await compile(wasm);
  const response = new Response(wasm, { headers: { 'content-type': 'application/wasm' } });
  const sources: WasmInput[] = [
    module,
    new Uint8Array(wasm),
    new Uint8Array(wasm).buffer,
    response,
    new Response(wasm),
    Promise.resolve(module),
  ];
  for (const source of sources) {
    assert.ok((await compile(source)) instanceof WebAssembly.Module);
  }
  assert.ok(compileSync(wasm) instanceof WebAssembly.Module);
  const headers = { 'content-type': 'application/wasm' };
  await serving(
    (_, response) => response.writeHead(200, headers).end(wasm),
    async (url) => assert.ok((await compile(url)) instanceof WebAssembly.Module),
  );
});

test('a page instead of Wasm is called by its name', async () => {
  const html = { 'content-type': 'text/html' };
  await serving(
    (_, response) => response.writeHead(200, html).end('<!doctype html><title>App</title>'),
    async (url) => {
      await assert.rejects(compile(url), {
        name: 'WasmLoadError',
        url: url.href,
        status: 200,
        firstBytes: '3c 21 64 6f 63 74 79 70',
        message: /HTML page/,
      });
    },
  );
});

test('a missing file, a dead server and nonsense are told apart', async () => {
  await serving(
    (_, response) => response.writeHead(404).end('Not found'),
    (url) => assert.rejects(compile(url), { name: 'WasmLoadError', status: 404 }),
  );
  const dead = new URL('http://127.0.0.1:9/core.wasm');
  await assert.rejects(compile(dead), { name: 'WasmLoadError', url: dead.href });
  await assert.rejects(compile(new Uint8Array(0)), { message: /starts with nothing/ });
  await assert.rejects(compile('x' as unknown as BufferSource), { name: 'WasmLoadError' });
  assert.throws(() => compileSync(new Uint8Array(8)), { name: 'WasmLoadError' });
});

test('the inline entry needs nothing, and opens at once', async () => {
  const database = Inline.createSync();
  assert.equal(await database.client().ping(), 'PONG');
  database.close();
});

test('an option that does not exist, or of the wrong type, is refused', async () => {
  await assert.rejects(Brooklet.create({ maxclient: 1 } as object), /maxclient/);
  await assert.rejects(Brooklet.create({ databases: 'many' } as object), /databases must be/);
  await assert.rejects(Brooklet.create({ maxmemory: -1 }), /maxmemory must be/);
});

test('databases do not see each other', async () => {
  const [one, two] = [await Brooklet.create(), Brooklet.createSync()];
  await one.client().set('k', '1');
  assert.equal(await two.client().get('k'), null);
  one.close();
  assert.equal(await two.client().ping(), 'PONG');
  two.close();
});

test('maxclients and requirepass hold in process too', async () => {
  const database = await Brooklet.create({ maxclients: 2, requirepass: 'secret' });
  const client = database.client();
  assert.equal(await client.ping(), 'PONG');
  const stranger = database.connectResp({ onOutput: (bytes) => said.push(decode(bytes)) });
  const said: string[] = [];
  stranger.write(new TextEncoder().encode('PING\r\n'));
  assert.match(said.join(''), /^-NOAUTH/);
  assert.throws(() => database.client(), {
    name: 'ReplyError',
    message: 'ERR max number of clients reached',
  });
  stranger.close();
  assert.equal(await database.client().ping(), 'PONG');
  database.close();
});

test('the seed makes choices repeatable', async () => {
  const choose = async (): Promise<Array<string | null>> => {
    const database = await Brooklet.create({ seed: 7 });
    const client = database.client();
    await client.mSet(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'v'])));
    const chosen: Array<string | null> = [];
    for (let i = 0; i < 10; i++) chosen.push(await client.randomKey());
    database.close();
    return chosen;
  };
  assert.deepEqual(await choose(), await choose());
});

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
