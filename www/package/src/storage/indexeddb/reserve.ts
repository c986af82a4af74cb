/** Where the reserve of an IndexedDB store lies. */
import { isNoRoom } from '../browser/errors.js';
import { fileName, removeFile, sizeOfFile, writeFile } from '../browser/origin-files.js';
import type { ReservePlace } from '../browser/reserve.js';
import { HEAD } from './layout.js';
import { answer, completed } from './requests.js';

/** Its name, as a record and behind that of a database. */
const KEY = 'reserve';

/**
 * How large it is. Chromium looks at the real use of a quota only now and then
 * and goes beyond it meanwhile (measured: by up to 170 kB); giving up less than that is of no use.
 */
export const RESERVE_BYTES = 1024 * 1024;

/**
 * In a file beside the database: Chromium gives the room of what is deleted in IndexedDB back much
 * later, that of a file at once. Where there are no files it is a record, which makes room in
 * browsers that keep IndexedDB in SQLite.
 */
export function reservePlace(database: IDBDatabase, name: string): ReservePlace {
  const file = fileName(name, KEY);
  return {
    held: async (bytes) =>
      (await sizeOfFile(file).catch(() => 0)) === bytes ||
      (await recordCount(database)) === 1,
    take: async (bytes) => {
      await writeFile(file, bytes).catch(async (error: unknown) => {
        if (isNoRoom(error)) throw error;
        await withHead(database, (store) => store.put(bytes, KEY));
      });
    },
    drop: async () => {
      await removeFile(file).catch(() => undefined);
      await withHead(database, (store) => store.delete(KEY));
    },
  };
}

/** Removes the file of a database that is given up. */
export async function removeReserve(name: string): Promise<void> {
  await removeFile(fileName(name, KEY)).catch(() => undefined);
}

function recordCount(database: IDBDatabase): Promise<number> {
  return answer(database.transaction(HEAD).objectStore(HEAD).count(KEY));
}

async function withHead(
  database: IDBDatabase,
  work: (store: IDBObjectStore) => void,
): Promise<void> {
  const transaction = database.transaction(HEAD, 'readwrite');
  work(transaction.objectStore(HEAD));
  await completed(transaction);
}
