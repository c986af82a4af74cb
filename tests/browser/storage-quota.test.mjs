/** Stores of browsers at the end of their quota: a real one, that the browser keeps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, useStores } from './support/store-page.mjs';

const stores = useStores();
/**
 * Room for the reserve of IndexedDB, and for less than as much again: while Chromium moves data from
 * one file into another, it counts twice.
 */
const QUOTA = 1_750_000;

async function withQuota(work) {
  await stores.inProfile(async (page, context) => {
    const session = await context.newCDPSession(page);
    const setQuota = (quotaSize) =>
      session.send('Storage.overrideQuotaForOrigin', { origin: stores.origin(), quotaSize });
    await setQuota(QUOTA);
    await play(page, 'quota/prepare', { name: 'quota' });
    await work(page, setQuota);
  });
}

for (const kind of ['indexeddb', 'opfs']) {
  const inWorker = { where: 'worker', stay: 'writer' };

  test(`${kind}: what is small fits when the quota is used up`, () => withQuota(async (page) => {
    const count = await play(page, 'quota/fill', { kind }, inWorker);
    assert.ok(count > 40, `${count} frames`);
    await play(page, 'quota/acknowledge', { kind, count: 200 }, inWorker);
    await play(page, 'quota/rewriteInVain', {}, inWorker);
    await play(page, 'quota/overfill', { kind }, inWorker);
    await play(page, 'quota/exhaust', { kind }, inWorker);
  }));

  test(`${kind}: room that is there again is used`, () => withQuota(async (page, setQuota) => {
    await play(page, 'quota/fill', { kind }, inWorker);
    // Chromium tells IndexedDB's room of what is deleted much later, that of files at once.
    if (kind === 'indexeddb') await setQuota(3 * QUOTA);
    const full = await play(page, 'quota/rewrite', {}, inWorker);
    assert.equal(full, false);
    await play(page, 'quota/goOn', { kind }, inWorker);
  }));
}

test('opfs: a base that is being written gives way to a frame', () => withQuota(async (page) => {
  await play(page, 'quota/giveWay', { kind: 'opfs' }, { where: 'worker' });
}));

test('a browser tells how much it keeps, and whether it promises to', () =>
  stores.inProfile(async (page) => {
    for (const where of ['window', 'worker']) {
      const { usage, quota, persisted, promised } = await play(page, 'quota/ask', {}, { where });
      assert.ok(usage < quota, `${usage} of ${quota}`);
      assert.deepEqual([typeof persisted, typeof promised], ['boolean', 'boolean']);
    }
  }));
