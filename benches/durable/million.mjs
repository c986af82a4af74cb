/** Opening and rewriting a million entries with a hundred thousand pending. */
import { setTimeout as pause } from 'node:timers/promises';
import { Brooklet } from '../../www/package/dist/env/node.js';
import { copyOf, journalBytes, newDirectory, REDIS, Server } from './servers.mjs';
import { digits, table } from './table.mjs';

const ENTRIES = 1_000_000;
const PENDING = 100_000;
const AT_ONCE = 1_000;

async function fill(directory) {
  const database = await Brooklet.open(directory, { durability: 'no' });
  const client = database.client();
  await client.xGroupCreate('s', 'g', '0', { MKSTREAM: true });
  for (let at = 0; at < ENTRIES; at += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, i) =>
        client.xAdd('s', `1700000000000-${at + i + 1}`, { f: '0123456789abcdef' }),
      ),
    );
  }
  for (let at = 0; at < PENDING; at += AT_ONCE) {
    await client.xReadGroup('g', 'c', { key: 's', id: '>' }, { COUNT: AT_ONCE });
  }
  await database.close();
}

async function open(directory) {
  const begun = performance.now();
  const database = await Brooklet.open(directory, { durability: 'no' });
  const seconds = (performance.now() - begun) / 1_000;
  if ((await database.client().xLen('s')) !== ENTRIES) throw new Error('entries are missing');
  return [database, seconds];
}

/** Rewrites; the longest pause is what another user of the event loop would have waited. */
async function rewrite(database) {
  let [longest, last, done] = [0, performance.now(), false];
  const watch = (async () => {
    while (!done) {
      await pause(1);
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }
  })();
  const begun = performance.now();
  await database.rewrite();
  const seconds = (performance.now() - begun) / 1_000;
  done = true;
  await watch;
  return [seconds, longest];
}

async function redisTimes(directory) {
  if (!REDIS) return [NaN, NaN];
  const server = await Server.redis(copyOf(directory), 'no');
  const loaded = /DB loaded from (?:base|incr) file .*: ([\d.]+) s/;
  const load = server.lines
    .map((line) => loaded.exec(line))
    .reduce((sum, found) => sum + Number(found?.[1] ?? 0), 0);
  const begun = performance.now();
  await server.pipeline(['BGREWRITEAOF'], 1);
  const isBusy = async () =>
    /aof_rewrite_(?:in_progress|scheduled):1/.test(await server.pipeline(['INFO persistence'], 1));
  while (await isBusy()) await pause(20);
  const rewriting = (performance.now() - begun) / 1_000;
  await server.stop();
  return [load, rewriting];
}

/** Both on the same bytes: Redis loads what Brooklet wrote. */
export async function million() {
  const directory = newDirectory();
  await fill(directory);
  const bytes = journalBytes(directory);
  const [loads, rewrites] = await redisTimes(directory);
  const [database, opening] = await open(directory);
  const [rewriting, longest] = await rewrite(database);
  await database.close();
  const base = journalBytes(directory);
  const [loadsBase] = await redisTimes(directory);
  const [again, openingBase] = await open(directory);
  await again.close();
  const row = (name, redis, ours) => [name, digits(redis), digits(ours), digits(ours / redis)];
  return [
    table(['seconds', 'Redis', 'Brooklet, Wasm', '×'], [
      row(`open, as it was written, ${digits(bytes / 1e6)} MB`, loads, opening),
      row('rewrite', rewrites, rewriting),
      row(`open, rewritten, ${digits(base / 1e6)} MB`, loadsBase, openingBase),
    ]),
    `During the rewrite the event loop was held up for ${digits(longest)} ms at most.`,
  ].join('\n\n');
}
