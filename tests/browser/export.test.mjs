/** What a tab exports, Node opens; what Node exports, a tab opens. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { openAsBlob } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Brooklet } from '../../www/package/dist/env/node.js';
import { play, useStores } from './support/store-page.mjs';

const LINES = [
  'XADD jobs 1-0 task resize',
  'XADD jobs 2-0 task mail',
  'XADD jobs 3-0 task ä',
  'XGROUP CREATE jobs workers 0',
  'XREADGROUP GROUP workers alice COUNT 2 STREAMS jobs >',
  'XNACK jobs workers FAIL IDS 1 1-0',
  'XDEL jobs 2-0',
  'SET checkpoint here',
];
const QUESTIONS = ['XRANGE jobs - +', 'XPENDING jobs workers', 'GET checkpoint'];

const stores = useStores();
const folder = await mkdtemp(join(tmpdir(), 'brooklet-'));
after(() => rm(folder, { recursive: true }));

async function ask(db) {
  const connection = db.connect();
  const answers = [];
  for (const question of QUESTIONS) answers.push(await connection.send(question.split(' ')));
  return answers;
}

test('a file goes from a tab to a directory, and back into a tab', () =>
  stores.inProfile(async (page) => {
    const download = page.waitForEvent('download');
    await play(page, 'carry/save', { lines: LINES, file: 'everything.aof' });
    const saved = join(folder, 'everything.aof');
    await (await download).saveAs(saved);

    const db = await Brooklet.open(join(folder, 'data'), { import: await openAsBlob(saved) });
    const [entries, [pending], checkpoint] = await ask(db);
    assert.deepEqual(entries.map(([id]) => id), ['1-0', '3-0']);
    assert.deepEqual([pending, checkpoint], [2, 'here']);
    const answers = await ask(db);
    await db.close();
    const again = await Brooklet.open(join(folder, 'data'));
    assert.deepEqual(await ask(again), answers);
    await again.close();

    await page.setContent('<input type="file">');
    await page.setInputFiles('input', saved);
    assert.deepEqual(await play(page, 'carry/take', { questions: QUESTIONS }), answers);
    const twice = await play(page, 'carry/takeTwice');
    assert.match(twice, /^StoreError: IndexedDB .*holds data already, and nothing was changed/);
  }));
