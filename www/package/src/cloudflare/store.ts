/** A journal in the SQLite storage of a Durable Object: frames in rows, under the output gate. */
import { FencedError, StoreError, StoreFullError } from '../storage/errors.js';
import { joined } from '../resp/encode.js';
import type { BaseWriter, OpenStore, Store, StoredFile } from '../storage/store.js';
import type { ObjectStorage } from './storage.js';

/** Rows may have two megabytes; what is longer is several. */
const PIECE_BYTES = 1 << 20;
/**
 * Frames go into the last row up to that size. Each of them is a row written all the same, but far
 * fewer rows have to be deleted, which is paid for like writing, and read when an object begins.
 */
const PACKED_BYTES = 4096;
/** A rewrite is due when what happened since the base has more bytes than that, and than the base. */
const REWRITE_BYTES = 1 << 20;
/** Files are read in chunks of about that size, some rows at a time. */
const CHUNK_BYTES = 1 << 18;
const ROWS = 8;
const NAME = 'Durable Object';

/** Kinds of files, as rows have them. A base stands before the increment of its number. */
const BASE = 0;
const INCREMENT = 1;

/**
 * Files have numbers: a base stands for all increments before its own. `head` has the number of
 * the base, 0 for none, and the epoch of who may write.
 */
const TABLES = [
  `CREATE TABLE IF NOT EXISTS brooklet_head (
     one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL, base INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS brooklet_journal (
     number INTEGER, kind INTEGER, piece INTEGER, bytes BLOB NOT NULL,
     PRIMARY KEY (number, kind, piece)) WITHOUT ROWID`,
  'INSERT OR IGNORE INTO brooklet_head VALUES (1, 0, 0)',
];

const WHERE = 'WHERE number = ? AND kind = ? AND piece = ?';

/** A file as it lies in its rows. */
interface Found {
  readonly number: number;
  readonly kind: number;
  readonly bytes: number;
}

/** What a journal needs of an object's storage. */
export type JournalStorage = Pick<ObjectStorage, 'sql' | 'transactionSync'>;

/**
 * The journal of an object; whoever opens it last may write. `rewriteDue` is called, once until
 * that was done, when rewriting would make it much shorter: without it that is left to the engine.
 */
export function objectStore(storage: JournalStorage, rewriteDue?: () => void): Store {
  return {
    async open() {
      return attempt(() => new ObjectJournal(storage, rewriteDue));
    },
  };
}

/**
 * What is written is written when `append` returns, and whatever leaves the object is held back by
 * workerd until it is safe: no reply has to wait here.
 */
class ObjectJournal implements OpenStore {
  readonly name = NAME;
  readonly survives = 'power loss';
  readonly full = false;
  readonly atOnce = true;
  readonly epoch: number;
  readonly files: readonly StoredFile[];
  /** Bases that are no part of it. */
  readonly #left: readonly number[];
  #base: number;
  /** The increment that is written. */
  #number: number;
  #piece = 0;
  /** What its last row has, when there is room for more. */
  #last: Uint8Array<ArrayBuffer> = new Uint8Array();
  /** The epoch that was begun with. */
  #writing = 0;
  /** Bytes of the base, and of what happened since. */
  #baseBytes: number;
  #grown: number;
  #isDue = false;

  constructor(
    private readonly storage: JournalStorage,
    private readonly rewriteDue: (() => void) | undefined,
  ) {
    for (const table of TABLES) storage.sql.exec(table);
    const [head] = storage.sql.exec('SELECT epoch, base FROM brooklet_head').toArray();
    this.#base = Number(head?.['base']);
    this.epoch = Number(head?.['epoch']) + 1;
    storage.sql.exec('UPDATE brooklet_head SET epoch = ?', this.epoch);
    const found = this.#find();
    // A rewrite may have left a base that never came to its end.
    const isPart = ({ kind, number }: Found): boolean => kind === INCREMENT || number === this.#base;
    this.files = found.filter(isPart).map((it) => this.#file(it));
    this.#left = found.filter((it) => !isPart(it)).map(({ number }) => number);
    const bytesOf = (kind: StoredFile['kind']): number =>
      this.files.reduce((sum, file) => sum + (file.kind === kind ? file.bytes : 0), 0);
    this.#baseBytes = bytesOf('base');
    this.#grown = bytesOf('increment');
    const increments = found.filter(({ kind }) => kind === INCREMENT);
    this.#number = Math.max(this.#base, ...increments.map(({ number }) => number));
  }

  async start(epoch: number, end: number): Promise<void> {
    this.#writing = Math.max(epoch, this.epoch);
    attempt(() =>
      this.storage.transactionSync(() => {
        if (this.#writing !== this.epoch) {
          this.#exec('UPDATE brooklet_head SET epoch = ?', this.#writing);
        }
        for (const number of this.#left) this.#deleteBase(number);
        this.#cut(end);
      }),
    );
    this.#checkSize();
  }

  append(frame: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    try {
      this.#inTransaction(() => this.#pack(frame));
      this.#grown += frame.length;
      this.#checkSize();
      return undefined;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async beginBase(): Promise<BaseWriter> {
    const number = this.#number + 1;
    let [piece, bytes] = [0, 0];
    this.#inTransaction(() => undefined);
    this.#begin(number);
    const before = this.#grown;
    return {
      write: async (frame) =>
        this.#inTransaction(() => {
          piece = this.#put(BASE, number, piece, frame);
          bytes += frame.length;
        }),
      commit: async () => {
        this.#inTransaction(() => {
          this.#exec('UPDATE brooklet_head SET base = ?', number);
          this.#exec('DELETE FROM brooklet_journal WHERE number < ?', number);
        });
        this.#base = number;
        this.#baseBytes = bytes;
        this.#grown -= before;
        this.#isDue = false;
        this.#checkSize();
      },
      abort: async () => this.#inTransaction(() => this.#deleteBase(number)),
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #deleteBase(number: number): void {
    this.#exec('DELETE FROM brooklet_journal WHERE number = ? AND kind = ?', number, BASE);
  }

  #exec(query: string, ...values: Array<ArrayBuffer | number>): void {
    this.storage.sql.exec(query, ...values);
  }

  /** Does all or nothing, as long as this is the writer. */
  #inTransaction(work: () => void): void {
    attempt(() =>
      this.storage.transactionSync(() => {
        const [head] = this.storage.sql.exec('SELECT epoch FROM brooklet_head').toArray();
        if (Number(head?.['epoch']) !== this.#writing) {
          throw new FencedError(`${NAME}: it was opened again, epoch ${head?.['epoch']}`);
        }
        work();
      }),
    );
  }

  /** Writes a frame into the last row of the increment, or into new ones. */
  #pack(frame: Uint8Array<ArrayBuffer>): void {
    const bytes = joined([this.#last, frame]);
    if (this.#last.length > 0 && bytes.length <= PACKED_BYTES) {
      const update = `UPDATE brooklet_journal SET bytes = ? ${WHERE}`;
      this.#exec(update, bytes.buffer, this.#number, INCREMENT, this.#piece - 1);
      this.#last = bytes;
    } else {
      this.#piece = this.#put(INCREMENT, this.#number, this.#piece, frame);
      this.#last = frame.length <= PACKED_BYTES ? frame : new Uint8Array();
    }
  }

  /** Writes bytes from a piece on; returns the next piece. */
  #put(kind: number, number: number, piece: number, bytes: Uint8Array<ArrayBuffer>): number {
    let next = piece;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const { buffer } = bytes.slice(at, at + PIECE_BYTES);
      this.#exec('INSERT INTO brooklet_journal VALUES (?, ?, ?, ?)', number, kind, next++, buffer);
    }
    return next;
  }

  /** Begins an increment. */
  #begin(number: number): void {
    this.#number = number;
    this.#piece = 0;
    this.#last = new Uint8Array();
  }

  /** Goes on behind the last file, which is good up to `end`. */
  #cut(end: number): void {
    const file = this.files.at(-1);
    if (file === undefined || file.kind === 'base') return this.#begin(this.#number);
    let left = file.bytes - end;
    for (const { piece, bytes } of this.#backwards()) {
      const good = Math.max(bytes.byteLength - left, 0);
      left -= bytes.byteLength - good;
      if (good > 0) {
        this.#piece = piece + 1;
        this.#last = new Uint8Array(bytes.slice(0, good <= PACKED_BYTES ? good : 0));
        if (good === bytes.byteLength) break;
        const update = `UPDATE brooklet_journal SET bytes = ? ${WHERE}`;
        this.#exec(update, bytes.slice(0, good), this.#number, INCREMENT, piece);
        break;
      }
      this.#exec(`DELETE FROM brooklet_journal ${WHERE}`, this.#number, INCREMENT, piece);
    }
  }

  /** The rows of the last increment, from the last one on. */
  *#backwards(): Generator<{ piece: number; bytes: ArrayBuffer }> {
    const query = `SELECT piece, bytes FROM brooklet_journal
      WHERE number = ? AND kind = ? AND piece < ? ORDER BY piece DESC LIMIT 1`;
    let piece = Number.MAX_SAFE_INTEGER;
    for (;;) {
      const [row] = this.storage.sql.exec(query, this.#number, INCREMENT, piece).toArray();
      if (row === undefined) return;
      piece = Number(row['piece']);
      yield { piece, bytes: row['bytes'] as ArrayBuffer };
    }
  }

  /** The bytes of a file in chunks: all its rows at once could be too much to hold. */
  *#chunks(kind: number, number: number): Generator<Uint8Array> {
    const query = `SELECT bytes FROM brooklet_journal
      WHERE number = ? AND kind = ? AND piece >= ? ORDER BY piece LIMIT ?`;
    let [piece, length] = [0, 0];
    const parts: Uint8Array[] = [];
    for (;;) {
      const rows = this.storage.sql.exec(query, number, kind, piece, ROWS).toArray();
      for (const { bytes } of rows) {
        length += parts[parts.push(new Uint8Array(bytes as ArrayBuffer)) - 1]?.length ?? 0;
      }
      piece += rows.length;
      const isLast = rows.length < ROWS;
      if (length >= CHUNK_BYTES || (isLast && length > 0)) {
        yield joined(parts.splice(0));
        length = 0;
      }
      if (isLast) return;
    }
  }

  #checkSize(): void {
    const isDue = this.#grown > Math.max(REWRITE_BYTES, this.#baseBytes);
    if (!isDue || this.#isDue) return;
    this.#isDue = true;
    this.rewriteDue?.();
  }

  /** All files that have rows, in order. */
  #find(): Found[] {
    const query = `SELECT number, kind, sum(length(bytes)) AS bytes FROM brooklet_journal
      GROUP BY number, kind ORDER BY number, kind`;
    return this.storage.sql
      .exec(query)
      .toArray()
      .map(({ number, kind, bytes }) => ({
        number: Number(number),
        kind: Number(kind),
        bytes: Number(bytes),
      }));
  }

  #file({ number, kind, bytes }: Found): StoredFile {
    const what = kind === BASE ? 'base' : 'increment';
    const chunks = (): Iterable<Uint8Array> => this.#chunks(kind, number);
    return {
      name: `${what} ${number} of the ${NAME}`,
      kind: what,
      bytes,
      async *read() {
        yield* chunks();
      },
    };
  }
}

/** What SQLite throws is a StoreError. */
function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const isFull = /SQLITE_FULL|database or disk is full/i.test(message);
    const Kind = isFull ? StoreFullError : StoreError;
    throw new Kind(`${NAME}: ${message}`, { cause: error });
  }
}
