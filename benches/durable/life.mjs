/** Bytes on the disk for the life of a job: added, delivered, acknowledged. */
import { journalBytes, newDirectory, Server } from './servers.mjs';
import { digits, table } from './table.mjs';

const JOBS = 2_000;
const FIRST = 1_795_312_615_000;
const BODY = 'x'.repeat(64);

/** The requests of all jobs, `batch` of them at each step. */
function requests(batch) {
  const lines = [];
  for (let job = 0; job < JOBS; job += batch) {
    const ids = Array.from({ length: batch }, (_, at) => `${FIRST + job + at}-0`);
    lines.push(...ids.map((id) => `XADD jobs ${id} body ${BODY}`));
    lines.push(`XREADGROUP GROUP workers w1 COUNT ${batch} STREAMS jobs >`);
    lines.push(`XACK jobs workers ${ids.join(' ')}`);
  }
  return lines;
}

/** Each request alone, then as many at once as belong together. */
export async function jobLives() {
  const rows = [];
  for (const [name, batch, depth] of [
    ['one by one', 1, 1],
    ['by a hundred', 100, 102],
  ]) {
    const bytes = [];
    for (const kind of ['redis', 'brooklet']) {
      const directory = newDirectory();
      const server = await Server[kind](directory, 'always');
      await server.pipeline(['XGROUP CREATE jobs workers 0 MKSTREAM'], 1);
      const before = journalBytes(directory);
      await server.pipeline(requests(batch), depth);
      bytes.push((journalBytes(directory) - before) / JOBS);
      await server.stop();
    }
    rows.push([name, ...[...bytes, bytes[1] / bytes[0]].map(digits)]);
  }
  return table(['bytes a job of 64', 'Redis', 'Brooklet', '×'], rows);
}
