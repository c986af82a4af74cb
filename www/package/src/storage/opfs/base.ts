/** A new base in the idle file, written beside the frames that go on. */
import { fullError, isNoRoom, storeError } from '../browser/errors.js';
import type { BaseWriter } from '../store.js';
import { type SyncFile, writeAll } from './files.js';
import type { OpfsJournal } from './journal.js';
import type { Part } from './metadata.js';

/** The base in one of two files; {@link BaseWriter} says what its functions do. */
export class OpfsBase implements BaseWriter {
  #bytes = 0;
  /** It is the journal's, or was given up. */
  #ended = false;

  constructor(
    private readonly journal: OpfsJournal,
    private readonly file: SyncFile,
    private readonly index: 0 | 1,
    /** The frames that will not be in the base. */
    private readonly part: Part,
  ) {}

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#ended) throw fullError(this.journal.name, 'its room went to a frame');
    try {
      writeAll(this.file, bytes, this.#bytes, this.journal.name);
    } catch (error) {
      const { name } = this.journal;
      throw isNoRoom(error) ? fullError(name, error) : storeError(name, error);
    }
    this.#bytes += bytes.length;
  }

  async commit(): Promise<void> {
    if (this.#ended) throw fullError(this.journal.name, 'its room went to a frame');
    this.#ended = true;
    this.file.flush();
    await this.journal.adopt({ file: this.index, bytes: this.#bytes }, this.part);
  }

  async abort(): Promise<void> {
    this.giveUp();
  }

  /** Gives its room up; `false` when it has none, or is the journal's by now. */
  giveUp(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.file.truncate(0);
    return this.#bytes > 0;
  }
}
