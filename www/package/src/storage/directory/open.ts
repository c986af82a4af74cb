/** A directory that is held: appends to its last file, and makes a base of everything before. */
import { join } from 'node:path';
import { StoreError } from '../errors.js';
import type { BaseWriter, Durability, OpenStore, StoredFile, Survives } from '../store.js';
import { BaseFile, writeProblem } from './base.js';
import { writeAll, type FileSystem } from './files.js';
import { Flusher } from './flusher.js';
import { JournalFolder, type FolderParts } from './folder.js';
import { baseName, incrementName, temporaryOf, type PlacedFile } from './layout.js';
import { isFull, Reserve } from './reserve.js';

const PIECE_BYTES = 1 << 20;

/** What an open directory is made of. */
export interface Parts extends FolderParts {
  readonly name: string;
  readonly durability: Durability;
}

/** The increment that is appended to. */
interface Increment {
  readonly path: string;
  readonly file: number;
  readonly flusher: Flusher;
  bytes: number;
}

/** A directory that one writer holds. */
export class OpenDirectory implements OpenStore {
  readonly name: string;
  readonly survives: Survives;
  /** Only the frames tell. */
  readonly epoch = 0;
  readonly files: ReadonlyArray<StoredFile>;
  readonly #parts: Parts;
  readonly #folder: JournalFolder;
  readonly #reserve: Reserve;
  #increment: Increment | undefined;
  #base: BaseFile | undefined;
  /** An append that waits for a flush. */
  #held: Promise<void> | undefined;
  #full = false;
  #failure: StoreError | undefined;
  #closed = false;

  constructor(parts: Parts) {
    const { name, files, directory, durability, found } = parts;
    this.#parts = parts;
    this.#folder = new JournalFolder(parts, (error, path) => this.#fail(error, path));
    this.#reserve = new Reserve(files, directory);
    this.name = name;
    this.survives = durability === 'always' ? 'power loss' : 'process crash';
    this.files = found.files.map(({ path, kind, bytes }) => ({
      name: path,
      kind,
      bytes,
      read: () => pieces(files, path),
    }));
  }

  get full(): boolean {
    if (this.#full && !this.#closed && !this.#failure) this.#holdReserve();
    return this.#full;
  }

  async start(_epoch: number, end: number): Promise<void> {
    this.#parts.lock.check();
    try {
      await this.#folder.prepare();
      await this.#continue(this.#parts.found.files.at(-1), end);
      this.#folder.removeLeftOver();
      this.#holdReserve();
    } catch (error) {
      throw this.#fail(error, this.#folder.path);
    }
  }

  append(frame: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    try {
      const late = this.#ready().flusher.room();
      if (late === undefined) return this.#append(frame);
      this.#held = late.then(() => this.#append(frame));
      return this.#held;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async beginBase(): Promise<BaseWriter> {
    // A frame that was held back belongs to what the base holds.
    await this.#held;
    const before = this.#ready();
    if (this.#base) throw new StoreError(`${this.#folder.path}: a base is being written already`);
    this.#parts.lock.check();
    // A file may only follow one that is on the disk as a whole: a gap would look like damage.
    await before.flusher.flush().catch((error: unknown) => {
      throw this.#fail(error, before.path);
    });
    const { files } = this.#parts;
    const begun = this.#folder.nextIncrement;
    const path = temporaryOf(this.#folder.path, baseName(this.#folder.nextBase));
    try {
      await this.#beginIncrement(begun);
      await before.flusher.stop();
      files.close(before.file);
      const file = files.open(path, 'w');
      const owner = {
        commit: () => this.#folder.commit(path, begun),
        ended: () => void (this.#base = undefined),
      };
      this.#base = new BaseFile(files, path, file, owner);
      return this.#base;
    } catch (error) {
      throw writeProblem(error, path);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { files, lock } = this.#parts;
    const increment = this.#increment;
    try {
      await this.#base?.abort();
      if (!this.#failure) await increment?.flusher.flush();
    } finally {
      await increment?.flusher.stop();
      if (increment) files.close(increment.file);
      lock.release();
    }
  }

  #append(frame: Uint8Array): Promise<void> | undefined {
    const increment = this.#ready();
    this.#held = undefined;
    try {
      this.#parts.lock.check();
      this.#write(increment, frame);
    } catch (error) {
      throw this.#fail(error, increment.path);
    }
    return increment.flusher.appended()?.catch((error: unknown) => {
      throw this.#fail(error, increment.path);
    });
  }

  /** The increment, if it may be appended to. */
  #ready(): Increment {
    const failure = this.#failure ?? this.#increment?.flusher.failure;
    if (failure) throw failure;
    if (this.#increment && !this.#closed) return this.#increment;
    throw new StoreError(`${this.name} is ${this.#closed ? 'closed' : 'not started'}`);
  }

  /** Keeps what went wrong: after it nothing is appended. */
  #fail(error: unknown, path: string): StoreError {
    this.#failure ??= writeProblem(error, path);
    return this.#failure;
  }

  /** The whole frame, or none of it. */
  #write(increment: Increment, frame: Uint8Array): void {
    const { files } = this.#parts;
    for (;;) {
      try {
        writeAll(files, increment.file, frame);
        increment.bytes += frame.length;
        return;
      } catch (error) {
        files.truncate(increment.file, increment.bytes);
        if (!isFull(error)) throw error;
        if (this.#base?.giveUp()) continue;
        if (!this.#reserve.release()) throw error;
        this.#full = true;
      }
    }
  }

  #holdReserve(): void {
    this.#reserve.renew(performance.now());
    this.#full = !this.#reserve.isHeld;
  }

  /** Cuts the last file off and goes on with it, or with a first increment. */
  async #continue(last: PlacedFile | undefined, end: number): Promise<void> {
    const { files } = this.#parts;
    if (last && last.bytes > end) {
      const file = files.open(join(this.#folder.path, last.name), 'a');
      files.truncate(file, end);
      await files.flush(file);
      files.close(file);
    }
    const reused = this.#folder.manifest.increments.at(-1);
    if (reused === undefined) return this.#beginIncrement(this.#folder.nextIncrement);
    await this.#folder.tidy();
    const path = join(this.#folder.path, reused.name);
    this.#use(path, files.open(path, 'a'), Math.min(last?.bytes ?? 0, end));
  }

  async #beginIncrement(sequence: number): Promise<void> {
    const { files } = this.#parts;
    const { manifest, path: folder } = this.#folder;
    const name = incrementName(sequence);
    const path = join(folder, name);
    // It is empty if it is there: no manifest named it.
    files.remove(path);
    const file = files.open(path, 'ax');
    try {
      // The name is on the disk before a manifest tells of it.
      await files.flushNames(folder);
      const increments = [...manifest.increments, { name, sequence }];
      await this.#folder.write({ ...manifest, increments, history: [] });
    } catch (error) {
      files.close(file);
      throw error;
    }
    this.#use(path, file, 0);
  }

  #use(path: string, file: number, bytes: number): void {
    const { files, durability } = this.#parts;
    this.#increment = { path, file, bytes, flusher: new Flusher(files, durability, file, path) };
  }
}

/** The bytes of a file, in pieces; the next is read while the last is looked at. */
async function* pieces(files: FileSystem, path: string): AsyncGenerator<Uint8Array> {
  const file = files.open(path, 'r');
  const readAt = (offset: number) => {
    const piece = new Uint8Array(PIECE_BYTES);
    const reading = files.read(file, piece, offset).then((read) => piece.subarray(0, read));
    // Whoever waits for it is told; nobody does when the reader has seen enough.
    reading.catch(() => undefined);
    return reading;
  };
  let reading = readAt(0);
  try {
    for (let offset = 0; ; ) {
      const piece = await reading;
      if (piece.length === 0) return;
      offset += piece.length;
      reading = readAt(offset);
      yield piece;
    }
  } finally {
    await reading.catch(() => undefined);
    files.close(file);
  }
}
