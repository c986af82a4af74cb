/** The example from outside: what it answers, and what becomes of jobs. */
import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { start, TOKEN, wrangler } from './start.mjs';

const LATER_MS = 1500;

let server;
before(async () => (server = await start({ ABANDONED_AFTER_MS: LATER_MS })));
after(() => server.close());

function send(method, path, body, headers = { authorization: `Bearer ${TOKEN}` }) {
  return fetch(server.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
}

const status = async () => (await send('GET', '/status')).json();
const add = async (name, behaviour) => (await send('POST', '/jobs', { name, behaviour })).json();

/** Asks until it is so. */
async function until(isSo) {
  for (;;) {
    const now = await status();
    if (isSo(now)) return now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('whoever has no token comes no further than the page', async () => {
  for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: TOKEN }]) {
    for (const [method, path] of [['GET', '/status'], ['POST', '/jobs'], ['POST', '/redis']]) {
      const response = await send(method, path, method === 'POST' && ['PING'], headers);
      assert.equal(response.status, 401, `${method} ${path}`);
    }
  }
  const page = await send('GET', '/', undefined, {});
  assert.match(await page.text(), /<title>Jobs</);
  assert.match(page.headers.get('content-security-policy'), /default-src 'none'/);
});

test('a job is answered at once and worked off behind the answer', async () => {
  const { id } = await add('tea');
  const { done, pending, groups } = await until(({ done }) => done.length === 1);
  assert.deepEqual(done[0].message, { name: 'tea', consumer: 'request', attempt: '1', job: id });
  assert.deepEqual(pending, []);
  assert.equal(groups[0].lag, 0);
});

test('what is no job is refused, and a job that is sent again is not added again', async () => {
  for (const wrong of [{}, { name: '' }, { name: 1 }, [], { name: 'x', behaviour: 1 }]) {
    assert.equal((await send('POST', '/jobs', wrong)).status, 400, JSON.stringify(wrong));
  }
  const headers = { authorization: `Bearer ${TOKEN}`, 'idempotency-key': 'the same' };
  const ids = [];
  for (let i = 0; i < 2; i++) {
    ids.push((await (await send('POST', '/jobs', { name: 'once' }, headers)).json()).id);
  }
  assert.equal(ids[0], ids[1]);
});

test('what fails is tried again by whoever works later, and given up in the end', async () => {
  await add('weak', 'fails once');
  await add('broken', 'fails');
  await until(({ pending }) => pending.length === 2);
  // What the minute's trigger does.
  const work = async (isSo) => {
    for (;;) {
      await fetch(`${server.url}/cdn-cgi/handler/scheduled`);
      const now = await status();
      if (isSo(now)) return now;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const { done } = await work(({ done }) => done.some(({ message }) => message.name === 'weak'));
  const { message } = done.find(({ message }) => message.name === 'weak');
  assert.equal(message.attempt, '2');
  assert.equal(message.consumer, 'schedule');
  const { failed, pending, givenUp } = await work(({ failed }) => failed.length === 1);
  assert.equal(failed[0].message.why, 'broken does not work');
  assert.equal(givenUp, 1);
  assert.deepEqual(pending, []);
});

test('what a Worker left behind is claimed by another', async () => {
  await add('forgotten', 'is abandoned');
  const { pending } = await until(({ pending }) => pending.length === 1);
  assert.equal(pending[0].name, 'forgotten');
  await new Promise((resolve) => setTimeout(resolve, LATER_MS));
  assert.equal((await send('POST', '/work')).status, 202);
  const { done } = await until(({ pending }) => pending.length === 0);
  assert.equal(done[0].message.name, 'forgotten');
  assert.equal(done[0].message.consumer, 'button');
});

test('the database answers Redis commands as well', async () => {
  const response = await send('POST', '/redis', ['XINFO', 'GROUPS', 'jobs']);
  const { result } = await response.json();
  assert.equal(result[0][1], 'workers');
});

test('what would be deployed is within the limits of a free account', async () => {
  const said = await text(wrangler(['deploy', '--dry-run']).stdout);
  const kilobytes = Number(/gzip: ([\d.]+) KiB/.exec(said)?.[1]);
  assert.ok(kilobytes < 1024, said);
});
