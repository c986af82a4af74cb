/** A new base in IndexedDB, written beside the frames that go on. */
import type { BaseWriter } from '../store.js';
import { fullError, isNoRoom, storeError } from '../browser/errors.js';
import { BASE, HEAD, putBytes } from './layout.js';
import type { IndexedDbJournal } from './journal.js';

/** How many bytes go into one transaction. */
const CHUNK_BYTES = 256 * 1024;

/** The base of a generation; {@link BaseWriter} says what its functions do. */
export class IndexedDbBase implements BaseWriter {
  readonly #journal: IndexedDbJournal;
  readonly #generation: number;
  /** The offset of the first frame that will not be in the base. */
  readonly #first: number;
  /** The most bytes that it may have. */
  readonly #limit: number;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitingBytes = 0;
  #written = 0;

  constructor(journal: IndexedDbJournal, generation: number, first: number, limit: number) {
    this.#journal = journal;
    this.#generation = generation;
    this.#first = first;
    this.#limit = limit;
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#written + this.#waitingBytes > this.#limit) {
      throw fullError(this.#journal.name, undefined);
    }
    if (this.#waitingBytes >= CHUNK_BYTES) await this.#put();
  }

  async commit(): Promise<void> {
    await this.#put();
    await this.#journal.adopt(this.#generation, this.#written, this.#first);
  }

  async abort(): Promise<void> {
    this.#waiting = [];
    await this.#journal.transact(
      (transaction) => {
        transaction.objectStore(BASE).delete(IDBKeyRange.lowerBound([this.#generation]));
      },
      'relaxed',
      [HEAD, BASE],
    );
  }

  async #put(): Promise<void> {
    const parts = this.#waiting;
    const from = this.#written;
    const { name } = this.#journal;
    await this.#journal.transact(
      (transaction) => {
        let at = from;
        for (const part of parts) {
          const start = at;
          const key = (offset: number): IDBValidKey => [this.#generation, start + offset];
          putBytes(transaction.objectStore(BASE), part, key);
          at += part.length;
        }
      },
      'strict',
      [HEAD, BASE],
    ).catch((error: unknown) => {
      throw isNoRoom(error) ? fullError(name, error) : storeError(name, error);
    });
    this.#written += this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
