/** Birth certificates: a second place remembers that a database was begun, should it be gone. */
import { DataLostError } from './errors.js';
import { fileName, readFile, removeFile, writeFile } from './browser/origin-files.js';
import { answer, openDatabase } from './indexeddb/requests.js';

/** Which store a certificate is about. */
export type BrowserStoreKind = 'indexeddb' | 'opfs';

/** What is remembered. */
export interface Certificate {
  /** The database that was begun. */
  readonly dbId: string;
  /** The epoch of its last writer. */
  readonly epoch: number;
  /** When it was begun, in Unix milliseconds. */
  readonly firstUsed: number;
}

/** A certificate that was found. */
export interface Found extends Certificate {
  /** Where, for people. */
  readonly place: string;
}

/** Somewhere a certificate can lie; each function rejects where the place does not exist. */
interface Place {
  readonly name: string;
  read(key: string): Promise<string | undefined>;
  write(key: string, text: string): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Windows have it, workers do not. Chromium keeps it when it evicts the rest. */
const LOCAL_STORAGE: Place = {
  name: 'localStorage',
  read: async (key) => localStorage.getItem(`brooklet:${key}`) ?? undefined,
  write: async (key, text) => localStorage.setItem(`brooklet:${key}`, text),
  remove: async (key) => localStorage.removeItem(`brooklet:${key}`),
};

const FILE: Place = {
  name: 'the origin private file system',
  read: (key) => readFile(fileName(key, 'certificate')),
  write: (key, text) => writeFile(fileName(key, 'certificate'), text),
  remove: (key) => removeFile(fileName(key, 'certificate')),
};

const RECORDS = 'certificates';

/** A database of its own, for stores that are files. */
const RECORD: Place = {
  name: 'IndexedDB',
  read: (key) => withRecords('readonly', (store) => store.get(key)),
  write: async (key, text) => void (await withRecords('readwrite', (it) => it.put(text, key))),
  remove: (key) => withRecords('readwrite', (store) => store.delete(key)),
};

/**
 * Two places a store, neither in the same files as what it tells of: browsers throw a broken
 * database away as a whole. The second one is there in workers too.
 */
const PLACES: Record<BrowserStoreKind, readonly Place[]> = {
  indexeddb: [LOCAL_STORAGE, FILE],
  opfs: [LOCAL_STORAGE, RECORD],
};

/** The certificates of a database, from every place that has one. */
export async function findCertificates(kind: BrowserStoreKind, name: string): Promise<Found[]> {
  const all = await Promise.all(
    PLACES[kind].map(async (place) => {
      const text = await place.read(`${kind}:${name}`).catch(() => undefined);
      const certificate = parse(text);
      return certificate ? [{ ...certificate, place: place.name }] : [];
    }),
  );
  return all.flat();
}

/** Writes it wherever that is possible. */
export async function writeCertificate(
  kind: BrowserStoreKind,
  name: string,
  { dbId, epoch, firstUsed }: Certificate,
): Promise<void> {
  const text = JSON.stringify({ dbId, epoch, firstUsed });
  await Promise.allSettled(PLACES[kind].map((place) => place.write(`${kind}:${name}`, text)));
}

/** Forgets that there was such a database. */
export async function removeCertificate(kind: BrowserStoreKind, name: string): Promise<void> {
  await Promise.allSettled(PLACES[kind].map((place) => place.remove(`${kind}:${name}`)));
}

/**
 * Holds what is there against the certificates; `there` is undefined when nothing is.
 * Throws DataLostError when one of them tells of more.
 */
export function compare(
  place: string,
  certificates: readonly Found[],
  there: Certificate | undefined,
): void {
  for (const { place: witness, dbId, epoch, firstUsed } of certificates) {
    const since = new Date(firstUsed).toISOString();
    const told = `${witness} remembers a database that was begun here at ${since}`;
    if (!there) {
      throw new DataLostError(`${place} is empty, but ${told}: it was cleared, evicted or broken`);
    }
    if (there.dbId === dbId && there.epoch < epoch) {
      throw new DataLostError(`${place} has gone back to an older state: ${told}`);
    }
  }
}

/** A name for a new database that no other has. */
export function newDbId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function parse(text: string | undefined): Certificate | undefined {
  try {
    const value = JSON.parse(text ?? 'null') as Partial<Certificate> | null;
    const { dbId, epoch, firstUsed } = value ?? {};
    if (typeof dbId !== 'string' || typeof epoch !== 'number' || typeof firstUsed !== 'number') {
      return undefined;
    }
    return Number.isFinite(epoch) && Number.isFinite(firstUsed)
      ? { dbId, epoch, firstUsed }
      : undefined;
  } catch {
    return undefined;
  }
}

async function withRecords<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await openDatabase('brooklet', (created) => {
    created.createObjectStore(RECORDS);
  });
  // It must never stand in the way of somebody who clears everything.
  database.onversionchange = () => database.close();
  try {
    return await answer(work(database.transaction(RECORDS, mode).objectStore(RECORDS)));
  } finally {
    database.close();
  }
}
