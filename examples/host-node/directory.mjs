/**
 * A journal in a directory: bases and increments, numbered. The highest base counts, and the
 * increments from its number on. `<epoch>.writer` is the one writer's; who makes a higher one takes
 * the directory over.
 */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

/** What is thrown with a payload is the `err` of a result, in jco. */
const refusal = (tag, val) => Object.assign(new Error(tag), { payload: { tag, val } });

/** Any other failure is told to people. */
function told(act) {
  try {
    return act();
  } catch (error) {
    if (error.payload !== undefined) throw error;
    throw error.code === 'ENOSPC' ? refusal('full') : refusal('failed', String(error));
  }
}

/** The resource `journal.log`. */
export class Log {
  #folder;
  #files = [];
  #number = 1;
  #increment;
  #base;

  static open(folder) {
    const log = new Log();
    told(() => log.#open(folder));
    return log;
  }

  #open(folder) {
    fs.mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    this.#files = this.#found();
    this.#number = parseInt(this.#files.at(-1)?.name ?? 1, 10);
  }

  /** The files that count, as they are now. */
  #found() {
    const base = this.#numbers('.base.aof').at(-1);
    const increments = this.#numbers('.incr.aof').filter((number) => number >= (base ?? 1));
    const length = (name) => BigInt(fs.statSync(this.#path(name)).size);
    const file = (name, kind) => ({ name, kind, length: length(name) });
    const bases = base === undefined ? [] : [file(`${base}.base.aof`, 'base')];
    return [...bases, ...increments.map((number) => file(`${number}.incr.aof`, 'increment'))];
  }

  #path = (name) => join(this.#folder, name);

  /** The numbers of the files that end so, in order. */
  #numbers(end) {
    const names = fs.readdirSync(this.#folder).filter((name) => name.endsWith(end));
    return names.map((name) => parseInt(name, 10)).sort((one, other) => one - other);
  }

  files() {
    return this.#files;
  }

  epoch() {
    return BigInt(this.#numbers('.writer').at(-1) ?? 0);
  }

  read(file, offset, length) {
    return told(() => {
      const descriptor = fs.openSync(this.#path(this.#files[file].name), 'r');
      const bytes = new Uint8Array(length);
      const read = fs.readSync(descriptor, bytes, 0, length, Number(offset));
      fs.closeSync(descriptor);
      return bytes.subarray(0, read);
    });
  }

  start(epoch, end) {
    told(() => {
      const before = this.epoch();
      if (epoch <= before) throw refusal('fenced', before);
      try {
        fs.closeSync(fs.openSync(this.#path(`${epoch}.writer`), 'wx'));
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
        throw refusal('fenced', this.epoch());
      }
      for (const old of this.#numbers('.writer').filter((number) => number < epoch)) {
        fs.rmSync(this.#path(`${old}.writer`), { force: true });
      }
      // From here on the writer before is fenced. What it wrote since `open` was not read.
      const found = this.#found();
      if (!isDeepStrictEqual(found, this.#files)) {
        throw refusal('conflict', found.at(-1)?.length ?? 0n);
      }
      this.#openIncrement();
      fs.ftruncateSync(this.#increment, Number(end));
    });
  }

  append(epoch, end, frame) {
    this.#write(epoch, () => {
      const { size } = fs.fstatSync(this.#increment);
      if (BigInt(size) !== end) throw refusal('conflict', BigInt(size));
      fs.writeFileSync(this.#increment, frame);
      fs.fdatasyncSync(this.#increment);
    });
  }

  beginBase(epoch) {
    this.#write(epoch, () => {
      fs.closeSync(this.#increment);
      this.#number += 1;
      this.#openIncrement();
      this.#base = fs.openSync(this.#path('base.partial'), 'w');
    });
  }

  writeBase(epoch, bytes) {
    this.#write(epoch, () => fs.writeFileSync(this.#base, bytes));
  }

  /** The rename is the step that a crash does or does not see. */
  commitBase(epoch) {
    this.#write(epoch, () => {
      fs.fsyncSync(this.#base);
      fs.closeSync(this.#base);
      fs.renameSync(this.#path('base.partial'), this.#path(`${this.#number}.base.aof`));
      this.#flushNames();
    });
  }

  #write(epoch, act) {
    told(() => {
      if (!fs.existsSync(this.#path(`${epoch}.writer`))) throw refusal('fenced', this.epoch());
      act();
    });
  }

  #openIncrement() {
    this.#increment = fs.openSync(this.#path(`${this.#number}.incr.aof`), 'a');
    this.#flushNames();
  }

  #flushNames() {
    const folder = fs.openSync(this.#folder, 'r');
    fs.fsyncSync(folder);
    fs.closeSync(folder);
  }
}
