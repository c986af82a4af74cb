/** Databases that end at any moment, even in the middle of a rewrite: nothing told of is missing. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { MemoryStore } from '#dist/storage/memory.js';
import type { Client, Database } from 'brooklet';
import { openDurable, TestStore } from './durable-support.js';

/** What clients were told, and what they have asked for. */
class Facts {
  added = new Set<string>();
  delivered = new Set<string>();
  acknowledging = new Set<string>();
  acknowledged = new Set<string>();

  copy(): Facts {
    const copy = new Facts();
    for (const name of Object.keys(this) as Array<keyof Omit<Facts, 'copy'>>) {
      copy[name] = new Set(this[name]);
    }
    return copy;
  }
}

/** The same numbers in each run. */
function chances(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What is left of a store when everything else is gone, with some of the frame on its way. */
function remains({ inner, frames }: TestStore, chance: (below: number) => number): MemoryStore {
  const left = new MemoryStore();
  left.files = inner.files.map((file) => ({ ...file, pieces: [...file.pieces] }));
  const last = left.files.at(-1);
  const frame = Buffer.from(frames.at(-1) ?? '');
  const written = last?.pieces.at(-1);
  const isThere = written !== undefined && Buffer.compare(frame, written) === 0;
  if (!isThere) last?.pieces.push(Uint8Array.from(frame.subarray(0, chance(frame.length))));
  return left;
}

async function produce(client: Client, facts: Facts, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const id = await client.xAdd('s', '*', { f: 'a value of some length '.repeat(8) });
    facts.added.add(id ?? '');
  }
}

async function consume(client: Client, name: string, facts: Facts, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const read = await client.xReadGroup('g', name, { key: 's', id: '>' }, { COUNT: 3 });
    const [first, ...others] = (read?.[0]?.messages ?? []).map((entry) => entry.id);
    for (const id of [first, ...others]) if (id) facts.delivered.add(id);
    if (first === undefined) continue;
    facts.acknowledging.add(first);
    await client.xAck('s', 'g', first);
    facts.acknowledged.add(first);
  }
}

async function check(database: Database, facts: Facts): Promise<void> {
  const client = database.client();
  const entries = new Set((await client.xRange('s', '-', '+')).map((entry) => entry.id));
  const pending = await client.xPendingRange('s', 'g', '-', '+', 10_000);
  const waiting = new Set(pending.map((entry) => entry.id));
  for (const id of facts.added) assert.ok(entries.has(id), `${id} was added`);
  for (const id of facts.delivered) {
    assert.ok(waiting.has(id) || facts.acknowledging.has(id), `${id} was delivered`);
  }
  for (const id of facts.acknowledged) assert.ok(!waiting.has(id), `${id} was acknowledged`);
}

for (const durability of ['always', 'everysec'] as const) {
  test(`with ${durability}, whatever was told of is there after any end`, async () => {
    const chance = chances(7);
    const store = new TestStore();
    store.delay = async () => {
      for (let turns = chance(3); turns > 0; turns -= 1) await setImmediate();
    };
    const database = await openDurable(store, { durability });
    await database.client().xGroupCreate('s', 'g', '0', { MKSTREAM: true });
    const facts = new Facts();
    let working = true;
    const work = Promise.all([
      ...[1, 2, 3].map(() => produce(database.client(), facts, 150)),
      ...['a', 'b'].map((name) => consume(database.client(), name, facts, 150)),
    ]).finally(() => (working = false));
    const ends: Array<[MemoryStore, Facts]> = [];
    let [rewrites, rewriting] = [0, Promise.resolve()];
    while (working) {
      ends.push([remains(store, chance), facts.copy()]);
      if (chance(20) === 0) {
        rewriting = database.rewrite();
        rewrites += 1;
      }
      await setImmediate();
    }
    await Promise.all([work, rewriting]);
    assert.ok(ends.length > 100 && rewrites > 5, `${ends.length} ends, ${rewrites} rewrites`);
    for (const [left, told] of ends) {
      const again = await openDurable(left);
      await check(again, told);
      await again.close();
    }
    await database.close();
  });
}
