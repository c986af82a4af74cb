/** The contract between a database and the place where its journal lies; one store, one file. */

/**
 * When a change is safe, and when its reply is handed out: Redis' `appendfsync`.
 *
 * - `always`: a reply is handed out after its frame was flushed.
 * - `everysec`: a reply is handed out after its frame was given to the system, which is told to
 *   flush once a second.
 * - `no`: as `everysec`, and the system flushes when it likes.
 */
export type Durability = 'always' | 'everysec' | 'no';

/** The worst that what a store has confirmed comes through whole. */
export type Survives = 'nothing' | 'process crash' | 'power loss';

/** One file of a journal, as it is found when the store is opened. */
export interface StoredFile {
  /** What people see in messages: a path, or the name of a record. */
  readonly name: string;
  /** A base has the state at some place of the journal, an increment what happened since. */
  readonly kind: 'base' | 'increment';
  /** Length in bytes. */
  readonly bytes: number;
  /** The bytes from the beginning, in pieces of any size. */
  read(): AsyncIterable<Uint8Array>;
}

/** A place for a journal that nobody has opened yet. */
export interface Store {
  /**
   * Takes the place over for one writer, and reads nothing more than it must.
   *
   * Rejects with StoreBusyError while another writer holds it and cannot be fenced, with
   * DataLostError when data that was here is gone or unreadable, with StoreError on all else.
   */
  open(durability: Durability): Promise<OpenStore>;
  /**
   * The part of Brooklet that opens journals. Without it Brooklet fetches that part when it is
   * needed, by `import()`, which service workers do not have.
   */
  readonly opener?: typeof import('./open.js');
}

/**
 * A place for a journal, held by one writer.
 *
 * The order of calls: read every file, `start`, then any number of `append`, one at a time. A
 * rewrite may go on between appends. After an error of `append` nothing is appended any more.
 */
export interface OpenStore {
  /** What people see in messages: `directory ./data`, `IndexedDB jobs`. */
  readonly name: string;
  /** What `append` promises with the durability that the store was opened with. */
  readonly survives: Survives;
  /**
   * A number higher than that of every writer that held this place before, 0 when the store does
   * not keep one and only the frames tell.
   */
  readonly epoch: number;
  /** The journal: a base, if there is one, then increments, in order. Empty when it is new. */
  readonly files: ReadonlyArray<StoredFile>;
  /**
   * There is no room left but the reserve, which small frames go into: deletions, acknowledgements.
   * It begins during `start`, `append` and `commit` only. While it lasts it is asked for once a
   * second, and the store may look for room then; a rewrite that makes room ends it as well.
   * Always false where a store has no reserve, and tells by StoreFullError alone.
   */
  readonly full: boolean;

  /** Appending costs no flush, so what happens need not be gathered into fewer frames. */
  readonly atOnce?: boolean;

  /**
   * Begins to write, as `epoch`. The last file is cut off to `end` bytes first, where an append
   * of a writer before never ended.
   */
  start(epoch: number, end: number): Promise<void>;

  /**
   * Appends one frame, the one that follows the last one. Resolves when `survives` holds for it;
   * with `everysec` and `no` the bytes are with the system by then. Returns undefined, instead of
   * a promise, where that is so already: replies need not wait for another turn then.
   *
   * The store may keep `frame`: it is a copy. Where the system can be told at once, it is, before
   * this function returns.
   *
   * Rejects with FencedError when a later writer has taken the place over (nothing was written),
   * with StoreFullError when there is no room (nothing was written), with StoreError on all else
   * (nothing is known).
   */
  append(frame: Uint8Array<ArrayBuffer>): Promise<void> | undefined;

  /**
   * Begins a new base. When it resolves, later appends go into a new increment, and all before
   * belong to what the base will hold. Rejects as `append` does.
   */
  beginBase(): Promise<BaseWriter>;

  /** Flushes what was appended, and lets the place go. */
  close(): Promise<void>;
}

/** A base that is being written, beside the journal that goes on. */
export interface BaseWriter {
  /** Writes the next bytes. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /**
   * The base is whole: flushes it, and makes it and the increments since {@link OpenStore.beginBase}
   * the journal, in one step that a crash does or does not see; then removes what came before.
   */
  commit(): Promise<void>;
  /** Gives it up: the journal stays as it is. */
  abort(): Promise<void>;
}
