/** A journal in the SQLite storage of a Durable Object: a row a frame, under the output gate. */
import { FencedError, StoreError, StoreFullError } from '../storage/errors.js';
import type { BaseWriter, OpenStore, Store, StoredFile } from '../storage/store.js';
import type { ObjectStorage, SqlRows } from './storage.js';

type Row = ReturnType<SqlRows['toArray']>[number];

/** Rows may have two megabytes; what is longer is several. */
const PIECE_BYTES = 1 << 20;
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

/** The journal of an object; whoever opens it last may write. */
export function objectStore(storage: ObjectStorage): Store {
  return {
    async open() {
      return attempt(() => new ObjectJournal(storage));
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
  readonly epoch: number;
  readonly files: readonly StoredFile[];
  #base: number;
  /** The increment that is written. */
  #number: number;
  #piece = 0;
  /** The epoch that was begun with. */
  #writing = 0;

  constructor(private readonly storage: ObjectStorage) {
    for (const table of TABLES) storage.sql.exec(table);
    const [head] = storage.sql.exec('SELECT epoch, base FROM brooklet_head').toArray();
    this.#base = Number(head?.['base']);
    this.epoch = Number(head?.['epoch']) + 1;
    storage.sql.exec('UPDATE brooklet_head SET epoch = ?', this.epoch);
    this.files = this.#find();
    const [last] = storage.sql
      .exec('SELECT max(number) AS number FROM brooklet_journal WHERE kind = ?', INCREMENT)
      .toArray();
    this.#number = Math.max(Number(last?.['number'] ?? 0), this.#base);
  }

  async start(epoch: number, end: number): Promise<void> {
    this.#writing = Math.max(epoch, this.epoch);
    attempt(() =>
      this.storage.transactionSync(() => {
        this.#exec('UPDATE brooklet_head SET epoch = ?', this.#writing);
        // What a rewrite left that never came to its end.
        this.#exec('DELETE FROM brooklet_journal WHERE kind = 0 AND number <> ?', this.#base);
        this.#piece = this.#cut(end);
      }),
    );
  }

  append(frame: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    try {
      this.#inTransaction(() => {
        this.#piece = this.#put(INCREMENT, this.#number, this.#piece, frame);
      });
      return undefined;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async beginBase(): Promise<BaseWriter> {
    const number = this.#number + 1;
    let piece = 0;
    this.#inTransaction(() => undefined);
    this.#number = number;
    this.#piece = 0;
    return {
      write: async (bytes) =>
        this.#inTransaction(() => {
          piece = this.#put(BASE, number, piece, bytes);
        }),
      commit: async () =>
        this.#inTransaction(() => {
          this.#exec('UPDATE brooklet_head SET base = ?', number);
          this.#exec('DELETE FROM brooklet_journal WHERE number < ?', number);
          this.#base = number;
        }),
      abort: async () =>
        this.#inTransaction(() => {
          this.#exec('DELETE FROM brooklet_journal WHERE kind = 0 AND number = ?', number);
        }),
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
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

  /** Writes bytes from a piece on; returns the next piece. */
  #put(kind: number, number: number, piece: number, bytes: Uint8Array<ArrayBuffer>): number {
    let next = piece;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const { buffer } = bytes.slice(at, at + PIECE_BYTES);
      this.#exec('INSERT INTO brooklet_journal VALUES (?, ?, ?, ?)', number, kind, next++, buffer);
    }
    return next;
  }

  /** Cuts the last file off; returns its next piece. */
  #cut(end: number): number {
    const kind = this.files.at(-1)?.kind === 'base' ? BASE : INCREMENT;
    let left = end;
    let next = 0;
    for (const row of this.#rows(kind, this.#number)) {
      const bytes = row['bytes'] as ArrayBuffer;
      const piece = Number(row['piece']);
      if (left <= 0) {
        this.#exec(`DELETE FROM brooklet_journal ${WHERE}`, this.#number, kind, piece);
      } else if (bytes.byteLength > left) {
        const update = `UPDATE brooklet_journal SET bytes = ? ${WHERE}`;
        this.#exec(update, bytes.slice(0, left), this.#number, kind, piece);
      }
      if (left > 0) next = piece + 1;
      left -= bytes.byteLength;
    }
    return kind === BASE ? 0 : next;
  }

  #rows(kind: number, number: number): Row[] {
    const query = `SELECT piece, bytes FROM brooklet_journal
      WHERE number = ? AND kind = ? ORDER BY piece`;
    return this.storage.sql.exec(query, number, kind).toArray();
  }

  /** The files of the journal. */
  #find(): StoredFile[] {
    const found = this.storage.sql
      .exec(
        `SELECT number, kind, sum(length(bytes)) AS bytes FROM brooklet_journal
         WHERE number >= ? AND (kind = 1 OR number = ?)
         GROUP BY number, kind ORDER BY number, kind`,
        this.#base,
        this.#base,
      )
      .toArray();
    return found.map((row) => {
      const [number, kind] = [Number(row['number']), Number(row['kind'])];
      const what = kind === BASE ? 'base' : 'increment';
      const rows = (): Row[] => this.#rows(kind, number);
      return {
        name: `${what} ${number} of the ${NAME}`,
        kind: what,
        bytes: Number(row['bytes']),
        async *read() {
          for (const { bytes } of rows()) yield new Uint8Array(bytes as ArrayBuffer);
        },
      };
    });
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
