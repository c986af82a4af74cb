/** `brooklet push` and `pull`: on `brooklet serve`, and on real servers where there are some. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { Brooklet } from 'brooklet';
import { check } from '#dist/tools/check.js';
import { compareIds } from '#dist/tools/ids.js';
import { serverKind } from '#dist/tools/profile.js';
import { pull } from '#dist/tools/pull.js';
import { push } from '#dist/tools/push.js';
import { silent } from '#dist/tools/reporter.js';
import { parseServerUrl } from '#dist/tools/server.js';
import { loadJournal } from '#dist/tools/state.js';
import { directory } from './place.js';
import { certificate, privateKey } from './certificate.js';
import {
  bin,
  HISTORY,
  journal,
  listener,
  play,
  run,
  serveBrooklet,
  startRedis,
  stateOf,
  type TestServer,
  type WhenOver,
} from './tools-support.js';

const pushed = { profile: 'auto', replace: false } as const;
const pulled = { dump: true } as const;
const empty = (): string => join(directory(), 'new');

/** What public commands do not tell: idempotent IDs, and the exact time of a delivery. */
const withoutIds = (state: string): string =>
  state
    .replaceAll(/\*5\r\n\$11\r\nXIDMPRECORD\r\n(\$\d+\r\n[^\r]*\r\n){4}/g, '')
    .replaceAll(/\$4\r\nTIME\r\n\$\d+\r\n\d+/g, 'TIME');

/** What holds for every server that knows all commands. */
function suite(start: (whenOver: WhenOver) => Promise<TestServer>): void {
  let server: TestServer;
  const ends: Array<() => unknown> = [];
  before(async () => void (server = await start((end) => ends.push(end))));
  after(() => Promise.all(ends.map((end) => end())));
  const cleared = async (): Promise<TestServer> => {
    await server.clear();
    return server;
  };

  test('what is pushed and pulled again is the same', async () => {
    const { url } = await cleared();
    const [path, copy, said] = [await journal(), empty(), listener()];
    await push(path, url, pushed, said);
    assert.match(said.notes.join(), /^5 keys in \d+ commands: 127\.0\.0\.1:\d+, Redis 8\./);
    await pull(url, copy, pulled, said);
    assert.match(said.notes.at(-1) ?? '', /^5 keys from 127\.0\.0\.1:\d+: /);
    assert.deepEqual(said.warnings, []);
    assert.equal(await stateOf(copy), await stateOf(path));
  });

  test('public commands tell the same, but for idempotent IDs', async () => {
    const { url } = await cleared();
    const [path, copy, said] = [await journal(), empty(), listener()];
    await push(path, url, pushed, silent);
    await pull(url, copy, { dump: false }, said);
    assert.match(said.notes.join(), /^5 keys \(5 by public commands\) from /);
    assert.deepEqual(said.warnings, ['Left out, since no command tells them: 1 idempotent ID']);
    assert.equal(withoutIds(await stateOf(copy)), withoutIds(await stateOf(path)));
  });

  test('keys that are there are refused, or replaced', async () => {
    const { url, port } = await cleared();
    const path = await journal();
    await run(['cli', '-p', String(port), 'SET', 'jobs', 'mine']);
    await run(['cli', '-p', String(port), 'SET', 'other', 'mine']);
    await assert.rejects(push(path, url, pushed, silent), {
      message: /has "jobs" already, and nothing was changed: --replace/,
    });
    assert.equal((await run(['cli', '-p', String(port), 'DBSIZE'])).out, '2\n');
    await push(path, url, { ...pushed, replace: true }, silent);
    await push(path, url, { ...pushed, replace: true }, silent);
    assert.equal((await run(['cli', '-p', String(port), 'GET', 'other'])).out, 'mine\n');
    await run(['cli', '-p', String(port), 'DEL', 'other']);
    const copy = empty();
    await pull(url, copy, pulled, silent);
    assert.equal(await stateOf(copy), await stateOf(path));
  });

  test('an address with a database is for one', async () => {
    const { url } = await cleared();
    await assert.rejects(push(await journal(), `${url}/5`, pushed, silent), {
      message: /keys in the databases 0, 3, and the address names one: leave \/5 away/,
    });
    const path = await journal(HISTORY.slice(0, HISTORY.indexOf('SELECT 3')));
    await push(path, `${url}/5`, pushed, silent);
    const copy = empty();
    await pull(`${url}/5`, copy, pulled, silent);
    assert.equal(await stateOf(copy), await stateOf(path));
    const nothing = empty();
    await pull(`${url}/4`, nothing, pulled, silent);
    assert.equal(await stateOf(nothing), '');
  });

  test('a pattern chooses keys, and any bytes are a name', async () => {
    const { url } = await cleared();
    const path = directory();
    const db = await Brooklet.open(path);
    const names = [Uint8Array.of(0xff, 0x00, 0x0a), 'a:1', 'a:2', ''];
    const connection = db.connect();
    for (const name of names) await connection.send(['XADD', name, '1-1', '\r\n#', name]);
    await db.close();
    await push(path, url, pushed, silent);
    const [all, some, said] = [empty(), empty(), listener()];
    await pull(url, all, pulled, silent);
    assert.equal(await stateOf(all), await stateOf(path));
    await pull(url, some, { ...pulled, match: 'a:*' }, said);
    assert.match(said.notes.join(), /^2 keys from/);
  });

  test('a directory that holds data is not pulled into', async () => {
    const { url } = await cleared();
    const path = await journal();
    const state = await stateOf(path);
    await assert.rejects(pull(url, path, pulled, silent), { message: /holds data already/ });
    assert.equal(await stateOf(path), state);
  });

  test('pending entries by the thousand, and a long stream', async () => {
    const { url } = await cleared();
    const path = directory();
    const db = await Brooklet.open(path, { durability: 'no' });
    const connection = db.connect();
    const ids = Array.from({ length: 5000 }, (_, index) => `${index + 1}-0`);
    await Promise.all(ids.map((id) => connection.send(['XADD', 's', id, 'f', 'v'.repeat(200)])));
    await connection.send(['XGROUP', 'CREATE', 's', 'g', '0']);
    await connection.send(['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 3000, 'STREAMS', 's', '>']);
    await connection.send(['XDEL', 's', ...ids.slice(1000, 1100)]);
    await db.close();
    await push(path, url, pushed, silent);
    const copy = empty();
    await pull(url, copy, pulled, silent);
    assert.equal(await stateOf(copy), await stateOf(path));
    const slowly = empty();
    await pull(url, slowly, { dump: false }, silent);
    assert.deepEqual(await pendingOf(slowly), await pendingOf(path));
  });
}

/** What is told of a stream and its group, but for times. */
async function pendingOf(path: string, key = 's', group = 'g'): Promise<unknown> {
  const { database } = await loadJournal(path, silent);
  const client = database.client();
  const pending = await client.xPendingRange(key, group, '-', '+', 10_000);
  const told = pending.map(({ id, consumer, deliveriesCounter }) => [
    id,
    consumer,
    deliveriesCounter,
  ]);
  const stream: Record<string, unknown> = { ...(await client.xInfoStream(key)) };
  // Where blocks begin, neither side tells.
  delete stream['radix-tree-keys'];
  delete stream['radix-tree-nodes'];
  const all = [told, await client.xInfoGroups(key), stream];
  await database.close();
  return all;
}

describe('brooklet serve', () => suite((whenOver) => serveBrooklet('', whenOver)));

const redis = process.env['REDIS_SERVER'];
const redis7 = process.env['REDIS_7_SERVER'];
const valkey = process.env['VALKEY_SERVER'];
if (redis) {
  describe('Redis', () => {
    suite((whenOver) => startRedis(redis, whenOver));

    test('what is not kept here is left out and counted', async () => {
      const { url, port } = await startRedis(redis);
      for (const words of [
        ['RPUSH', 'list', 'a'],
        ['HSET', 'hash', 'a', '1'],
        ['SET', 'k', 'v'],
      ]) {
        await run(['cli', '-p', String(port), ...words]);
      }
      const said = listener();
      await pull(url, empty(), pulled, said);
      assert.match(said.notes.join(), /^1 key from/);
      assert.match(said.warnings.join(), /^2 keys of other types left out/);
    });
  });
}
for (const [path, profile] of [[redis, '8.10'] as const, [redis7, '7.0'] as const]) {
  if (!path) continue;
  test(`an export for Redis ${profile} is its journal, and that is ours again`, async () => {
    const [original, dir] = [await journal(), directory()];
    const file = join(dir, 'appendonly.aof');
    assert.equal((await run(['export', '-q', '--profile', profile, original, file])).code, 0);
    const state = await stateOf(file);
    const { url, port } = await startRedis(path, undefined, dir);
    const pulledCopy = empty();
    await pull(url, pulledCopy, pulled, silent);
    assert.equal(await stateOf(pulledCopy), state);
    await run(['cli', '-p', String(port), 'XADD', 'jobs', '10-0', 'by', 'Redis']);
    await run(['cli', '-p', String(port), 'SHUTDOWN']);
    assert.match(await check(dir, { fix: false }, silent), /is whole/);
    const db = await Brooklet.open(dir);
    const entries = await db.client().xRange('jobs', '10-0', '+');
    assert.deepEqual(
      entries.map(({ message }) => ({ ...message })),
      [{ by: 'Redis' }],
    );
    await db.close();
  });
}
if (redis7) {
  test('Redis 7.0 gets what it can hold', async () => {
    const { url } = await startRedis(redis7);
    const [path, copy, said] = [await journal(), empty(), listener()];
    await push(path, url, pushed, said);
    assert.match(said.notes.join(), /Redis 7\.0\.\d+$/);
    assert.deepEqual(said.warnings.length, 2, 'what was given back, what is idempotent');
    await pull(url, copy, pulled, silent);
    const exported = empty();
    const { bytes } = await run(['export', '-q', '--profile', '7.0', path]);
    assert.equal((await run(['import', exported, '-'], bytes)).code, 0);
    assert.equal(await stateOf(copy), await stateOf(exported));
  });
}

if (valkey) {
  test('Valkey gets what it can hold, and tells it by public commands', async () => {
    const { url } = await startRedis(valkey);
    const [path, copy, exported, said] = [await journal(), empty(), empty(), listener()];
    await push(path, url, pushed, said);
    assert.match(said.notes.join(), /Valkey \d+\.\d+\.\d+$/);
    await pull(url, copy, pulled, silent);
    const { bytes } = await run(['export', '-q', '--profile', '7.0', path]);
    assert.equal((await run(['import', exported, '-'], bytes)).code, 0);
    const [found, expected] = [copy, exported].map((it) => pendingOf(it, 'jobs', 'workers'));
    assert.deepEqual(await found, await expected);
  });
}

test('a password is asked for, and given in the address or in a variable', async () => {
  const { url } = await serveBrooklet('s3cret@');
  const path = await journal();
  await assert.rejects(push(path, url, pushed, silent), {
    message: /^127\.0\.0\.1:\d+ answers PING with: NOAUTH .*redis:\/\/user:password@host/,
  });
  const wrong = url.replace('//', '//:wrong@');
  await assert.rejects(push(path, wrong, pushed, silent), { message: /AUTH with: WRONGPASS/ });
  await push(path, url.replace('//', '//default:s3cret%40@'), pushed, silent);
  const { code, err } = await run(['pull', url.replace('//', '//:s3cret%40@'), empty()]);
  assert.deepEqual([code, err.slice(0, 10)], [0, '5 keys fro']);
});

test('who cannot be reached is named, and nothing is begun', async () => {
  const { port } = await startNothing();
  const url = `redis://127.0.0.1:${port}`;
  const reached = { message: /^could not reach 127\.0\.0\.1:\d+: .*ECONNREFUSED/ };
  await assert.rejects(push(await journal(), url, pushed, silent), reached);
  const path = empty();
  await assert.rejects(pull(url, path, pulled, silent), reached);
  const { code, err } = await run(['pull', 'http://x', path]);
  assert.deepEqual(
    [code, err],
    [
      1,
      'brooklet pull: "http://x" is no address such as: ' +
        'redis://[user:password@]host[:port][/database]\n',
    ],
  );
});

test('a server that goes away leaves a new directory empty', async () => {
  const { db, port } = await serveBrooklet();
  await play(db, HISTORY);
  const proxy = await between(port, { cutAfter: 1500 });
  const path = empty();
  await assert.rejects(pull(proxy, path, { dump: false }, silent), { message: /could not reach/ });
  assert.deepEqual(
    readdirSync(path).filter((name) => name === 'brooklet.lock'),
    [],
  );
  await pull(`redis://127.0.0.1:${port}`, path, pulled, silent);
  assert.match(await stateOf(path), /elsewhere/);
});

test('a server that goes away in the middle of a push is told as that', async () => {
  const { port } = await serveBrooklet();
  const path = await journal(Array.from({ length: 1000 }, (_, at) => `XADD s ${at + 1}-0 n v`));
  const proxy = await between(port, { cutAfter: 4000 });
  await assert.rejects(push(path, proxy, pushed, silent), {
    message: /has gone: .* Some of it has arrived by now: push again with --replace/,
  });
});

test('a tool that is interrupted ends at once, and is no hindrance later', async () => {
  const silence = createServer().listen(0, '127.0.0.1');
  await once(silence, 'listening');
  after(() => void silence.close());
  const { port } = silence.address() as AddressInfo;
  const path = empty();
  const child = spawn(process.execPath, [bin, 'pull', `redis://127.0.0.1:${port}`, path]);
  const [socket] = (await once(silence, 'connection')) as [Socket];
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [130, null]);
  socket.destroy();
  const { url } = await serveBrooklet();
  await pull(url, path, pulled, silent);
});

test('a refused command is told with its key', async () => {
  const { db, url } = await serveBrooklet();
  await db.client().configSet('maxmemory', '1');
  await assert.rejects(push(await journal(), url, pushed, silent), {
    message: /^the server refused XADD of "\w+" in database \d: OOM .* Some of it has arrived/,
  });
});

test('Dragonfly gets no counters, and what is too old is refused', async () => {
  const { db, port } = await serveBrooklet();
  const dragonfly = await between(port, {
    replace: ['redis_version:8.10.2', 'dragonfly_version:df'],
  });
  const said = listener();
  const path = await journal();
  await push(path, dragonfly, pushed, said);
  assert.match(said.notes.join(), /Dragonfly df$/);
  const [group] = await db.client().xInfoGroups('jobs');
  assert.equal(group?.['entries-read'], null);
  assert.equal(group?.pending, 3);
  const old = await between(port, { replace: ['redis_version:8.10.2', 'redis_version:6.2.14'] });
  await assert.rejects(push(path, old, { ...pushed, replace: true }, silent), {
    message: /the server is Redis 6\.2\.14: 7\.0 or newer is needed/,
  });
});

test('versions are told apart', () => {
  const profile = (version: string) => serverKind(`redis_version:${version}\r\n`).profile;
  const expected = {
    '7.0.0': '7.0',
    '7.2.11': '7.0',
    '8.0.3': '7.0',
    '8.2.1': '8.2',
    '8.4.0': '8.2',
  };
  for (const [version, found] of Object.entries(expected)) assert.equal(profile(version), found);
  assert.deepEqual(['8.6.1', '8.6.2', '8.6.10'].map(profile), ['8.2', '8.6', '8.6']);
  assert.deepEqual(['8.8.0', '8.10.2', '9.0.0', '10.1'].map(profile), [
    '8.10',
    '8.10',
    '8.10',
    '8.10',
  ]);
  const valkey = serverKind(
    'redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.0.1\r\n',
  );
  assert.deepEqual([valkey.name, valkey.profile, valkey.isPlain], ['Valkey 9.0.1', '7.0', false]);
  const ids = ['10-0', '9-18446744073709551615', '9-2', '18446744073709551615-1', '9-10'];
  const sorted = ['9-2', '9-10', '9-18446744073709551615', '10-0', '18446744073709551615-1'];
  assert.deepEqual(ids.sort(compareIds), sorted);
});

test('addresses are read as they are meant', () => {
  const parsed = parseServerUrl('rediss://me:p%40ss@[::1]:7000/12');
  assert.deepEqual(parsed, {
    host: '::1',
    port: 7000,
    tls: true,
    user: 'me',
    password: 'p@ss',
    database: 12,
  });
  const short = parseServerUrl('redis://host');
  assert.deepEqual(
    [short.port, short.tls, short.database, short.password],
    [6379, false, undefined, undefined],
  );
  for (const wrong of ['', 'host:6379', 'redis://', 'redis://host/one', 'redis://host/1/2']) {
    assert.throws(() => parseServerUrl(wrong), { name: 'ToolError' }, wrong);
  }
});

test('TLS is spoken where the address says so', async () => {
  const { port } = await serveBrooklet();
  const server = createTlsServer({ key: privateKey, cert: certificate }, (socket) => {
    const behind = connect(port, '127.0.0.1');
    socket.on('error', () => behind.destroy());
    socket.pipe(behind).pipe(socket);
  });
  const url = `rediss://localhost:${await listening(server)}`;
  const cacert = join(directory({ 'ca.pem': certificate }), 'ca.pem');
  const path = await journal();
  await assert.rejects(push(path, url, pushed, silent), {
    message: /could not reach .*self.signed/,
  });
  await push(path, url, { ...pushed, cacert }, silent);
  const copy = empty();
  await pull(url, copy, { ...pulled, cacert }, silent);
  assert.equal(await stateOf(copy), await stateOf(path));
});

/** A port where nobody listens. */
async function startNothing(): Promise<{ port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return { port };
}

/** Something between a tool and a server that ends connections, or has it say something else. */
async function between(
  port: number,
  { cutAfter = Infinity, replace }: { cutAfter?: number; replace?: [string, string] },
): Promise<string> {
  const server = createServer((socket: Socket) => {
    const behind = connect(port, '127.0.0.1');
    let said = 0;
    behind.on('data', (bytes: Buffer) => {
      said += bytes.length;
      if (said > cutAfter) return socket.destroy();
      const text = bytes.toString('latin1');
      return socket.write(replace ? text.replace(...replace) : text, 'latin1');
    });
    socket.on('error', () => behind.destroy()).on('close', () => behind.destroy());
    socket.pipe(behind);
  });
  return `redis://127.0.0.1:${await listening(server)}`;
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => void server.close());
  return (server.address() as AddressInfo).port;
}
