/** The lock of a directory: one writer at a time, which learns it when it no longer holds it. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { FencedError, StoreBusyError } from '../errors.js';
import { codeOf, writeAll, type FileIdentity, type FileSystem } from './files.js';

/** The lock's name in the directory. */
export const LOCK_NAME = 'brooklet.lock';

/** How often a lock whose owner is gone may be found to be another's meanwhile. */
const ATTEMPTS = 5;

/** Who holds a lock. */
interface Owner {
  readonly pid: number;
  /** When the process started, as the system counts it; null where it does not tell. */
  readonly start: string | null;
  readonly host: string;
  readonly id: string;
}

/** A lock that is held. */
export class DirectoryLock {
  private constructor(
    private readonly files: FileSystem,
    private readonly path: string,
    /** Open as long as the lock is held, so that no other file gets the same identity. */
    private readonly file: number,
    private readonly identity: FileIdentity,
  ) {}

  /** Takes the lock; throws a StoreBusyError that names the owner and what can be done. */
  static async take(files: FileSystem, directory: string): Promise<DirectoryLock> {
    const path = join(directory, LOCK_NAME);
    const owner = thisProcess(files);
    const own = `${path}.${owner.id}`;
    await writeText(files, own, `${JSON.stringify(owner)}\n`);
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (await claim(files, own, path)) {
          return await DirectoryLock.#claimed(files, directory, path);
        }
        await removeOfDead(files, path, `${own}.old`);
      }
    } finally {
      files.remove(own);
    }
    throw new StoreBusyError(`${path} changes hands all the time: try again`);
  }

  static async #claimed(files: FileSystem, directory: string, path: string) {
    const file = files.open(path, 'r');
    const identity = files.identity(path);
    if (identity === undefined) throw new StoreBusyError(`${path} was removed: try again`);
    const lock = new DirectoryLock(files, path, file, identity);
    await files.flushNames(directory).catch((error: unknown) => {
      lock.release();
      throw error;
    });
    return lock;
  }

  /** Throws a FencedError when somebody else has the place. */
  check(): void {
    if (this.#isHeld()) return;
    throw new FencedError(
      `${this.path} was removed or replaced while this process held it: another writer may have ` +
        'the directory now, so this one writes no more',
    );
  }

  /** Lets the lock go, if it is held still. */
  release(): void {
    if (this.#isHeld()) this.files.remove(this.path);
    this.files.close(this.file);
  }

  #isHeld(): boolean {
    const found = this.files.identity(this.path);
    return found?.inode === this.identity.inode && found.device === this.identity.device;
  }
}

/** Creates a file that is on the disk when this resolves; throws EEXIST when it is there. */
async function writeText(files: FileSystem, path: string, text: string): Promise<void> {
  const file = files.open(path, 'ax');
  try {
    writeAll(files, file, new TextEncoder().encode(text));
    await files.flush(file);
  } catch (error) {
    files.remove(path);
    throw error;
  } finally {
    files.close(file);
  }
}

/**
 * Gives what is in the file at `own` the lock's name; false: the lock is not free. What has the
 * name is whole from the first moment, but for file systems without links.
 */
async function claim(files: FileSystem, own: string, path: string): Promise<boolean> {
  try {
    try {
      files.link(own, path);
    } catch (error) {
      if (!NO_LINKS.has(codeOf(error) ?? '')) throw error;
      await writeText(files, path, files.readText(own) ?? '');
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // An owner that begins removes what others left, and cannot tell who is still there.
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new StoreBusyError(`${path} was taken by another process at the same moment`);
  }
}

/** What file systems say that have no hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK']);

/**
 * Removes a lock whose owner is provably gone, or throws. It is moved aside first and looked at
 * again: of several that found the same dead owner one moves its lock, and another could move the
 * lock of the first, which it then gives back.
 */
async function removeOfDead(files: FileSystem, path: string, aside: string): Promise<void> {
  const text = files.readText(path);
  if (text === undefined) return;
  const owner = parseOwner(text);
  if (owner === undefined) throw new StoreBusyError(`${path} cannot be read: ${REMOVE_IT}`);
  refuseIfAlive(files, owner, path);
  try {
    files.rename(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (files.readText(aside) !== text) await claim(files, aside, path);
  files.remove(aside);
}

const REMOVE_IT = 'make sure that no process uses this directory, then remove that file';

function refuseIfAlive(files: FileSystem, owner: Owner, path: string): void {
  const { pid, host } = owner;
  if (host !== hostname()) {
    throw new StoreBusyError(
      `${path} is held by process ${pid} on the machine ${host}, and whether that still runs ` +
        `cannot be told from here: ${REMOVE_IT}`,
    );
  }
  if (isGone(files, owner)) return;
  const who = pid === process.pid ? 'this process itself' : `process ${pid}`;
  const advice = owner.start === null ? `; if that is no Brooklet: ${REMOVE_IT}` : '';
  throw new StoreBusyError(`${path} is held by ${who}, which is running${advice}`);
}

/** Whether the owner, on this machine, has provably ended. */
function isGone(files: FileSystem, { pid, start }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    return codeOf(error) === 'ESRCH';
  }
  const now = processStart(files, pid);
  return start !== null && now !== null && start !== now;
}

function thisProcess(files: FileSystem): Owner {
  const { pid } = process;
  return { pid, start: processStart(files, pid), host: hostname(), id: randomUUID() };
}

/** When a process started, in clock ticks since the machine did; null where Linux does not tell. */
function processStart(files: FileSystem, pid: number): string | null {
  if (process.platform !== 'linux') return null;
  try {
    const stat = files.readText(`/proc/${pid}/stat`);
    // The name, in parentheses, can hold anything; the state is the third field after it begins.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields?.[0] === 'Z' ? 'ended' : (fields?.[19] ?? null);
  } catch {
    return null;
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    const { pid, start, host, id } = JSON.parse(text) as Partial<Owner>;
    if (typeof host !== 'string' || typeof id !== 'string') return undefined;
    if (!Number.isSafeInteger(pid) || (pid as number) <= 0) return undefined;
    return { pid: pid as number, start: typeof start === 'string' ? start : null, host, id };
  } catch {
    return undefined;
  }
}
