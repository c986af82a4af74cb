/**
 * A StreamsObject in workerd as a contender of `cargo xtask bench doors`, called by a Worker: `rpc`
 * by the typed client, `rest` by requests. Time is taken outside, since in a Worker it stands still
 * while it works. Reads requests, a line each; streams, commands and IDs are those of
 * `benches/engine/workload.rs`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../../tests/package.json', import.meta.url));
const { Miniflare } = require('miniflare');

const FIRST = 1_700_000_000_000;
const A_MILLISECOND = 100;
const VALUE = '0123456789abcdef';
/** How many commands of a preparation are sent at once. */
const BATCH = 500;

const [door] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'brooklet-doors-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
const workerd = new Miniflare({
  modules: true,
  modulesRoot: fileURLToPath(new URL('../..', import.meta.url)),
  scriptPath: fileURLToPath(new URL('worker.mjs', import.meta.url)),
  modulesRules: [
    { type: 'ESModule', include: ['**/*.js', '**/*.mjs'] },
    { type: 'CompiledWasm', include: ['**/*.wasm'] },
  ],
  compatibilityDate: '2026-04-01',
  bindings: { BROOKLET_HTTP_TOKEN: 'secret' },
  durableObjects: { STREAMS: { className: 'StreamsObject', useSQLite: true } },
  durableObjectsPersist: folder,
  cf: false,
  telemetry: { enabled: false },
});

const id = (index) => `${FIRST + Math.floor(index / A_MILLISECOND)}-${index % A_MILLISECOND}`;
const adds = (key, count) =>
  Array.from({ length: count }, (_, index) => ['XADD', key, id(index), 'f', VALUE]);

/** Has the Worker do something. */
async function work(task) {
  const body = JSON.stringify({ door, ...task });
  const response = await workerd.dispatchFetch('http://worker/', { method: 'POST', body });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

async function run(commands) {
  for (let at = 0; at < commands.length; at += BATCH) {
    await work({ commands: commands.slice(at, at + BATCH) });
  }
}

/** Nanoseconds an operation; the request to the Worker, one in so many calls, is among them. */
async function sample(name, size, times) {
  if (name === 'deliver') {
    await run([['DEL', 'r'], ...adds('r', times * size), ['XGROUP', 'CREATE', 'r', 'g', '0']]);
  }
  const begun = process.hrtime.bigint();
  const { entries } = await work({ name, size, times, message: { f: VALUE } });
  const elapsed = Number(process.hrtime.bigint() - begun);
  const expected = name === 'deliver' ? times * size : 0;
  if (entries !== expected) throw new Error(`${entries} entries came, not ${expected}`);
  return elapsed / times;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...words] = line.split(' ');
  const [size, times] = words.map(Number);
  if (name === 'fill') {
    await run([['FLUSHALL'], ...adds('s', size)]);
    console.log('0 0');
  } else {
    console.log(await sample(name, size, times));
  }
}
await workerd.dispose();
