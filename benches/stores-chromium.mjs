/**
 * Prints what durable databases cost in Chromium: `node benches/stores-chromium.mjs [entries]`,
 * after `cargo xtask build`. The profile lies on the disk that TMPDIR names.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKillable } from '../tests/browser/support/killable.mjs';
import { openPage, play, serveStores } from '../tests/browser/support/store-page.mjs';

const ENTRIES = Number(process.argv[2] ?? 1_000_000);
const PENDING = ENTRIES / 10;
const PLACES = [
  { kind: 'memory', where: 'window' },
  { kind: 'indexeddb', where: 'window' },
  { kind: 'opfs', where: 'worker' },
];

const ms = (value) => value.toFixed(value < 10 ? 2 : 0);
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

function percentile(samples, share) {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

async function appends(page) {
  console.log('| store | durability | commands together | p50, ms | p99, ms | commands a second |');
  console.log('|---|---|---:|---:|---:|---:|');
  for (const { kind, where } of PLACES) {
    for (const durability of kind === 'memory' ? ['no'] : ['always', 'everysec']) {
      for (const [batch, rounds] of [[1, 1000], [100, 200]]) {
        const args = { kind, durability, batch, rounds };
        const samples = await play(page, '/benches/stores-page/append', args, { where });
        const total = samples.reduce((sum, it) => sum + it, 0);
        const each = [percentile(samples, 0.5), percentile(samples, 0.99)].map(ms).join(' | ');
        const rate = Math.round((1000 * batch * rounds) / total);
        console.log(`| ${kind} | ${durability} | ${batch} | ${each} | ${rate} |`);
      }
    }
  }
}

async function recoveries(page) {
  const columns = [
    'store', 'entries', 'a frame', 'journal, MB', 'open, ms', 'rewrite, ms', 'longest pause, ms',
    'base, MB', 'open again, ms',
  ];
  console.log(`\n| ${columns.join(' | ')} |\n|---|${'---:|'.repeat(columns.length - 1)}`);
  for (const { kind, where } of PLACES.filter((place) => place.kind !== 'memory')) {
    for (const batch of [1, 500]) {
      const entries = batch === 1 ? ENTRIES / 10 : ENTRIES;
      const name = `recover-${batch}`;
      const args = { kind, name, batch, entries, pending: PENDING };
      const scene = (it) => play(page, `/benches/stores-page/${it}`, args, { where });
      const bytes = await scene('fill');
      const first = await scene('recover');
      const { time, longest } = await scene('rewrite');
      const again = await scene('recover');
      if (first.length !== entries || again.length !== entries) {
        throw new Error(`${first.length} and ${again.length} entries`);
      }
      const rewritten = [ms(time), ms(longest), megabytes(again.bytes), ms(again.time)];
      const figures = [entries, batch, megabytes(bytes), ms(first.time), ...rewritten];
      console.log(`| ${kind} | ${figures.join(' | ')} |`);
    }
  }
}

const profile = await mkdtemp(join(tmpdir(), 'brooklet-profile-'));
const server = await serveStores();
const { context, kill } = await startKillable(profile);
try {
  const page = await openPage(context, server.origin);
  await appends(page);
  await recoveries(page);
} finally {
  await kill();
  await server.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}
