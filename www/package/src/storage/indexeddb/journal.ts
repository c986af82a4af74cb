/** A journal in IndexedDB, held by one writer: every transaction looks whether it still is. */
import { isNoRoom, fullError, storeError } from '../browser/errors.js';
import { PeriodicFlush } from '../browser/flush.js';
import type { Reserve } from '../browser/reserve.js';
import { DataLostError, FencedError, StoreError } from '../errors.js';
import type { BaseWriter, Durability, OpenStore, StoredFile, Survives } from '../store.js';
import { IndexedDbBase } from './base.js';
import {
  BASE,
  baseFile,
  HEAD,
  HEADS,
  type Head,
  LOG,
  logFile,
  putBytes,
  putHead,
  readHead,
} from './layout.js';
import { answer } from './requests.js';
import { RESERVE_BYTES } from './reserve.js';

/** About how many bytes of frames that nobody needs are removed in one transaction. */
const SWEEP_BYTES = 256 * 1024;

/** Waits before a frame that found no room is tried again, in milliseconds. */
const WAITS = [0, 50, 500, 1500, 3000];

/** What a transaction is to do: it asks for all at once. */
export type Work = (transaction: IDBTransaction) => void;

/** The journal; {@link OpenStore} says what its functions do. */
export class IndexedDbJournal implements OpenStore {
  readonly survives: Survives;
  readonly epoch: number;
  readonly files: readonly StoredFile[];
  readonly #database: IDBDatabase;
  readonly #durability: Durability;
  readonly #reserve: Reserve;
  readonly #flush: PeriodicFlush;
  #head: Head;
  /** The offset of the next frame. */
  #end: number;
  #failure: StoreError | undefined;
  #hasTried = false;
  #nudges = 0;

  constructor(
    readonly name: string,
    database: IDBDatabase,
    durability: Durability,
    head: Head,
    end: number,
    reserve: Reserve,
  ) {
    this.survives = durability === 'always' ? 'power loss' : 'process crash';
    this.epoch = head.epoch;
    this.#database = database;
    this.#durability = durability;
    this.#reserve = reserve;
    this.#head = head;
    this.#end = end;
    this.#flush = new PeriodicFlush(durability, () => this.#flushNow(), (error) => {
      this.#failure ??= storeError(name, error);
    });
    const log = logFile(database, name, head.first, end);
    const base = head.generation > 0 ? [baseFile(database, name, head)] : [];
    this.files = base.length > 0 || log.bytes > 0 ? [...base, log] : [];
    this.#listen();
  }

  get full(): boolean {
    void this.#reserve.takeAgain();
    return this.#reserve.gone;
  }

  async start(epoch: number, end: number): Promise<void> {
    const cut = this.#head.first + end;
    const rest = cut < this.#end ? await this.#lastBefore(cut) : undefined;
    await this.transact(
      (transaction) => {
        if (epoch !== this.epoch) putHead(transaction.objectStore(HEAD), { ...this.#head, epoch });
        const log = transaction.objectStore(LOG);
        log.delete(IDBKeyRange.lowerBound(cut));
        if (rest) log.put(rest.bytes, rest.offset);
        // What a rewrite left that never came to its end, or had not cleared up.
        const { generation } = this.#head;
        const base = transaction.objectStore(BASE);
        base.delete(IDBKeyRange.upperBound([generation], true));
        base.delete(IDBKeyRange.lowerBound([generation + 1]));
      },
      'strict',
      [HEAD, BASE, LOG],
    );
    this.#head = { ...this.#head, epoch };
    this.#end = cut;
    await this.#sweep();
    await this.#reserve.take();
  }

  async append(frame: Uint8Array<ArrayBuffer>): Promise<void> {
    const work: Work = (transaction) => {
      putBytes(transaction.objectStore(LOG), frame, (offset) => this.#end + offset);
    };
    try {
      const isSmall = frame.length <= RESERVE_BYTES / 2;
      // Chromium's database grows by what it refuses.
      if (this.full && !isSmall) throw fullError(this.name, undefined);
      await this.transact(work).catch((error: unknown) => {
        if (!isNoRoom(error) || !isSmall) throw error;
        return this.#appendSomehow(work, error);
      });
    } catch (error) {
      throw this.#fail(error);
    }
    this.#end += frame.length;
    this.#flush.touch();
  }

  async beginBase(): Promise<BaseWriter> {
    const first = this.#end;
    if (this.full) {
      await this.#nudge();
      await this.#reserve.take();
    }
    if (this.#failure) throw this.#failure;
    return new IndexedDbBase(this, this.#head.generation + 1, first, this.#roomForBase());
  }

  /** A base is whole: from here on the journal is that base, and the frames from `first` on. */
  async adopt(generation: number, baseBytes: number, first: number): Promise<void> {
    const head = { ...this.#head, generation, baseBytes, first };
    await this.transact(
      (transaction) => {
        putHead(transaction.objectStore(HEAD), head);
        transaction.objectStore(BASE).delete(IDBKeyRange.upperBound([generation], true));
      },
      'strict',
      [HEAD, BASE],
    ).catch((error: unknown) => {
      throw this.#error(error);
    });
    this.#head = head;
    this.#nudges = 0;
    await this.#sweep();
    if (this.full) await this.#reserve.take();
  }

  async close(): Promise<void> {
    const flushed = await this.#flush.end().catch((error: unknown) => error);
    this.#database.close();
    const failure = this.#failure;
    this.#failure ??= new StoreError(`${this.name}: it was closed`);
    if (flushed !== undefined && !failure) throw storeError(this.name, flushed);
  }

  /** Does all of `work`, as long as this is the writer; with `durability` of the store, or more. */
  transact(
    work: Work,
    durability: IDBTransactionDurability = this.#durability === 'always' ? 'strict' : 'relaxed',
    stores: string[] = [HEAD, LOG],
  ): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(stores, 'readwrite', { durability });
      let refused: StoreError | undefined;
      const head = readHead(transaction.objectStore(HEAD));
      head.onsuccess = () => {
        refused = this.#overtaken(head.result[0]);
        if (refused) transaction.abort();
        // What was asked for is done first; this saves the way back and forth.
        else transaction.commit();
      };
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(refused ?? this.#failure ?? transaction.error);
      work(transaction);
    });
  }

  /** Where there is no room for a frame: gives the reserve up, and has some patience. */
  async #appendSomehow(work: Work, first: unknown): Promise<void> {
    const isFirst = !this.full;
    if (isFirst) await this.#reserve.drop();
    let last = first;
    for (const wait of WAITS) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      try {
        await this.transact(work);
        if (isFirst && this.#nudges > 0) await this.#restoreHeads();
        return;
      } catch (error) {
        if (!isNoRoom(error)) throw error;
        last = error;
      }
      await this.#nudge();
    }
    throw last;
  }

  /**
   * Removes a head that hardly anybody will need. After a change Chromium looks how much is in use;
   * without one it stays with what it saw, maybe while it moved data from one file into another and
   * all of it counted twice.
   */
  async #nudge(): Promise<void> {
    this.#nudges += 1;
    const last = HEADS - this.#nudges;
    if (last < HEADS / 2) return;
    await this.transact((transaction) => transaction.objectStore(HEAD).delete(last));
  }

  async #restoreHeads(): Promise<void> {
    await this.transact((transaction) => putHead(transaction.objectStore(HEAD), this.#head));
    this.#nudges = 0;
  }

  /** While only the reserve is left, one small base may be tried: it could make room. */
  #roomForBase(): number {
    if (!this.full) {
      this.#hasTried = false;
      return Number.POSITIVE_INFINITY;
    }
    if (this.#hasTried) throw fullError(this.name, undefined);
    this.#hasTried = true;
    return RESERVE_BYTES / 4;
  }

  /** What is left of the record that `cut` goes through. */
  async #lastBefore(cut: number): Promise<{ offset: number; bytes: Uint8Array } | undefined> {
    const log = this.#database.transaction(LOG).objectStore(LOG);
    const last = await answer(log.openCursor(IDBKeyRange.upperBound(cut, true), 'prev'));
    if (!last) return undefined;
    const offset = last.key as number;
    return { offset, bytes: (last.value as Uint8Array).slice(0, cut - offset) };
  }

  #overtaken(head: Head | undefined): StoreError | undefined {
    if (!head) return new DataLostError(`${this.name}: it was cleared while it was open`);
    if (head.epoch === this.#head.epoch && head.dbId === this.#head.dbId) return undefined;
    return new FencedError(`${this.name}: a later writer has it, epoch ${head.epoch}`);
  }

  /** Removes frames before the first one, in small transactions that appends go between. */
  async #sweep(): Promise<void> {
    const { first } = this.#head;
    const log = this.#database.transaction(LOG).objectStore(LOG);
    const oldest = await answer(log.openKeyCursor(IDBKeyRange.upperBound(first, true)));
    // Looking for the oldest again would mean to walk over all that was removed.
    for (let from = (oldest?.key as number | undefined) ?? first; from < first; ) {
      const to = Math.min(from + SWEEP_BYTES, first);
      const range = IDBKeyRange.bound(from, to, false, true);
      await this.transact((transaction) => {
        transaction.objectStore(LOG).delete(range);
      }, 'relaxed');
      from = to;
    }
  }

  /** Writes something strictly, which flushes all before. Where there is no room it cannot. */
  async #flushNow(): Promise<void> {
    const work: Work = (transaction) => transaction.objectStore(HEAD).put(0, 'flushed');
    await this.transact(work, 'strict').catch((error: unknown) => {
      if (!isNoRoom(error)) throw error;
    });
  }

  #error(error: unknown): StoreError {
    return isNoRoom(error) ? fullError(this.name, error) : storeError(this.name, error);
  }

  #fail(error: unknown): StoreError {
    this.#failure ??= this.#error(error);
    return this.#failure;
  }

  #listen(): void {
    this.#database.onversionchange = ({ newVersion }) => {
      this.#fail(
        newVersion === null
          ? new DataLostError(`${this.name}: it was deleted while it was open`)
          : new StoreError(`${this.name}: a newer version of Brooklet has taken it over`),
      );
      this.#database.close();
    };
    this.#database.onclose = () => {
      this.#fail(
        new StoreError(`${this.name}: the browser has closed it; it may be cleared or broken`),
      );
    };
  }
}
