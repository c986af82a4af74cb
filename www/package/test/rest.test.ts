/** The REST handler by requests as Upstash documents them: forms, encodings, statuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRest, read, READ_ONLY, TOKEN } from './rest-support.js';

test('a command in a JSON body', async () => {
  const { run, post } = await openRest();
  assert.deepEqual(await run('XADD', 's', '1-1', 'a', 1, 'b', true), { result: '1-1' });
  assert.deepEqual(await run('xrange', 's', '-', '+'), {
    result: [['1-1', ['a', '1', 'b', 'true']]],
  });
  assert.deepEqual(await run('XREAD', 'STREAMS', 's', '0'), {
    result: [['s', [['1-1', ['a', '1', 'b', 'true']]]]],
  });
  assert.deepEqual(await run('XREAD', 'STREAMS', 's', '1-1'), { result: null });
  assert.deepEqual(await run('CONFIG', 'GET', 'maxmemory'), { result: ['maxmemory', '0'] });
  assert.deepEqual(await run('SET', 'k', '9007199254740993'), { result: 'OK' });
  assert.deepEqual(await run('INCR', 'k'), { result: '9007199254740994' });
  const { status, headers } = await post('', ['PING']);
  assert.equal(status, 200);
  assert.match(headers.get('upstash-sync-token') ?? '', /^0-\d+$/);
});

test('a command in the path, its last word in the body, more of them in the query', async () => {
  const { ask, run } = await openRest();
  assert.deepEqual((await ask('set/foo/bar')).body, { result: 'OK' });
  assert.deepEqual((await ask('get/foo')).body, { result: 'bar' });
  const binary = Uint8Array.of(0, 255, 37);
  const set = await ask('set/bin?EX=100&NX', { method: 'PUT', body: binary });
  assert.deepEqual(set.body, { result: 'OK' });
  assert.deepEqual(await run('TTL', 'bin'), { result: 100 });
  const headers = { 'upstash-encoding': 'base64' };
  assert.deepEqual((await ask('GET/bin', { headers })).body, { result: 'AP8l' });
  assert.deepEqual((await ask('set/%00%FF%2F/a%20b')).body, { result: 'OK' });
  assert.deepEqual((await ask('strlen/%00%ff%2f')).body, { result: 3 });
  assert.deepEqual((await ask('set/empty/')).body, { result: 'OK' });
  assert.deepEqual((await ask('strlen/empty')).body, { result: 0 });
  assert.deepEqual((await ask('echo/a+b')).body, { result: 'a+b' });
  assert.deepEqual((await ask('echo?a+b')).body, { result: 'a b' });
});

test('HEAD runs the command and shows no body', async () => {
  const { ask, run } = await openRest();
  const { status, body, headers } = await ask('incr/n', { method: 'HEAD' });
  assert.deepEqual([status, body], [200, '']);
  assert.equal(headers.get('content-type'), 'application/json');
  assert.deepEqual(await run('GET', 'n'), { result: '1' });
});

test('in base64 every string is, except an OK that stands alone', async () => {
  const { post } = await openRest();
  const headers = { 'upstash-encoding': 'base64' };
  const set = await post('', ['SET', 'k', 'OK'], headers);
  assert.deepEqual(set.body, { result: 'OK' });
  assert.deepEqual((await post('', ['GET', 'k'], headers)).body, { result: 'T0s=' });
  assert.deepEqual((await post('', ['MGET', 'k', 'x'], headers)).body, { result: ['T0s=', null] });
  const error = await post('', ['XLEN', 'k'], headers);
  assert.equal(error.status, 400);
  assert.match(JSON.stringify(error.body), /^{"error":"WRONGTYPE /);
  const both = await post('pipeline', [['PING'], ['XLEN', 'k']], headers);
  assert.deepEqual((both.body as object[])[0], { result: 'UE9ORw==' });
  assert.match(JSON.stringify((both.body as object[])[1]), /^{"error":"WRONGTYPE /);
});

test('a pipeline goes on after errors', async () => {
  const { post } = await openRest();
  const { status, body } = await post('pipeline', [
    ['SET', 'k', 'v'],
    ['INCR', 'k'],
    ['NOPE'],
    ['XCLAIM', 's', 'g', 'c', 1, '1-1', 'TIME', null],
    ['GET', 'k'],
  ]);
  assert.equal(status, 200);
  assert.deepEqual(body, [
    { result: 'OK' },
    { error: 'ERR value is not an integer or out of range' },
    { error: "ERR unknown command 'NOPE'" },
    { error: 'ERR syntax error: argument 7 is null' },
    { result: 'v' },
  ]);
});

test('a transaction runs as a whole or not at all', async () => {
  const { post, run } = await openRest();
  const done = await post('multi-exec', [['SET', 'k', 'v'], ['INCR', 'k'], ['GET', 'k']]);
  assert.equal(done.status, 200);
  assert.deepEqual(done.body, [
    { result: 'OK' },
    { error: 'ERR value is not an integer or out of range' },
    { result: 'v' },
  ]);
  const bad = [['SET', 'k'], ['NOPE'], ['EXEC'], ['RESET'], ['SET', 'k', null], ['WATCH', 'k']];
  for (const broken of bad) {
    const { status, body } = await post('multi-exec', [['SET', 'k', 'w'], broken]);
    assert.equal(status, 400, broken.join());
    assert.match(JSON.stringify(body), /^{"error":"ERR /, broken.join());
  }
  assert.deepEqual(await run('GET', 'k'), { result: 'v' });
});

test('answers in RESP2', async () => {
  const { ask, post } = await openRest();
  const headers = { 'upstash-response-format': 'resp2' };
  const set = await post('', ['SET', 'k', 'v'], headers);
  assert.equal(set.headers.get('content-type'), 'application/octet-stream');
  assert.equal(set.body, '+OK\r\n');
  assert.equal((await ask('mget/k/x', { headers })).body, '*2\r\n$1\r\nv\r\n$-1\r\n');
  assert.equal((await ask('xread/streams/s/0', { headers })).body, '*-1\r\n');
  const failed = await ask('incr/k', { headers });
  assert.deepEqual(
    [failed.status, failed.body],
    [400, '-ERR value is not an integer or out of range\r\n'],
  );
  const pipeline = await post('pipeline', [['GET', 'x'], ['STRLEN', 'k']], headers);
  assert.equal(pipeline.body, '$-1\r\n:1\r\n');
  assert.deepEqual((await post('multi-exec', [['PING']], headers)).body, [{ result: 'PONG' }]);
  await post('', ['XADD', 's', '1-1', 'a', 'b']);
  const read = '*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n';
  assert.equal((await ask('xread/streams/s/0', { headers })).body, read);
  for (const wrong of [
    { ...headers, 'upstash-encoding': 'base64' },
    { 'upstash-response-format': 'resp4' },
    { 'upstash-encoding': 'base65' },
  ]) {
    assert.equal((await ask('ping', { headers: wrong })).status, 400);
  }
});

test('what is no command is told so', async () => {
  const { ask } = await openRest({ limits: { commands: 2, bodyBytes: 1000 } });
  const cases: Array<[string, RequestInit, number, RegExp]> = [
    ['', {}, 400, /no command/],
    ['', { method: 'POST', body: '' }, 400, /parse/],
    ['', { method: 'POST', body: '["PING"' }, 400, /parse/],
    ['', { method: 'POST', body: '{"a":1}' }, 400, /JSON array/],
    ['', { method: 'POST', body: '[]' }, 400, /empty command/],
    ['', { method: 'POST', body: '[["PING"]]' }, 400, /argument 0 is an array/],
    ['', { method: 'POST', body: Uint8Array.of(34, 255, 34) }, 400, /parse/],
    ['', { method: 'POST', body: '["ECHO",12345678901234567890]' }, 400, /2\^53/],
    ['', { method: 'POST', body: `["ECHO","${'x'.repeat(1000)}"]` }, 413, /Limit: 1000 bytes/],
    ['', { method: 'POST', body: '['.repeat(999) }, 400, /parse/],
    ['pipeline', { method: 'POST', body: '[]' }, 400, /empty pipeline/],
    ['pipeline', { method: 'POST', body: '["PING"]' }, 200, /must be a JSON array/],
    ['pipeline', { method: 'POST', body: '{}' }, 400, /array of commands/],
    ['pipeline', { method: 'POST', body: '[["PING"],["PING"],["PING"]]' }, 413, /Limit: 2/],
    ['get/%zz', {}, 400, /percent-encoding/],
    ['get/%f', {}, 400, /percent-encoding/],
    ['multi', {}, 400, /POST \/multi-exec/],
    ['client/reply/off', {}, 400, /connection that stays/],
    ['subscribe/news', {}, 400, /text\/event-stream/],
    ['ping', { method: 'DELETE' }, 405, /unsupported method DELETE/],
  ];
  for (const [path, init, status, error] of cases) {
    const answer = await ask(path, init);
    assert.equal(answer.status, status, `${path} ${JSON.stringify(init)}`);
    assert.match(JSON.stringify(answer.body), error);
  }
});

test('a body without a length is read as far as the limit', async () => {
  const { ask } = await openRest({ limits: { bodyBytes: 100_000 } });
  let sent = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array((sent++, 10_000))),
    cancel: () => void (cancelled = true),
  });
  const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
  assert.equal((await ask('set/k', init)).status, 413);
  assert.ok(sent < 20 && cancelled);
});

test('tokens: wrong ones, those in the URL, those that may only read', async () => {
  const { ask, handle } = await openRest({ token: [TOKEN, 'another'] });
  for (const authorization of ['Bearer wrong', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, 'Bearer ']) {
    const { status, body, headers } = await ask('ping', { headers: { authorization } });
    assert.equal(status, 401);
    assert.deepEqual(body, { error: 'WRONGPASS invalid or missing auth token' });
    assert.equal(headers.get('www-authenticate'), 'Bearer');
  }
  const inUrl = (query: string) => handle(new Request(`http://x/echo/a?${query}`)).then(read);
  assert.equal((await inUrl('_token=wrong')).status, 401);
  assert.deepEqual((await inUrl(`_token=${TOKEN}`)).body, { result: 'a' });
  assert.deepEqual((await inUrl('_token=another')).body, { result: 'a' });

  const reader = { headers: { authorization: `bearer ${READ_ONLY}` } };
  for (const path of ['get/k', 'xlen/s', 'xinfo/stream/s', 'ping', 'xread/streams/s/0']) {
    assert.doesNotMatch(JSON.stringify((await ask(path, reader)).body), /NOPERM/, path);
  }
  for (const path of [
    'set/k/v', 'xadd/s/*/a/b', 'scan/0', 'keys/*', 'flushall', 'publish/a/b', 'config/get/*',
    'info', 'xreadgroup/group/g/c/streams/s/>',
    'xgroup/create/s/g/0', 'client/kill/id/1', 'debug/reload',
  ]) {
    const { status, body } = await ask(path, reader);
    assert.equal(status, 400, path);
    assert.match(JSON.stringify(body), /NOPERM this user has no permissions to run the '/, path);
  }
  const batch = { method: 'POST', body: '[["PING"],["SET","k","v"]]', ...reader };
  assert.match(JSON.stringify((await ask('pipeline', batch)).body), /PONG.*NOPERM/);
  assert.equal((await ask('multi-exec', batch)).status, 400);
  assert.deepEqual((await ask('exists/k')).body, { result: 0 });
});

test('without a token only this machine is served', async () => {
  const { handle } = await openRest({ token: [], readOnlyToken: [] });
  const ask = (url: string, peer: unknown, headers: Record<string, string> = {}) =>
    handle(new Request(url, { headers }), peer).then(read);
  const deno = { remoteAddr: { transport: 'tcp', hostname: '127.0.0.1', port: 1 } };
  const bun = { requestIP: () => ({ address: '::1' }) };
  for (const peer of ['127.0.0.1', '::1', '::ffff:127.0.0.1', deno, bun]) {
    assert.equal((await ask('http://localhost:1/ping', peer)).status, 200);
  }
  assert.equal((await ask('http://[::1]:1/ping', '::1')).status, 200);
  const page = { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' };
  const allowed = await ask('http://localhost/ping', '::1', page);
  assert.equal(allowed.headers.get('access-control-allow-origin'), 'http://localhost:3000');
  const refusals: Array<[string, unknown, Record<string, string>, RegExp]> = [
    ['http://localhost/ping', '192.168.1.2', {}, /came from 192.168.1.2/],
    ['http://localhost/ping', undefined, {}, /not known/],
    ['http://localhost/ping', { requestIP: () => null }, {}, /not known/],
    ['http://rebound.example/ping', '127.0.0.1', {}, /sent to rebound.example/],
    ['http://localhost/ping', '::1', { 'x-forwarded-for': '127.0.0.1' }, /proxy/],
    ['http://localhost/ping', '::1', { origin: 'https://evil.example' }, /page from elsewhere/],
    ['http://localhost/ping', '::1', { origin: 'null' }, /page from elsewhere/],
    ['http://localhost/ping', '::1', { 'sec-fetch-site': 'cross-site' }, /page from elsewhere/],
  ];
  for (const [url, peer, headers, reason] of refusals) {
    const { status, body, headers: answered } = await ask(url, peer, headers);
    assert.equal(status, 401);
    assert.match(JSON.stringify(body), /no token is configured.*configure a token/);
    assert.match(JSON.stringify(body), reason);
    assert.equal(answered.get('access-control-allow-origin'), null);
  }
});

test('browsers are told what pages of other origins may do', async () => {
  const origin = 'https://app.example';
  const any = await openRest();
  const asked = await any.ask('', {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST' },
  });
  assert.equal(asked.status, 204);
  assert.equal(asked.headers.get('access-control-allow-origin'), '*');
  assert.match(asked.headers.get('access-control-allow-headers') ?? '', /upstash-sync-token/);
  const { headers } = await any.ask('nope', { headers: { origin } });
  assert.equal(headers.get('access-control-allow-origin'), '*');
  assert.match(headers.get('access-control-expose-headers') ?? '', /upstash-sync-token/);
  const some = await openRest({ origins: [origin] });
  const allowed = async (from: string) => {
    const answer = await some.ask('ping', { headers: { origin: from } });
    assert.equal(answer.headers.get('vary'), 'origin');
    return answer.headers.get('access-control-allow-origin');
  };
  assert.equal(await allowed(origin), origin);
  assert.equal(await allowed('https://other.example'), null);
});

test('a handler that is mounted below a path', async () => {
  const { ask } = await openRest({ path: '/redis/' });
  assert.deepEqual((await ask('redis/echo/a')).body, { result: 'a' });
  const root = { method: 'POST', body: '["PING"]' };
  assert.deepEqual((await ask('redis', root)).body, { result: 'PONG' });
  assert.deepEqual((await ask('redis/', root)).body, { result: 'PONG' });
  assert.equal((await ask('redisx/ping')).status, 404);
  assert.equal((await ask('ping')).status, 404);
});

test('options that cannot be meant are refused at once', async () => {
  const wrong = [
    { token: '' },
    { token: ['a', ''] },
    { readOnlyToken: TOKEN },
    { limits: { bodyBytes: 0 } },
    { limits: { bodybytes: 1 } as object },
  ];
  for (const options of wrong) await assert.rejects(openRest(options), TypeError);
});

test('a database with a password, one that is full, one that is closed', async () => {
  const locked = await openRest({}, { requirepass: 'secret' });
  assert.deepEqual(await locked.run('ECHO', 'a'), { result: 'a' });
  const full = await openRest({}, { maxclients: 1 });
  assert.deepEqual(await full.run('PING'), { result: 'PONG' });
  full.database.connect();
  const { status, body, headers } = await full.ask('ping');
  assert.deepEqual([status, headers.get('retry-after')], [503, '1']);
  assert.deepEqual(body, { error: 'ERR max number of clients reached' });
  await locked.database.close();
  const late = await locked.ask('ping');
  assert.equal(late.status, 503);
  assert.deepEqual(late.body, { error: 'ERR The database is closed' });
});
