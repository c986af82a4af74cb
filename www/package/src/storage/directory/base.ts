/** A base that is written beside the journal, under a name that nobody reads until it is whole. */
import { StoreError, StoreFullError } from '../errors.js';
import type { BaseWriter } from '../store.js';
import { messageOf, type FileSystem } from './files.js';
import { isFull } from './reserve.js';

/** So much is flushed at a time: one flush of all of it would hold up those of the journal. */
const FLUSH_BYTES = 4 << 20;

/** What the store does with a base. */
export interface BaseOwner {
  /** Makes the file at the writer's path the base. */
  commit(): Promise<void>;
  /** The writer has ended, one way or the other. */
  ended(): void;
}

/** Writes a base into a file. */
export class BaseFile implements BaseWriter {
  #unflushed = 0;
  #ended = false;
  #committing: Promise<void> | undefined;
  #givenUp: StoreError | undefined;

  constructor(
    private readonly files: FileSystem,
    private readonly path: string,
    private readonly file: number,
    private readonly owner: BaseOwner,
  ) {}

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#check();
    try {
      let at = 0;
      while (at < bytes.length) {
        at += await this.files.writeBeside(this.file, bytes.subarray(at));
      }
      this.#unflushed += bytes.length;
      if (this.#unflushed < FLUSH_BYTES) return;
      this.#unflushed = 0;
      await this.files.flush(this.file);
    } catch (error) {
      throw writeProblem(error, this.path);
    }
  }

  /** Gives its room to the journal. False: it has none that could be given. */
  giveUp(): boolean {
    if (this.#ended || this.#committing || this.#givenUp) return false;
    this.#givenUp = new StoreFullError(`the journal needed the room of ${this.path}`);
    this.files.truncate(this.file, 0);
    return true;
  }

  commit(): Promise<void> {
    this.#committing ??= this.#commit();
    return this.#committing;
  }

  async abort(): Promise<void> {
    await this.#committing?.catch(() => undefined);
    if (this.#ended) return;
    this.#end();
    this.files.remove(this.path);
  }

  async #commit(): Promise<void> {
    this.#check();
    try {
      await this.files.flush(this.file);
      await this.owner.commit();
      this.#end();
    } catch (error) {
      throw writeProblem(error, this.path);
    }
  }

  #check(): void {
    if (this.#givenUp) throw this.#givenUp;
    if (this.#ended) throw new StoreError(`${this.path} was ended before`);
  }

  #end(): void {
    this.#ended = true;
    this.files.close(this.file);
    this.owner.ended();
  }
}

/** What went wrong with a write, as the store tells it. */
export function writeProblem(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const options = { cause: error };
  return isFull(error)
    ? new StoreFullError(`there is no room for ${path} (${messageOf(error)})`, options)
    : new StoreError(`${path} cannot be written (${messageOf(error)})`, options);
}
