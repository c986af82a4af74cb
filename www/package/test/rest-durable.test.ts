/** The REST handler on a database with a journal: answers wait for it, and end with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Brooklet, StoreError } from 'brooklet';
import { handler } from 'brooklet/rest';
import { MemoryStore } from '#dist/storage/memory.js';
import type { OpenStore } from '#dist/storage/store.js';
import { read, TOKEN } from './rest-support.js';

/** A store whose appends wait until they are let go, or fail. */
class HeldStore extends MemoryStore {
  readonly appends: Array<{ resolve: () => void; reject: (error: Error) => void }> = [];

  override async open(): Promise<OpenStore> {
    const open = await super.open();
    const append = open.append.bind(open);
    open.append = (frame) =>
      new Promise<void>((resolve, reject) => {
        this.appends.push({ resolve: () => (append(frame), resolve()), reject });
      });
    return open;
  }
}

async function start() {
  const store = new HeldStore();
  const database = await Brooklet.open('held', { storage: store });
  const handle = handler(database, { token: TOKEN });
  const headers = { authorization: `Bearer ${TOKEN}` };
  const post = (path: string, body: unknown, more: Record<string, string> = {}) =>
    handle(
      new Request(`http://example.org/${path}`, {
        method: 'POST',
        headers: { ...headers, ...more },
        body: JSON.stringify(body),
      }),
    ).then(read);
  const appends = async (count: number) => {
    while (store.appends.length < count) await new Promise(setImmediate);
  };
  return { store, database, post, appends };
}

test('a pipeline and a transaction are one append each', async () => {
  const { store, database, post, appends } = await start();
  const adds = Array.from({ length: 50 }, (_, i) => ['XADD', 's', `${i + 1}-0`, 'i', i]);
  const pipeline = post('pipeline', adds);
  await appends(1);
  store.appends[0]?.resolve();
  assert.equal(((await pipeline).body as unknown[]).length, 50);
  const transaction = post('multi-exec', [['XTRIM', 's', 'MAXLEN', 1], ['XLEN', 's']]);
  await appends(2);
  store.appends[1]?.resolve();
  assert.deepEqual((await transaction).body, [{ result: 49 }, { result: 1 }]);
  await database.close();
  assert.equal(store.appends.length, 2);
});

test('what the journal did not take is not answered as done', async () => {
  const { store, database, post, appends } = await start();
  const add = post('', ['XADD', 's', '1-0', 'a', 'b']);
  await appends(1);
  // MULTI of another request waits for that append too, and goes with its session.
  const broken = post('multi-exec', [['XLEN', 's'], ['XADD', 's', null]]);
  assert.equal((await broken).status, 400);
  const waiting = post('multi-exec', [['XLEN', 's']]);
  store.appends[0]?.reject(new StoreError('the disk is gone'));
  for (const answer of [await add, await waiting, await post('', ['PING'])]) {
    assert.deepEqual([answer.status, answer.body], [500, { error: 'ERR the disk is gone' }]);
  }
  await database.close().catch(() => undefined);
});

test('the token of a later writer is not answered by an earlier one', async () => {
  const { database, post } = await start();
  const { headers } = await post('', ['PING']);
  const token = headers.get('upstash-sync-token') ?? '';
  assert.match(token, /^1-\d+$/);
  assert.equal((await post('', ['PING'], { 'upstash-sync-token': token })).status, 200);
  const later = await post('', ['PING'], { 'upstash-sync-token': '2-1' });
  assert.deepEqual([later.status, later.headers.get('retry-after')], [503, '1']);
  await database.close();
});
