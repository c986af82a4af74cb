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

/** Whoever opens the directory, with what it would start with. */
function taken() {
  const log = Log.open(folder);
  const [epoch, end] = [log.epoch() + 1n, log.files().at(-1).length];
  return { log, epoch, end, start: () => log.start(epoch, end) };
}

const frame = new Uint8Array(3);
const refused = (tag, val) => ({ payload: { tag, val } });

test('who takes the directory over fences the writer before', () => {
  const [first, second] = [taken(), taken()];
  first.start();
  first.log.append(first.epoch, first.end, frame);
  assert.throws(second.start, refused('fenced', first.epoch));
  taken().start();
  const late = () => first.log.append(first.epoch, first.end + 3n, frame);
  assert.throws(late, refused('fenced', first.epoch + 1n));
});

test('what was written while another opened is not lost', () => {
  const first = taken();
  first.start();
  const appended = taken();
  first.log.append(first.epoch, first.end, frame);
  assert.throws(appended.start, refused('conflict', first.end + 3n));

  const again = taken();
  again.start();
  const rewritten = taken();
  again.log.beginBase(again.epoch);
  again.log.writeBase(again.epoch, frame);
  again.log.commitBase(again.epoch);
  assert.throws(rewritten.start, refused('conflict', 0n));
  const files = taken().log.files().map(({ kind, length }) => [kind, length]);
  assert.deepEqual(files, [['base', 3n], ['increment', 0n]]);
});
