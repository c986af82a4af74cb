/** The store of browsers: a journal in IndexedDB, in windows and in workers of every kind. */
import { fullError, isNoRoom, nameOf, storeError } from './browser/errors.js';
import { Reserve } from './browser/reserve.js';
import {
  compare,
  findCertificates,
  type Found,
  newDbId,
  removeCertificate,
  writeCertificate,
} from './certificate.js';
import { DataLostError, StoreError } from './errors.js';
import { IndexedDbJournal } from './indexeddb/journal.js';
import {
  anyHead,
  BASE,
  createStores,
  endOfLog,
  FORMAT,
  HEAD,
  type Head,
  LOG,
  putHead,
  readHead,
} from './indexeddb/layout.js';
import { renewLog } from './indexeddb/log.js';
import { answer, completed, deleteDatabase, openDatabase } from './indexeddb/requests.js';
import { removeReserve, RESERVE_BYTES, reservePlace } from './indexeddb/reserve.js';
import * as opener from './open.js';
import type { Durability, OpenStore, Store } from './store.js';

export { estimate, persist, type Estimate } from './browser/quota.js';

/** Options of a browser's store. */
export interface BrowserStoreOptions {
  /**
   * Open what is there, even though something remembers that there was more: an empty database, or
   * an older state. Without it, opening rejects with DataLostError.
   */
  acceptDataLoss?: boolean;
}

/** What was found, now ours. */
interface Claim {
  readonly head: Head;
  /** The offset behind the last frame. */
  readonly end: number;
}

/**
 * A journal in the IndexedDB database `brooklet:<name>` of this origin. Whoever opens it last may
 * write; one who had it open gets a FencedError with the next change.
 */
export function indexedDbStore(name: string, options: BrowserStoreOptions = {}): Store {
  return { open: (durability) => open(name, durability, options), opener };
}

/**
 * Removes a database and every memory of it, so that the next one with this name begins empty.
 * Call it in a window where that is possible: workers cannot reach what windows remember.
 */
export async function forgetIndexedDb(name: string): Promise<void> {
  const place = placeOf(name);
  await deleteDatabase(databaseOf(name)).catch((error: unknown) => {
    throw storeError(place, error);
  });
  await removeReserve(name);
  await removeCertificate('indexeddb', name);
}

async function open(
  name: string,
  durability: Durability,
  { acceptDataLoss = false }: BrowserStoreOptions,
): Promise<OpenStore> {
  const place = placeOf(name);
  if (typeof indexedDB === 'undefined') {
    throw new StoreError(`${place}: there is no IndexedDB here`);
  }
  const certificates = acceptDataLoss ? [] : await findCertificates('indexeddb', name);
  let database: IDBDatabase | undefined;
  try {
    await renewLog();
    database = await openDatabase(databaseOf(name), (created) => {
      compare(place, certificates, undefined);
      createStores(created);
    });
    const reserve = new Reserve(reservePlace(database, name), RESERVE_BYTES);
    const { head, end } = await claim(database, place, certificates);
    await writeCertificate('indexeddb', name, head);
    return new IndexedDbJournal(place, database, durability, head, end, reserve);
  } catch (error) {
    database?.close();
    if (nameOf(error) === 'VersionError') throw newer(place);
    throw storeError(place, error);
  }
}

/** Takes the place over: from here on, whoever had it is fenced. */
async function claim(
  database: IDBDatabase,
  place: string,
  certificates: readonly Found[],
  hasRoom = true,
): Promise<Claim> {
  const transaction = database.transaction([HEAD, BASE, LOG], 'readwrite', {
    durability: 'strict',
  });
  const done = completed(transaction);
  try {
    const store = transaction.objectStore(HEAD);
    const [[found], end] = await Promise.all([
      answer(readHead(store)),
      endOfLog(transaction.objectStore(LOG), 0),
    ]);
    if (!found && end > 0) throw new DataLostError(`${place}: there are frames, but no head`);
    if (found && found.format > FORMAT) throw newer(place);
    compare(place, certificates, found);
    const head = hasRoom ? putNext(store, found) : await takeNext(store, place);
    await done;
    return { head, end: Math.max(end, head.first) };
  } catch (error) {
    done.catch(() => undefined);
    abort(transaction);
    // Without room there is still another way.
    if (hasRoom && isNoRoom(error)) return claim(database, place, certificates, false);
    throw error;
  }
}

/** Puts the head of a new writer. */
function putNext(store: IDBObjectStore, found: Head | undefined): Head {
  const head = { ...(found ?? newHead()), format: FORMAT, epoch: (found?.epoch ?? 0) + 1 };
  putHead(store, head);
  return head;
}

/** Removes the lowest head, so that the next one counts. */
async function takeNext(store: IDBObjectStore, place: string): Promise<Head> {
  const [lowest] = await answer(store.getAllKeys(anyHead(), 1));
  if (lowest !== undefined) await answer(store.delete(lowest));
  const [head] = await answer(readHead(store));
  if (!head) throw fullError(place, 'it was opened too often without room');
  return head;
}

function newHead(): Head {
  const now = Date.now();
  const nothing = { epoch: 0, generation: 0, baseBytes: 0, first: 0 };
  return { format: FORMAT, dbId: newDbId(), firstUsed: now, ...nothing };
}

function newer(place: string): StoreError {
  return new StoreError(`${place}: a newer version of Brooklet has written it, and is needed`);
}

/** Calls a transaction off that may have ended already. */
function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It had.
  }
}

const placeOf = (name: string): string => `IndexedDB ${name}`;
const databaseOf = (name: string): string => `brooklet:${name}`;
