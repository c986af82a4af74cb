/** The unmodified `@upstash/redis` against the REST handler, in each place where that runs. */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { until } from '../support/until.mjs';
import { CAN_STREAM, CAN_WAIT, HOSTS, READ_ONLY, TOKEN, useHost } from './hosts.mjs';

for (const [name, open] of Object.entries(HOSTS)) {
  describe(name, () => {
    const host = useHost(open);
    beforeEach(() => host.client().flushall());
    tests(host);
    if (CAN_WAIT) waitingTests(host);
    if (CAN_STREAM) streamingTests(host);
  });
}

function tests(host) {
  let redis;
  beforeEach(() => (redis = host.client()));

  test('entries: add, trim, range, read, delete', async () => {
    const id = await redis.xadd('s', '*', { item: 'tea', amount: 2, note: 'grün ☕' });
    assert.match(id, /^\d+-0$/);
    assert.deepEqual(await redis.xrange('s', '-', '+'), {
      [id]: { item: 'tea', amount: 2, note: 'grün ☕' },
    });
    assert.deepEqual(await redis.xread('s', '0'), [
      ['s', [[id, ['item', 'tea', 'amount', 2, 'note', 'grün ☕']]]],
    ]);
    assert.equal(await redis.xread('s', id), null);
    for (let i = 1; i <= 5; i++) await redis.xadd('t', `${i}-0`, { i });
    assert.equal(await redis.xtrim('t', { strategy: 'MAXLEN', exactness: '=', threshold: 4 }), 1);
    assert.deepEqual(Object.keys(await redis.xrevrange('t', '+', '-', 2)), ['5-0', '4-0']);
    assert.equal(await redis.xdel('t', ['2-0', '9-0']), 1);
    assert.equal(await redis.xlen('t'), 3);
    assert.equal(await redis.xadd('none', '*', { a: 1 }, { nomkStream: true }), null);
    const both = await redis.xread(['s', 't'], ['0', '4-0'], { count: 1 });
    assert.deepEqual(both.map(([key]) => key), ['s', 't']);
  });

  test('groups: deliver, show, claim, acknowledge', async () => {
    assert.equal(
      await redis.xgroup('s', { type: 'CREATE', group: 'g', id: '$', options: { MKSTREAM: true } }),
      'OK',
    );
    for (let i = 1; i <= 3; i++) await redis.xadd('s', `${i}-0`, { i });
    const [[key, entries]] = await redis.xreadgroup('g', 'alice', 's', '>', { count: 2 });
    assert.deepEqual([key, entries], ['s', [['1-0', ['i', 1]], ['2-0', ['i', 2]]]]);
    const pending = await redis.xpending('s', 'g', '-', '+', 10);
    assert.deepEqual(pending.map(([id]) => id), ['1-0', '2-0']);
    const claimed = await redis.xclaim('s', 'g', 'bob', 0, '1-0');
    assert.deepEqual(claimed, [['1-0', ['i', 1]]]);
    const [next, taken] = await redis.xautoclaim('s', 'g', 'carol', 0, '0', { count: 1 });
    assert.deepEqual([next, taken], ['2-0', [['1-0', ['i', 1]]]]);
    assert.equal(await redis.xack('s', 'g', ['1-0', '2-0', '3-0']), 2);
    const [group] = await redis.xinfo('s', { type: 'GROUPS' });
    assert.equal(group[group.indexOf('name') + 1], 'g');
    assert.equal(group[group.indexOf('lag') + 1], 1);
    assert.equal(await redis.xgroup('s', { type: 'DESTROY', group: 'g' }), 1);
  });

  test('a pipeline, in which one command fails', async () => {
    const pipeline = () => redis.pipeline().set('k', 'v').incr('k').get('k').xlen('s');
    await assert.rejects(pipeline().exec(), /Command 2 \[ incr \] failed: ERR value is not/);
    const [set, incr, get, length] = await pipeline().exec({ keepErrors: true });
    assert.deepEqual([set.result, get.result, length.result], ['OK', 'v', 0]);
    assert.match(incr.error, /^ERR value is not an integer/);
  });

  test('a transaction runs as a whole, or not at all', async () => {
    const done = await redis.multi().xadd('s', '1-0', { a: 1 }).xread('s', '0').xlen('s').exec();
    assert.deepEqual(done, ['1-0', [['s', [['1-0', ['a', 1]]]]], 1]);
    const broken = redis.multi().set('k', 'v').hset('h', { a: 1 }).exec();
    await assert.rejects(broken, /ERR unknown command 'hset'/);
    assert.equal(await redis.exists('k'), 0);
  });

  test('errors have the words of the engine and the command', async () => {
    await redis.set('k', 'v');
    await assert.rejects(redis.xlen('k'), {
      name: 'UpstashError',
      message: /^WRONGTYPE Operation against a key .*, command was: \["XLEN","k"\]$/,
    });
    await assert.rejects(redis.xreadgroup('g', 'c', 's', '>'), /NOGROUP No such key 's'/);
    await assert.rejects(redis.zadd('z', { score: 1, member: 'a' }), /ERR unknown command 'zadd'/);
  });

  test('tokens: a wrong one, and one that may only read', async () => {
    await redis.set('k', 'v');
    const wrong = host.client({ token: 'wrong' });
    await assert.rejects(wrong.get('k'), /WRONGPASS invalid or missing auth token/);
    const reader = host.client({ token: READ_ONLY });
    assert.equal(await reader.get('k'), 'v');
    await assert.rejects(reader.set('k', 'w'), /NOPERM this user has no permissions to run the/);
    await assert.rejects(reader.keys('*'), /NOPERM/);
  });

  test('values as they are: without base64, binary, beyond what numbers hold', async () => {
    const plain = host.client({ responseEncoding: false });
    await plain.set('k', { a: ['é', null, 'OK'] });
    assert.deepEqual(await plain.get('k'), { a: ['é', null, 'OK'] });
    assert.deepEqual(await redis.get('k'), { a: ['é', null, 'OK'] });
    await redis.set('n', '9007199254740993');
    assert.equal(await redis.get('n'), '9007199254740993');
    await redis.set('ok', 'OK');
    assert.deepEqual(await redis.mget('ok', 'none'), ['OK', null]);
    assert.equal(await redis.getrange('ok', 0, 0), 'O');
  });

  test('many at once, gathered into pipelines', async () => {
    const gathering = host.client({ enableAutoPipelining: true });
    const added = await Promise.all(
      Array.from({ length: 2000 }, (_, i) => gathering.xadd('s', '*', { i })),
    );
    assert.equal(new Set(added).size, 2000);
    assert.equal(await redis.xlen('s'), 2000);
  });

  test('the token that says what has been seen is handed on', async () => {
    await redis.set('k', 'v');
    const token = redis.readYourWritesSyncToken;
    assert.match(token, /^\d+-\d+$/);
    await redis.get('k');
    assert.notEqual(redis.readYourWritesSyncToken, token);
  });
}

/** What is answered later. */
function waitingTests(host) {
  let redis;
  beforeEach(() => (redis = host.client()));

  test('a blocked read, which this client does not know, is woken by it', async () => {
    const ask = async (path) => {
      const response = await fetch(`${host.url}/${path}`, {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      return (await response.json()).result;
    };
    const read = ask('xread/block/0/streams/s/$');
    await until('it is blocked', async () => /blocked_clients:1/.test(await ask('info/clients')));
    await redis.xadd('s', '1-0', { a: 1 });
    assert.deepEqual(await read, [['s', [['1-0', ['a', '1']]]]]);
  });

}

/** What is answered again and again. */
function streamingTests(host) {
  let redis;
  beforeEach(() => (redis = host.client()));

  test('channels and patterns', async () => {
    const heard = [];
    const channel = redis.subscribe('news');
    const pattern = redis.psubscribe('n*');
    channel.on('message', ({ message }) => heard.push(message));
    pattern.on('pmessage', ({ pattern: by, message }) => heard.push([by, message]));
    await until('both listen', async () => (await redis.publish('news', { a: ['é', 1] })) === 2);
    await until('both have heard', () => heard.length === 2);
    assert.deepEqual(heard.sort(), [['n*', { a: ['é', 1] }], { a: ['é', 1] }].sort());
    await Promise.all([channel.unsubscribe(), pattern.unsubscribe()]);
    await until('nobody listens', async () => (await redis.publish('news', 'b')) === 0);
  });

  test('entries of a group as events, until the reader hangs up', async () => {
    await redis.xgroup('s', {
      type: 'CREATE',
      group: 'g',
      id: '$',
      options: { MKSTREAM: true },
    });
    const gone = new AbortController();
    const response = await fetch(`${host.url}/xreadgroup/group/g/c/streams/s/>?_token=${TOKEN}`, {
      headers: { accept: 'text/event-stream' },
      signal: gone.signal,
    });
    await redis.xadd('s', '1-0', { a: 1 });
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes('data: ')) break;
    }
    assert.match(text, /id: 1-0\ndata: {"stream":"s","id":"1-0","fields":\["a","1"\]}\n\n/);
    gone.abort();
    await until('its read is gone', async () => {
      const info = await fetch(`${host.url}/info/clients?_token=${TOKEN}`);
      return /blocked_clients:0/.test((await info.json()).result);
    });
    await redis.xadd('s', '2-0', { a: 2 });
    assert.deepEqual((await redis.xpending('s', 'g', '-', '+', 9)).length, 1);
  });
}
