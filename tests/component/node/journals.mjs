/**
 * Journals in memory that outlive instances, as a host's storage does.
 */

/** Journals by name, shared by the instances that open them. */
export class Journals {
  #stored = new Map();

  /** What is stored under a name, to look at or to change behind its writer's back. */
  of(name) {
    if (!this.#stored.has(name)) this.#stored.set(name, new Stored());
    return this.#stored.get(name);
  }
}

/** One journal, as it is stored. */
class Stored {
  /** The epoch of the last writer that started. */
  epoch = 0n;
  /** The state at some moment, if a rewrite has left one. */
  base;
  /** What happened since. */
  increments = [];
  /** What the next append answers. */
  fails;
  /** A frame that the writer before appends while the next one reads. */
  meanwhile;
  /** How often it was written to. */
  writes = 0;
  #writing;

  files() {
    const increments = this.increments.map((file) => ({ kind: 'increment', file }));
    if (this.base === undefined) return increments;
    return [{ kind: 'base', file: this.base }, ...increments];
  }

  start(epoch, end, writes) {
    if (this.meanwhile !== undefined) {
      this.append(this.epoch, this.#end(), this.meanwhile);
      this.meanwhile = undefined;
    }
    if (epoch <= this.epoch) throw refusal('fenced', this.epoch);
    if (writes !== this.writes) throw refusal('conflict', this.#end());
    this.epoch = epoch;
    this.#writing = undefined;
    if (this.increments.length === 0) this.increments.push(new Bytes());
    this.increments.at(-1).truncate(Number(end));
  }

  append(epoch, end, frame) {
    this.#check(epoch);
    if (this.fails !== undefined) {
      const why = this.fails;
      this.fails = undefined;
      throw refusal('failed', why);
    }
    if (this.#end() !== end) throw refusal('conflict', this.#end());
    this.increments.at(-1).append(frame);
    this.writes += 1;
  }

  beginBase(epoch) {
    this.#check(epoch);
    this.#writing = { base: new Bytes(), replaced: this.increments.length };
    this.increments.push(new Bytes());
    this.writes += 1;
  }

  writeBase(epoch, bytes) {
    this.#check(epoch);
    this.#writing.base.append(bytes);
  }

  commitBase(epoch) {
    this.#check(epoch);
    this.base = this.#writing.base;
    this.increments.splice(0, this.#writing.replaced);
    this.writes += 1;
  }

  /** Where the last increment ends. */
  #end() {
    return BigInt(this.increments.at(-1)?.length ?? 0);
  }

  /** Refuses whoever is not the last writer that started. */
  #check(epoch) {
    if (epoch !== this.epoch) throw refusal('fenced', this.epoch);
  }
}

/** Bytes that grow at their end. */
class Bytes {
  length = 0;
  #pieces = [];

  append(bytes) {
    this.length += bytes.length;
    this.#pieces.push(Buffer.from(bytes));
  }

  truncate(length) {
    this.#pieces = [this.all().subarray(0, length)];
    this.length = length;
  }

  all() {
    if (this.#pieces.length !== 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0];
  }
}

/** What is thrown with a payload is the `err` of a result, in jco. */
function refusal(tag, val) {
  return Object.assign(new Error(tag), { payload: { tag, val } });
}

/** The resource `journal.log` over these journals. */
export function logOf(journals) {
  return class Log {
    #stored;
    /** How often it had been written to by then. */
    #writes;

    static open(name) {
      const log = new Log();
      log.#stored = journals.of(name);
      log.#writes = log.#stored.writes;
      return log;
    }

    files() {
      return this.#stored.files().map(({ kind, file }, place) => {
        return { name: `file ${place}`, kind, length: BigInt(file.length) };
      });
    }

    epoch() {
      return this.#stored.epoch;
    }

    read(place, offset, length) {
      const from = Number(offset);
      return this.#stored.files()[place].file.all().subarray(from, from + length);
    }

    start(epoch, end) {
      this.#stored.start(epoch, end, this.#writes);
    }

    append(epoch, end, frame) {
      this.#stored.append(epoch, end, frame);
    }

    beginBase(epoch) {
      this.#stored.beginBase(epoch);
    }

    writeBase(epoch, bytes) {
      this.#stored.writeBase(epoch, bytes);
    }

    commitBase(epoch) {
      this.#stored.commitBase(epoch);
    }
  };
}
