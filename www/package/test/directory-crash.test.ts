/** The directory store, stopped between every two steps: nothing that it confirmed is missing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DirectoryStore } from '#dist/storage/directory/index.js';
import type { BaseWriter, Durability, OpenStore } from '#dist/storage/store.js';
import { Dice, Disk } from './disk.js';
import { bytes } from './support.js';

const DIRECTORY = '/var/data';

/** A journal of numbered lines, each a frame: `42` and so many dashes, ending in a full stop. */
const frame = (number: number) =>
  bytes(`${number}${'-'.repeat(number % 40)}.`) as Uint8Array<ArrayBuffer>;

/** What a reader makes of the files. */
interface Recovered {
  /** The last frame's number; the base has all up to some number, the rest follows it. */
  readonly last: number;
  readonly end: number;
}

/** A writer that remembers what was confirmed. */
class Writer {
  confirmed = 0;
  begun = 0;

  constructor(private readonly disk: Disk) {}

  /** Opens, reads, and goes on where the journal ends. */
  async open(durability: Durability): Promise<OpenStore> {
    const store = await new DirectoryStore(DIRECTORY, this.disk).open(durability);
    const { last, end } = await recover(store);
    assert.ok(last >= this.confirmed, `${last} is the last frame, ${this.confirmed} was confirmed`);
    assert.ok(last <= this.begun, `${last} was never written`);
    [this.confirmed, this.begun] = [last, last];
    await store.start(1, end);
    return store;
  }

  async append(store: OpenStore, count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const number = ++this.begun;
      await store.append(frame(number));
      this.confirmed = number;
    }
  }

  /** A base with what is confirmed by now. */
  async beginBase(store: OpenStore): Promise<() => Promise<BaseWriter>> {
    const upTo = this.confirmed;
    const writer = await store.beginBase();
    return async () => {
      await writer.write(bytes(`${'='.repeat(50)}${upTo}`) as Uint8Array<ArrayBuffer>);
      return writer;
    };
  }
}

async function recover(store: OpenStore): Promise<Recovered> {
  let [last, end] = [0, 0];
  for (const [index, file] of store.files.entries()) {
    const pieces: Uint8Array[] = [];
    for await (const piece of file.read()) pieces.push(piece);
    const text = Buffer.concat(pieces).toString();
    if (file.kind === 'base') {
      assert.equal(index, 0);
      const base = /^=+(\d+)$/.exec(text)?.[1];
      assert.ok(base !== undefined, `${file.name} is no whole base: ${text}`);
      [last, end] = [Number(base), text.length];
      continue;
    }
    const good = /^(?:\d+-*\.)*/.exec(text)?.[0] ?? '';
    for (const found of good.match(/\d+/g) ?? []) {
      assert.equal(Number(found), last + 1, `${file.name}: frames follow each other`);
      last++;
    }
    assert.ok(good === text || index === store.files.length - 1, `${file.name} is torn`);
    end = good.length;
  }
  return { last, end };
}

/** Everything that a store does in its life. */
async function life(writer: Writer, durability: Durability): Promise<void> {
  const store = await writer.open(durability);
  await writer.append(store, 3);
  const first = await writer.beginBase(store);
  await writer.append(store, 2);
  const base = await first();
  await writer.append(store, 1);
  await base.commit();
  await writer.append(store, 2);
  const given = await writer.beginBase(store);
  await writer.append(store, 1);
  await (await given()).abort();
  await writer.append(store, 1);
  const second = await (await writer.beginBase(store))();
  await second.commit();
  await writer.append(store, 1);
  await store.close();
  const again = await writer.open(durability);
  await writer.append(again, 2);
  await again.close();
}

/** Lives until the machine stops. True: it did before the life was over. */
async function livesUntil(step: number, disk: Disk, writer: Writer, durability: Durability) {
  disk.stopAt = step;
  try {
    await life(writer, durability);
    return disk.hasStopped;
  } catch (error) {
    if (!disk.hasStopped) throw error;
    return true;
  }
}

/** A disk to begin with: empty, or with the one file that Redis wrote before its version 7. */
function prepare(withFile: boolean): [Disk, Writer] {
  const disk = new Disk();
  const writer = new Writer(disk);
  if (withFile) {
    disk.put(`${DIRECTORY}/appendonly.aof`, Buffer.concat([frame(1), frame(2), bytes('3--')]));
    [writer.confirmed, writer.begun] = [2, 2];
  }
  return [disk, writer];
}

for (const durability of ['always', 'everysec', 'no'] as const) {
  test(`a process that is killed after any step loses nothing, with ${durability}`, async () => {
    for (const withFile of [false, true]) {
      for (let step = 0, stopped = true; stopped; step++) {
        const [disk, writer] = prepare(withFile);
        stopped = await livesUntil(step, disk, writer, durability);
        disk.kill();
        // A second time, somewhere in the recovery of the first.
        await livesUntil(step % 31, disk, writer, durability);
        disk.kill();
        await life(writer, durability);
      }
    }
  });
}

test('a machine that loses power after any step loses nothing, with always', async () => {
  const SEEDS = 2;
  for (const withFile of [false, true]) {
    for (let step = 0, stopped = true; stopped; step++) {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const dice = new Dice(seed * 7919 + step);
        const [disk, writer] = prepare(withFile);
        stopped = await livesUntil(step, disk, writer, 'always');
        disk.losePower(dice);
        await livesUntil(dice.below(60), disk, writer, 'always');
        disk.losePower(dice);
        await life(writer, 'always');
      }
    }
  }
});

test('power loss leaves a journal that loads, with everysec and no', async () => {
  for (const durability of ['everysec', 'no'] as const) {
    for (let step = 0, stopped = true; stopped; step++) {
      const [disk, writer] = prepare(false);
      stopped = await livesUntil(step, disk, writer, durability);
      disk.losePower(new Dice(step));
      writer.confirmed = 0;
      await life(writer, durability);
    }
  }
});
