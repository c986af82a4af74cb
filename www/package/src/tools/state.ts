/** Databases that tools work on: what a journal holds, or a new one on its way into a directory. */
import { Brooklet, type Database } from '../env/node.js';
import { DirectoryStore } from '../storage/directory/index.js';
import { FreshStore } from '../storage/fresh.js';
import type { StoredFile } from '../storage/store.js';
import { findJournal, ReadOnlyStore, type FoundJournal } from './found.js';
import { reasonOf, ToolError } from './problem.js';
import type { Reporter } from './reporter.js';

/** As many as a journal of Redis may name: tools do not ask how many its server had. */
const DATABASES = 10_000;

/** What a path holds, in memory. */
export interface LoadedJournal {
  readonly database: Database;
  readonly found: FoundJournal;
  /** Bytes behind the last whole frame. */
  readonly torn: number;
  /** Commands that were read. */
  readonly commands: number;
}

/** Reads the journal at a path, every frame of it. Rejects with JournalDamagedError, ToolError. */
export async function loadJournal(path: string, reporter: Reporter): Promise<LoadedJournal> {
  const found = await findJournal(path);
  const progress = reporter.begin(`Reading ${path}`, found.bytes, 'bytes');
  found.onRead = (bytes) => progress.advance(bytes);
  try {
    const storage = new ReadOnlyStore(found);
    const database = await Brooklet.open(path, { storage, durability: 'no', databases: DATABASES });
    const { torn = 0, commands = 0 } = database.storage?.recovered ?? {};
    return { database, found, torn, commands };
  } finally {
    progress.end();
    await found.close();
  }
}

/** A database on its way into a directory: {@link keep} makes a journal of it, all at once. */
export class NewDatabase {
  private constructor(
    readonly database: Database,
    private readonly directory: string,
  ) {}

  /** Takes an empty or missing directory, and begins with what `source` holds. */
  static async begin(directory: string, source?: StoredFile): Promise<NewDatabase> {
    const storage = new FreshStore(new DirectoryStore(directory), source);
    const options = { storage, durability: 'no', databases: DATABASES } as const;
    const database = await Brooklet.open(directory, options);
    // A rewrite before it is complete would keep a part of it.
    await database.client().configSet('auto-aof-rewrite-percentage', '0');
    return new NewDatabase(database, directory);
  }

  /** Writes everything, and closes. */
  async keep(): Promise<void> {
    try {
      await this.database.rewrite();
    } catch (error) {
      throw new ToolError(`${this.directory} could not be written: ${reasonOf(error)}`);
    } finally {
      await this.close();
    }
  }

  /** Lets the directory go. */
  async close(): Promise<void> {
    await this.database.close();
  }
}
