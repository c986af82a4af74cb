/** Stores of browsers, interrupted, damaged, cleared: nothing acknowledged is lost unseen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, terminate, useStores } from './support/store-page.mjs';

const stores = useStores();

/** Plays a rewrite up to each of its steps, each in a worker that is ended there. */
async function everyStep(page, kind, half) {
  const kinds = new Set();
  for (let step = 1; ; step += 1) {
    const name = `${step}${half}`;
    const story = { kind, name, step, half };
    const { acknowledged, ended } = await play(
      page, 'faults/rewriteUntil', story, { where: 'worker', stay: 'writer' },
    );
    await terminate(page, 'writer');
    const looked = play(
      page, 'faults/lookAfter', { kind, name, acknowledged }, { where: 'worker', stay: 'reader' },
    );
    const found = await looked.catch((error) => {
      throw new Error(`step ${step}: ${error.message}`);
    });
    kinds.add(found.join());
    if (ended) return { steps: step - 1, kinds };
  }
}

test('a rewrite in IndexedDB that dies between any two steps', () =>
  stores.inProfile(async (page) => {
    const { steps, kinds } = await everyStep(page, 'indexeddb', false);
    assert.ok(steps > 12, `${steps} steps`);
    assert.deepEqual([...kinds].sort(), ['', 'base,increment', 'increment']);
  }));

for (const half of [false, true]) {
  test(`a rewrite in OPFS that dies ${half ? 'within' : 'between'} its steps`, () =>
    stores.inProfile(async (page) => {
      const { steps, kinds } = await everyStep(page, 'opfs', half);
      assert.ok(steps > (half ? 12 : 30), `${steps} steps`);
      assert.deepEqual(
        [...kinds].sort(),
        ['', 'base,increment', 'increment', 'increment,increment'],
      );
    }));
}

const inWorker = { where: 'worker' };

test('one slot that can be read is enough', () => stores.inProfile(async (page) => {
  await play(page, 'damage/oneSlot', {}, inWorker);
}));

test('files that are gone are not taken for new', () => stores.inProfile(async (page) => {
  await play(page, 'damage/filesLost', {}, inWorker);
}));

test('records that are gone are not taken for new', () => stores.inProfile(async (page) => {
  await play(page, 'damage/recordsLost');
}));

test('a database that is deleted or upgraded is let go', () => stores.inProfile(async (page) => {
  await play(page, 'damage/takenAway');
}));

test('each place that remembers a database is enough', async () => {
  const CASES = [['localStorage', /origin private file/], ['file', /localStorage/]];
  for (const [forget, witness] of CASES) {
    await stores.inProfile(async (page) => {
      assert.match(await play(page, 'damage/witnesses', { kind: 'indexeddb', forget }), witness);
    });
  }
});

for (const [kind, storageTypes] of [['indexeddb', 'indexeddb'], ['opfs', 'file_systems']]) {
  test(`${kind} that is cleared while it is open`, () => stores.inProfile(async (page, context) => {
    const how = { where: 'worker', stay: 'writer' };
    await play(page, 'damage/beginWriting', { kind }, how);
    const session = await context.newCDPSession(page);
    const { origin } = new URL(page.url());
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes });
    const names = await play(page, 'damage/afterClearing', { kind }, how);
    assert.deepEqual(names, ['StoreError', 'DataLostError']);
  }));
}

test('where files cannot be opened, that is what it says', () => stores.inProfile(async (page) => {
  for (const where of ['window', 'shared']) {
    const [name, message] = await play(page, 'damage/noFiles', {}, { where });
    assert.equal(name, 'StoreError');
    assert.match(message, /^OPFS window: .*dedicated workers only/);
  }
}));
