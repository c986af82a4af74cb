/** Durable databases in browsers: closed tabs, second tabs, full quotas, places without a store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, play, terminate, useStores } from './support/store-page.mjs';

const stores = useStores();

const PLACES = [
  { kind: 'indexeddb', how: { where: 'window' } },
  { kind: 'indexeddb', how: { where: 'shared', stay: 'one' } },
  { kind: 'opfs', how: { where: 'worker', stay: 'one' } },
];

for (const { kind, how } of PLACES) {
  test(`a database in ${kind}, in a ${how.where}, is there again`, () =>
    stores.inProfile(async (page, context) => {
      const options = kind === 'opfs' ? { storage: kind } : {};
      const name = `${kind === 'opfs' ? 'OPFS' : 'IndexedDB'} app`;
      const opened = await play(page, 'database/open', options, how);
      const info = { name, survives: 'power loss', durability: 'always', full: false };
      assert.deepEqual(opened, { ...info, epoch: 1 });
      await play(page, 'database/work', {}, how);
      const before = await play(page, 'database/look', {}, how);
      // The tab goes without a word.
      await page.close();
      const again = await openPage(context, stores.origin());
      assert.deepEqual(await play(again, 'database/open', options, how), { ...info, epoch: 2 });
      assert.equal(await play(again, 'database/look', {}, how), before);
      await play(again, 'database/close', {}, how);
      await play(again, 'database/forget', { kind }, { where: how.where });
    }));
}

for (const { kind, how } of PLACES) {
  test(`a database in ${kind}, in a ${how.where}, is opened again after a trap`, () =>
    stores.inProfile(async (page) => {
      const options = kind === 'opfs' ? { storage: kind } : {};
      await play(page, 'database/open', options, how);
      await play(page, 'database/work', {}, how);
      const before = await play(page, 'database/look', {}, how);
      const names = await play(page, 'database/trap', {}, how);
      assert.deepEqual(names, ['EngineFailure', 'EngineFailure']);
      await play(page, 'database/close', {}, how);
      assert.equal((await play(page, 'database/open', options, how)).epoch, 2);
      assert.equal(await play(page, 'database/look', {}, how), before);
      await play(page, 'database/close', {}, how);
      await play(page, 'database/forget', { kind }, { where: how.where });
    }));
}

test('a second tab takes a database in IndexedDB over', () =>
  stores.inProfile(async (page, context) => {
    await play(page, 'database/open');
    await play(page, 'database/work');
    const before = await play(page, 'database/look');
    const second = await openPage(context, stores.origin());
    await play(second, 'database/open');
    const { names, events } = await play(page, 'database/change');
    assert.deepEqual(names, ['FencedError', 'FencedError', 'FencedError']);
    assert.deepEqual(events, ['failed']);
    assert.equal(await play(second, 'database/look'), before);
  }));

test('a second worker finds a database in OPFS in use, until the first is gone', () =>
  stores.inProfile(async (page) => {
    const options = { storage: 'opfs' };
    await play(page, 'database/open', options, { where: 'worker', stay: 'first' });
    await play(page, 'database/work', {}, { where: 'worker', stay: 'first' });
    const refused = await play(page, 'database/refused', options, { where: 'worker' });
    assert.equal(refused, 'StoreBusyError: OPFS app: another worker has it open');
    await terminate(page, 'first');
    const { epoch } = await play(page, 'database/open', options, { where: 'worker' });
    assert.equal(epoch, 2);
  }));

test('nothing takes the place of a store that cannot be had', () =>
  stores.inProfile(async (page) => {
    assert.match(
      await play(page, 'database/refused', { storage: 'opfs' }),
      /^StoreError: OPFS app: .*dedicated workers only/,
    );
    assert.match(await play(page, 'database/refused', { storage: 'directory' }), /directory/);
  }));

for (const kind of ['indexeddb', 'opfs']) {
  test(`${kind}: a full quota refuses what adds, and nothing else`, () =>
    stores.inProfile(async (page, context) => {
      const session = await context.newCDPSession(page);
      const setQuota = (quotaSize) =>
        session.send('Storage.overrideQuotaForOrigin', { origin: stores.origin(), quotaSize });
      const how = { where: 'worker', stay: 'one' };
      await setQuota(1_750_000);
      await play(page, 'quota/prepare', { name: 'app' });
      assert.ok(await play(page, 'database/fillUp', { kind }, how) > 20);
      if (kind === 'indexeddb') await setQuota(20_000_000);
      await play(page, 'database/roomAgain', { kind }, how);
    }));
}
