/** A journal in the origin's private file system, held by one writer: who has its files open. */
import { fullError, isNoRoom, storeError } from '../browser/errors.js';
import { PeriodicFlush } from '../browser/flush.js';
import type { Reserve } from '../browser/reserve.js';
import { DataLostError, StoreError } from '../errors.js';
import type { BaseWriter, Durability, OpenStore, StoredFile, Survives } from '../store.js';
import { OpfsBase } from './base.js';
import {
  closeFiles,
  type FileName,
  type Files,
  readAll,
  type SyncFile,
  writeAll,
} from './files.js';
import { type Metadata, type Part, saveMetadata } from './metadata.js';

/** How many bytes are read at once. */
const READ_BYTES = 1024 * 1024;

/** The journal; {@link OpenStore} says what its functions do. */
export class OpfsJournal implements OpenStore {
  readonly survives: Survives;
  readonly epoch: number;
  readonly files: readonly StoredFile[];
  readonly #files: Files;
  readonly #durability: Durability;
  readonly #reserve: Reserve;
  readonly #flush: PeriodicFlush;
  #metadata: Metadata;
  /** The file that is appended to, and its end. */
  #last: SyncFile;
  #end: number;
  /** The base that was begun last. */
  #base: OpfsBase | undefined;
  #failure: StoreError | undefined;

  constructor(
    readonly name: string,
    files: Files,
    durability: Durability,
    metadata: Metadata,
    reserve: Reserve,
  ) {
    this.survives = durability === 'always' ? 'power loss' : 'process crash';
    this.epoch = metadata.epoch;
    this.#files = files;
    this.#durability = durability;
    this.#reserve = reserve;
    this.#flush = new PeriodicFlush(
      durability,
      async () => this.#last.flush(),
      (error) => this.#fail(error),
    );
    this.#metadata = metadata;
    this.#last = files[`incr-${this.#lastPart.file}`];
    this.#end = this.#last.getSize();
    this.files = this.#list();
  }

  get full(): boolean {
    void this.#reserve.takeAgain();
    return this.#reserve.gone;
  }

  async start(epoch: number, end: number): Promise<void> {
    try {
      this.#end = this.#lastPart.from + end;
      if (this.#last.getSize() > this.#end) this.#last.truncate(this.#end);
      this.#last.flush();
      if (epoch !== this.#metadata.epoch) this.#save({ epoch });
      this.#clear();
    } catch (error) {
      throw this.#fail(error);
    }
    await this.#reserve.take();
  }

  append(frame: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    if (this.#failure) return Promise.reject(this.#failure);
    try {
      this.#write(frame);
    } catch (error) {
      return this.#appendSomehow(frame, error);
    }
    return undefined;
  }

  async beginBase(): Promise<BaseWriter> {
    if (this.#failure) throw this.#failure;
    const file = this.#metadata.base?.file === 0 ? 1 : 0;
    try {
      this.#files[`base-${file}`].truncate(0);
      this.#base = new OpfsBase(this, this.#files[`base-${file}`], file, this.#beginPart());
      return this.#base;
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** A base is whole: from here on the journal is that base, and the frames from `part` on. */
  async adopt(base: { file: 0 | 1; bytes: number }, part: Part): Promise<void> {
    if (this.#failure) throw this.#failure;
    try {
      this.#save({ base, parts: [part] });
      this.#clear();
    } catch (error) {
      throw this.#fail(error);
    }
    if (this.full) await this.#reserve.take();
  }

  async close(): Promise<void> {
    if (this.#failure instanceof Closed) return;
    try {
      await this.#flush.end();
    } catch (error) {
      throw this.#fail(error);
    } finally {
      closeFiles(this.#files);
      this.#failure = new Closed(`${this.name}: it was closed`);
    }
  }

  get #lastPart(): Part {
    const part = this.#metadata.parts.at(-1);
    if (!part) throw new DataLostError(`${this.name}: the meta files name no increment`);
    return part;
  }

  /** Where there is no room for a frame: takes that of a base being written, or the reserve. */
  async #appendSomehow(frame: Uint8Array, cause: unknown): Promise<void> {
    try {
      if (!isNoRoom(cause)) throw cause;
      if (!this.#base?.giveUp()) await this.#reserve.drop();
      this.#write(frame);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #write(frame: Uint8Array): void {
    writeAll(this.#last, frame, this.#end, this.name);
    if (this.#durability === 'always') this.#last.flush();
    this.#end += frame.length;
    this.#flush.touch();
  }

  /**
   * Where the frames begin that a base which is begun now will not hold: in the idle file, which
   * makes the journal three pieces until the base is whole. When both files are in use, since a
   * rewrite before this one never came to its end, they begin in the middle of the last one.
   */
  #beginPart(): Part {
    const [only, second] = this.#metadata.parts;
    if (!only || second) return { file: this.#lastPart.file, from: this.#end };
    const part: Part = { file: only.file === 0 ? 1 : 0, from: 0 };
    const next = this.#files[`incr-${part.file}`];
    next.truncate(0);
    next.flush();
    // Its length will be known for good.
    this.#last.flush();
    this.#save({ parts: [{ ...only, to: this.#end }, part] });
    this.#last = next;
    this.#end = 0;
    return part;
  }

  #save(change: Partial<Metadata>): void {
    this.#metadata = saveMetadata(this.#files, { ...this.#metadata, ...change }, this.name);
  }

  /** Empties the files that are not part of the journal. */
  #clear(): void {
    const { base, parts } = this.#metadata;
    const live = new Set<string>(parts.map((part) => `incr-${part.file}`));
    if (base) live.add(`base-${base.file}`);
    for (const name of ['base-0', 'base-1', 'incr-0', 'incr-1'] as const) {
      if (!live.has(name) && this.#files[name].getSize() > 0) this.#files[name].truncate(0);
    }
  }

  #list(): StoredFile[] {
    const { base, parts } = this.#metadata;
    const increments = parts.map(({ file, from, to = this.#end }) =>
      this.#file(`incr-${file}`, 'increment', from, to),
    );
    if (base) return [this.#file(`base-${base.file}`, 'base', 0, base.bytes), ...increments];
    return increments.some((file) => file.bytes > 0) ? increments : [];
  }

  #file(file: FileName, kind: StoredFile['kind'], from: number, to: number): StoredFile {
    const name = `${this.name}, ${file}`;
    return { name, kind, bytes: to - from, read: () => pieces(this.#files[file], name, from, to) };
  }

  #fail(error: unknown): StoreError {
    this.#failure ??= isNoRoom(error) ? fullError(this.name, error) : storeError(this.name, error);
    return this.#failure;
  }
}

/** What a journal that was closed answers. */
class Closed extends StoreError {}

async function* pieces(
  file: SyncFile,
  name: string,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; ) {
    const piece = new Uint8Array(Math.min(READ_BYTES, to - at));
    if (!readAll(file, piece, at)) throw new DataLostError(`${name}: it ends before ${to - from}`);
    at += piece.length;
    yield piece;
  }
}
