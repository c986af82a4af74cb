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
  #writing;

  files() {
    const increments = this.increments.map((file) => ({ kind: 'increment', file }));
    if (this.base === undefined) return increments;
    return [{ kind: 'base', file: this.base }, ...increments];
  }

  start(epoch, end) {
    if (epoch <= this.epoch) throw refusal('fenced', this.epoch);
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
    const last = this.increments.at(-1);
    if (BigInt(last.length) !== end) throw refusal('conflict', BigInt(last.length));
    last.append(frame);
  }

  beginBase(epoch) {
    this.#check(epoch);
    this.#writing = { base: new Bytes(), replaced: this.increments.length };
    this.increments.push(new Bytes());
  }

  writeBase(epoch, bytes) {
    this.#check(epoch);
    this.#writing.base.append(bytes);
  }

  commitBase(epoch) {
    this.#check(epoch);
    this.base = this.#writing.base;
    this.increments.splice(0, this.#writing.replaced);
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

    static open(name) {
      const log = new Log();
      log.#stored = journals.of(name);
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
      this.#stored.start(epoch, end);
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
