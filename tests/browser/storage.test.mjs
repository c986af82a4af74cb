/** The stores of browsers keep their contract, in every kind of context that can open them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, useStores } from './support/store-page.mjs';

const stores = useStores();

const PLACES = [
  { kind: 'indexeddb', where: 'window' },
  { kind: 'indexeddb', where: 'worker' },
  { kind: 'indexeddb', where: 'shared' },
  { kind: 'opfs', where: 'worker' },
];

for (const { kind, where } of PLACES) {
  test(`${kind} in a ${where}`, () => stores.inProfile(async (page) => {
    const stories = await play(page, 'contract/stories');
    assert.ok(stories.length > 10);
    const failures = [];
    for (const story of stories) {
      await play(page, 'contract/tell', { story, kind }, { where }).catch((error) => {
        failures.push(`${story}: ${error.message}`);
      });
    }
    assert.deepEqual(failures, []);
  }));
}
