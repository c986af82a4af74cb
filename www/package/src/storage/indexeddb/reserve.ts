/** Where the reserves of an IndexedDB store lie. */
import { isNoRoom } from '../browser/errors.js';
import { fileName, removeFile, sizeOfFile, writeFile } from '../browser/origin-files.js';
import type { ReservePlace } from '../browser/reserve.js';
import { HEAD } from './layout.js';
import { answer, completed } from './requests.js';

/**
 * The bytes of the reserve for frames. Chromium looks at the real use of a quota only now and then
 * and goes beyond it meanwhile (measured: by up to 170 kB); giving up less than that is of no use.
 */
export const RESERVE_BYTES = 1024 * 1024;

/** The bytes of the reserve for opening a database where nothing else has room. */
export const SPARE_BYTES = 64 * 1024;

/** The one for frames, and the one for opening. */
export type ReserveKind = 'reserve' | 'spare';

/**
 * In a file beside the database: Chromium gives the room of what is deleted in IndexedDB back much
 * later, that of a file at once. Where there are no files it is a record, which makes room in
 * browsers that keep IndexedDB in SQLite.
 */
export function reservePlace(
  database: IDBDatabase,
  name: string,
  kind: ReserveKind,
): ReservePlace {
  const file = fileName(name, kind);
  return {
    held: async (bytes) =>
      (await sizeOfFile(file).catch(() => 0)) === bytes ||
      (await recordCount(database, kind)) === 1,
    take: async (bytes) => {
      await writeFile(file, bytes).catch(async (error: unknown) => {
        if (isNoRoom(error)) throw error;
        await withHead(database, (store) => store.put(bytes, kind));
      });
    },
    drop: async () => {
      await removeFile(file).catch(() => undefined);
      await withHead(database, (store) => store.delete(kind));
    },
  };
}

/** Removes the files of a database that is given up. */
export async function removeReserves(name: string): Promise<void> {
  for (const kind of ['reserve', 'spare'] as const) {
    await removeFile(fileName(name, kind)).catch(() => undefined);
  }
}

function recordCount(database: IDBDatabase, kind: ReserveKind): Promise<number> {
  return answer(database.transaction(HEAD).objectStore(HEAD).count(kind));
}

async function withHead(
  database: IDBDatabase,
  work: (store: IDBObjectStore) => void,
): Promise<void> {
  const transaction = database.transaction(HEAD, 'readwrite');
  work(transaction.objectStore(HEAD));
  await completed(transaction);
}
