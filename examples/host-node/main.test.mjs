/**
 * Two runs of the program, and a second writer.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Log } from './directory.mjs';

const folder = mkdtempSync(join(tmpdir(), 'host-node-'));
after(() => rmSync(folder, { recursive: true }));

test('jobs are there in the next run', () => {
  for (const jobs of [2, 4]) {
    const said = execFileSync(process.execPath, ['main.mjs', folder], { encoding: 'utf8' });
    assert.match(said, /^bob worked off \d+-\d+, and \d+-\d+ for alice; /);
    assert.ok(said.endsWith(`; ${jobs} jobs so far\n`), said);
  }
});

test('who takes the directory over fences the writer before', () => {
  const take = () => {
    const log = Log.open(folder);
    const epoch = log.epoch() + 1n;
    const end = log.files().at(-1).length;
    return { log, epoch, end, start: () => log.start(epoch, end) };
  };
  const [first, second] = [take(), take()];
  first.start();
  first.log.append(first.epoch, first.end, new Uint8Array(3));
  assert.throws(second.start, { payload: { tag: 'fenced', val: first.epoch } });
  take().start();
  const late = () => first.log.append(first.epoch, first.end + 3n, new Uint8Array(3));
  assert.throws(late, { payload: { tag: 'fenced', val: first.epoch + 1n } });
});
