/** Keeps Chromium from throwing all of IndexedDB away after it was killed twice. */
import { deleteDatabase, openDatabase } from './requests.js';

/** A database without anything in it. */
const NAME = 'brooklet.log';

/**
 * Has the browser begin a new log before anything is written.
 *
 * Chromium writes a record of LevelDB's log in pieces, one for each block of 32 KiB. Killed between
 * two of them, it leaves a first piece alone. The next time it passes over that, goes on behind it
 * in the same log, and the time after that finds a record within a record: it takes the store for
 * broken and begins an empty one, for the whole origin (seen in Chromium 148, after some dozen
 * kills). Deleting a database makes it write its memory into a table, and begin a new log. What is
 * deleted was made the last time, since that needs no room.
 */
export async function renewLog(): Promise<void> {
  await deleteDatabase(NAME).catch(() => undefined);
  const made = await openDatabase(NAME, () => undefined).catch(() => undefined);
  made?.close();
}
