/** Opens a durable database: takes the store over, recovers what is in it, begins to write. */
import type { EngineHost } from '../engine/host.js';
import { StoreError } from './errors.js';
import { FreshStore } from './fresh.js';
import { Journal } from './journal.js';
import { recover } from './recovery.js';
import { sourceFile, type ImportSource } from './source.js';
import type { Durability, Store } from './store.js';

/** Rejects with what the store says, or with JournalDamagedError; the host is of no use then. */
export async function openJournal(
  host: EngineHost,
  store: Store,
  durability: Durability,
): Promise<Journal> {
  const open = await store.open(durability);
  try {
    const recovered = await recover(host, open.files);
    const epoch = Math.max(open.epoch, recovered.epoch + 1);
    await open.start(epoch, recovered.end);
    return new Journal(host, open, durability, epoch, recovered);
  } catch (error) {
    // What happened first is what counts.
    await open.close().catch(() => undefined);
    throw error instanceof Error ? error : new StoreError(String(error));
  }
}

/** As {@link openJournal}, for a store that must be empty, and begins with what `source` holds. */
export async function openJournalWith(
  host: EngineHost,
  store: Store,
  durability: Durability,
  source: ImportSource,
): Promise<Journal> {
  const file = await sourceFile('what is imported', source);
  const journal = await openJournal(host, new FreshStore(store, file), durability);
  try {
    await journal.rewrite();
    return journal;
  } catch (error) {
    await journal.close().catch(() => undefined);
    throw error;
  }
}
