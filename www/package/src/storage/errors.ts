/** What goes wrong with a journal and the place where it lies. */

/** The store cannot be read or written. Whatever was acknowledged before is in it. */
export class StoreError extends Error {
  override readonly name: string = 'StoreError';
}

/** Another writer holds the store. */
export class StoreBusyError extends StoreError {
  override readonly name = 'StoreBusyError';
}

/**
 * A later writer has taken the store over. This database has stopped: nothing that it has not
 * acknowledged will be written, and nothing that it wrote is lost.
 */
export class FencedError extends StoreError {
  override readonly name = 'FencedError';
}

/** There is no room for a frame: it was not written, and nothing of it was acknowledged. */
export class StoreFullError extends StoreError {
  override readonly name = 'StoreFullError';
}

/**
 * Data that was here before is gone or cannot be read: the browser evicted it, somebody cleared it,
 * or the store is broken. Nothing was begun in its place.
 */
export class DataLostError extends StoreError {
  override readonly name = 'DataLostError';
}

/** A journal is damaged where no crash damages one. Nothing of it was changed. */
export class JournalDamagedError extends StoreError {
  override readonly name = 'JournalDamagedError';

  constructor(
    message: string,
    /** The file. */
    readonly file: string,
    /** Where in the file the first piece begins that cannot be read, in bytes. */
    readonly offset: number,
  ) {
    super(message);
  }
}
