/**
 * Hosts the component: opens a database in `data`, adds two jobs, and has two workers at them.
 */
import { readFileSync } from 'node:fs';
import { instantiate } from './brooklet/brooklet.js';
import { Log } from './directory.mjs';

const core = (name) => readFileSync(new URL(`brooklet/${name}`, import.meta.url));

const { databases, streams, groups } = instantiate((name) => new WebAssembly.Module(core(name)), {
  'brooklet:streams/clock': { now: () => BigInt(Date.now()) },
  'brooklet:streams/journal': { Log },
  'brooklet:streams/wake': {
    /** A read or a session that waited has something to take. Nothing waits here. */
    ready(database, id) {},
    /** When to call `tick`, in milliseconds since 1970. A program that goes on sets a timer. */
    schedule(database, at) {},
  },
});

const db = databases.Database.open(process.argv[2] ?? 'data', { durable: true, settings: [] });
const bytes = (text) => new TextEncoder().encode(text);
const [jobs, workers, alice, bob] = ['jobs', 'workers', 'alice', 'bob'].map(bytes);

try {
  groups.create(db, jobs, workers, { tag: 'latest' }, { createStream: true });
} catch (error) {
  if (error.payload?.tag !== 'busy-group') throw error;
}
for (const task of ['resize', 'upload']) {
  const fields = [{ name: bytes('task'), value: bytes(task) }];
  streams.add(db, jobs, { tag: 'auto' }, fields, { noCreate: false });
}

/** The entries that a worker is delivered, one at most. */
function read(worker) {
  const sources = [[jobs, { tag: 'undelivered' }]];
  const found = groups.read(db, workers, worker, sources, { count: 1n }, { noAck: false });
  return found.val.flatMap((stream) => stream.entries);
}

read(alice); // and never comes back.
const done = read(bob).map((entry) => entry.id);
groups.ack(db, jobs, workers, done);

// Bob takes over what has been idle; a minute is more usual than no time at all.
const left = groups.autoClaim(db, jobs, workers, bob, 0n, { ms: 0n, seq: 0n }, undefined, false);
const claimed = left.entries.map((entry) => entry.id);
groups.ack(db, jobs, workers, claimed);

const shown = (ids) => ids.map(({ ms, seq }) => `${ms}-${seq}`).join(', ');
const worked = `bob worked off ${shown(done)}, and ${shown(claimed)} for alice`;
console.log(`${worked}; ${streams.length(db, jobs)} jobs so far`);
