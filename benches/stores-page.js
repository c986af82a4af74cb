/** The scenes of the benchmark of durable databases in a browser: appending, opening, rewriting. */
import { Brooklet } from '/dist/index.js';

const VALUE = 'x'.repeat(64);
let db;

async function open({ kind, durability, name }) {
  const start = performance.now();
  db = await Brooklet.open(name, { storage: kind, durability });
  return performance.now() - start;
}

/** Milliseconds of each `batch` of commands that are sent together. */
export async function append({ kind, durability, batch, rounds }) {
  await open({ kind, durability, name: `append-${durability}-${batch}` });
  const client = db.client();
  const samples = [];
  for (let round = -20; round < rounds; round += 1) {
    const start = performance.now();
    await Promise.all(
      Array.from({ length: batch }, () => client.xAdd('jobs', '*', { body: VALUE })),
    );
    if (round >= 0) samples.push(performance.now() - start);
    // What is done at once leaves no turn to anything else.
    if (round % 16 === 0) await turn();
  }
  await db.close();
  return samples;
}

/** A stream of so many entries, some of them pending, in frames of so many commands. */
export async function fill({ kind, entries, pending, batch, name }) {
  await open({ kind, durability: 'no', name });
  const client = db.client();
  await client.xGroupCreate('jobs', 'workers', '0', { MKSTREAM: true });
  for (let done = 0; done < entries; done += batch) {
    await Promise.all(
      Array.from({ length: batch }, () => client.xAdd('jobs', '*', { body: VALUE })),
    );
    await turn();
  }
  for (let done = 0; done < pending; done += 1000) {
    await client.xReadGroup('workers', 'alice', { key: 'jobs', id: '>' }, { COUNT: 1000 });
  }
  const { bytes } = db.storage;
  await db.close();
  return bytes;
}

/** How long it takes until such a database is open, and what it has. */
export async function recover({ kind, name }) {
  const time = await open({ kind, durability: 'always', name });
  const length = await db.client().xLen('jobs');
  const { bytes } = db.storage;
  await db.close();
  return { time, length, bytes };
}

/** How long a rewrite takes, and the longest time in which nothing else could run. */
export async function rewrite({ kind, name }) {
  await open({ kind, durability: 'always', name });
  let [longest, last, isDone] = [0, performance.now(), false];
  const watch = async () => {
    while (!isDone) {
      await turn();
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
  };
  const watching = watch();
  const start = performance.now();
  await db.rewrite();
  const time = performance.now() - start;
  isDone = true;
  await watching;
  await db.close();
  return { time, longest };
}

function turn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(0);
  });
}
