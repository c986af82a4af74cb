/** The store of Node, Deno and Bun: a directory that is also the `dir` of a Redis. */
import { dirname, resolve } from 'node:path';
import { StoreError } from '../errors.js';
import type { Durability, OpenStore, Store } from '../store.js';
import { messageOf, systemFiles, type FileSystem } from './files.js';
import { readLayout } from './layout.js';
import { DirectoryLock } from './lock.js';
import { OpenDirectory } from './open.js';
import { isFull, Reserve } from './reserve.js';

/**
 * A journal in a directory, in the files that Redis 7 and later make of it: start
 * `redis-server --dir DIR --appendonly yes` there, and it has the same streams.
 */
export class DirectoryStore implements Store {
  constructor(
    private readonly directory: string,
    private readonly files: FileSystem = systemFiles,
  ) {}

  async open(durability: Durability): Promise<OpenStore> {
    const { files } = this;
    const name = `directory ${this.directory}`;
    // The process may go elsewhere while the place is open.
    const directory = resolve(this.directory);
    let lock: DirectoryLock | undefined;
    try {
      await makeDirectory(files, directory);
      lock = await takeLock(files, directory);
      const found = await readLayout(files, directory);
      return new OpenDirectory({ name, files, directory, lock, found, durability });
    } catch (error) {
      lock?.release();
      if (error instanceof StoreError) throw error;
      const text = `${name} cannot be opened (${messageOf(error)})`;
      throw new StoreError(text, { cause: error });
    }
  }
}

/** Takes the lock, with room of the reserve where the disk is full to the last byte. */
async function takeLock(files: FileSystem, directory: string): Promise<DirectoryLock> {
  try {
    return await DirectoryLock.take(files, directory);
  } catch (error) {
    if (!isFull(error)) throw error;
    new Reserve(files, directory).release();
    return DirectoryLock.take(files, directory);
  }
}

/** Makes a directory whose name is on the disk, and with it those of what was made above it. */
async function makeDirectory(files: FileSystem, path: string): Promise<void> {
  const first = files.makeDirectory(path);
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) {
    await files.flushNames(dirname(made));
  }
}
