/** How a journal lies in a database: the stores, their keys, what is read in pieces. */
import { DataLostError } from '../errors.js';
import type { StoredFile } from '../store.js';
import { answer } from './requests.js';

/** What is known about the journal as a whole: a {@link Head} under the lowest number. */
export const HEAD = 'meta';
/** The base: under [generation, offset in the base] the bytes from there on. */
export const BASE = 'base';
/** The frames: under the offset, counted from the first frame ever, the bytes from there on. */
export const LOG = 'log';

/**
 * How many heads there are, under numbers from 0, each with an epoch higher by one. A writer that
 * comes where there is no room for a new head, however small, removes the lowest one instead:
 * that needs none.
 */
export const HEADS = 16;

/** The format that this file describes. */
export const FORMAT = 1;

/**
 * The most bytes of a record. Chromium keeps values of 64 KiB and more in files of their own, which
 * costs more than it saves.
 */
const RECORD_BYTES = 60 * 1024;

/** About how many bytes are read at once. */
const READ_BYTES = 1024 * 1024;

/** What is known about a journal besides its bytes. */
export interface Head {
  readonly format: number;
  readonly dbId: string;
  /** When it was begun, in Unix milliseconds. */
  readonly firstUsed: number;
  /** The epoch of the one writer that may write. */
  readonly epoch: number;
  /** The generation of the base, 0 when there is none. */
  readonly generation: number;
  readonly baseBytes: number;
  /** The offset of the first frame that is not in the base. */
  readonly first: number;
}

/** Makes the stores of a new database. */
export function createStores(database: IDBDatabase): void {
  for (const name of [HEAD, BASE, LOG]) database.createObjectStore(name);
}

/** The keys of heads; other records there have names. */
export const anyHead = (): IDBKeyRange => IDBKeyRange.bound(0, HEADS);

/** The head that counts, as the only element; none in a new database. */
export function readHead(store: IDBObjectStore): IDBRequest<Head[]> {
  return store.getAll(anyHead(), 1) as IDBRequest<Head[]>;
}

/** Puts a head, and those of later writers behind it. */
export function putHead(store: IDBObjectStore, head: Head): void {
  for (let later = 0; later < HEADS; later += 1) {
    store.put({ ...head, epoch: head.epoch + later }, later);
  }
}

/** Puts bytes into records, each under the offset of its first byte. */
export function putBytes(
  store: IDBObjectStore,
  bytes: Uint8Array<ArrayBuffer>,
  key: (offset: number) => IDBValidKey,
): void {
  for (let from = 0; from < bytes.length; from += RECORD_BYTES) {
    const whole = bytes.length <= RECORD_BYTES && bytes.length === bytes.buffer.byteLength;
    // A view would be stored with all that lies around it.
    store.add(whole ? bytes : bytes.slice(from, from + RECORD_BYTES), key(from));
  }
}

/** The offset behind the last frame; `empty` when there is none. */
export async function endOfLog(log: IDBObjectStore, empty: number): Promise<number> {
  const last = await answer(log.openCursor(null, 'prev'));
  if (!last) return empty;
  return Math.max(empty, (last.key as number) + (last.value as Uint8Array).length);
}

/** The base of a journal, as a file. */
export function baseFile(database: IDBDatabase, place: string, head: Head): StoredFile {
  const { generation, baseBytes: bytes } = head;
  const name = `${place}, base ${generation}`;
  const read = (): AsyncIterable<Uint8Array> =>
    pieces(database, name, BASE, 0, bytes, (offset) => [generation, offset]);
  return { name, kind: 'base', bytes, read };
}

/** The frames of a journal that are not in its base, as a file. */
export function logFile(
  database: IDBDatabase,
  place: string,
  first: number,
  end: number,
): StoredFile {
  const name = `${place}, frames from ${first}`;
  const read = (): AsyncIterable<Uint8Array> =>
    pieces(database, name, LOG, first, end, (offset) => offset);
  return { name, kind: 'increment', bytes: end - first, read };
}

/** Reads a range of offsets. The piece after the one in use is being read meanwhile. */
async function* pieces(
  database: IDBDatabase,
  name: string,
  store: string,
  from: number,
  end: number,
  key: (offset: number) => IDBValidKey,
): AsyncGenerator<Uint8Array> {
  const read = (offset: number): Promise<Uint8Array[]> => {
    const to = Math.min(offset + READ_BYTES, end);
    const range = IDBKeyRange.bound(key(offset), key(to), false, true);
    const records = database.transaction(store).objectStore(store).getAll(range);
    const result = answer(records) as Promise<Uint8Array[]>;
    // Nobody may ask for it any more when it fails.
    result.catch(() => undefined);
    return result;
  };
  let next = from < end ? read(from) : undefined;
  for (let offset = from; next; ) {
    const piece = join(await next);
    offset += piece.length;
    if (piece.length === 0 || offset > end) {
      throw new DataLostError(`${name}: bytes are missing at ${offset - from}`);
    }
    next = offset < end ? read(offset) : undefined;
    yield piece;
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
