/** The files of one journal, each opened once and exclusively: who has them is the one writer. */
import { missing, originDirectory } from '../browser/origin-files.js';
import { nameOf } from '../browser/errors.js';
import { StoreBusyError, StoreError, StoreFullError } from '../errors.js';

/** A file that a dedicated worker reads and writes at once; the types of windows lack it. */
export interface SyncFile {
  read(into: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}

interface SyncFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle?(): Promise<SyncFile>;
}

const NAMES = ['meta-a', 'meta-b', 'base-0', 'base-1', 'incr-0', 'incr-1', 'reserve'] as const;

/** The name of a file. */
export type FileName = (typeof NAMES)[number];
/** All files, open. */
export type Files = Record<FileName, SyncFile>;

/** Waits between attempts to open a file, in ms; a worker that is gone lets go by then. */
const WAITS = [10, 20, 50, 100, 200, 300, 500, 800];

/** What Chromium answers instead of throwing when there is no room: its error number, unsigned. */
const NO_SPACE = 0xffff_fff8;

/** Opens all files in a directory of the origin. */
export async function openFiles(directory: string, place: string): Promise<Files> {
  const parent = await originDirectory();
  const folder = await parent.getDirectoryHandle(directory, { create: true });
  const open: Partial<Files> = {};
  try {
    for (const name of NAMES) {
      const handle = await folder.getFileHandle(name, { create: true });
      open[name] = await openFile(handle, place);
    }
  } catch (error) {
    closeFiles(open);
    throw error;
  }
  return open as Files;
}

/** Lets all files go. */
export function closeFiles(files: Partial<Files>): void {
  for (const file of Object.values(files)) file.close();
}

/** Removes the files in a directory of the origin; rejects when somebody has them open. */
export async function removeFiles(directory: string, place: string): Promise<void> {
  const parent = await originDirectory();
  await parent.removeEntry(directory, { recursive: true }).catch((error: unknown) => {
    if (isHeld(error)) throw busy(place, error);
    missing(error);
  });
}

async function openFile(handle: SyncFileHandle, place: string): Promise<SyncFile> {
  if (typeof handle.createSyncAccessHandle !== 'function') {
    throw new StoreError(`${place}: this browser opens such files in dedicated workers only`);
  }
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await handle.createSyncAccessHandle();
    } catch (error) {
      if (!isHeld(error)) throw error;
      const wait = WAITS[attempt];
      if (wait === undefined) throw busy(place, error);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** Whether an error says that another worker has a file open. */
function isHeld(error: unknown): boolean {
  return ['NoModificationAllowedError', 'InvalidStateError'].includes(nameOf(error) ?? '');
}

function busy(place: string, cause: unknown): StoreBusyError {
  return new StoreBusyError(`${place}: another worker has it open`, { cause });
}

/** Writes all bytes at a place behind which there is nothing, or takes back what it has written. */
export function writeAll(file: SyncFile, bytes: Uint8Array, at: number, place: string): void {
  try {
    for (let done = 0; done < bytes.length; ) {
      const count = file.write(done === 0 ? bytes : bytes.subarray(done), { at: at + done });
      if (count === NO_SPACE) throw new StoreFullError(`${place}: no space`);
      if (!(count > 0 && count <= bytes.length - done)) {
        throw new StoreError(`${place}: writing ${bytes.length - done} bytes answered ${count}`);
      }
      done += count;
    }
  } catch (error) {
    file.truncate(at);
    throw error;
  }
}

/** Fills a buffer from a place on; `false` when the file ends before. */
export function readAll(file: SyncFile, into: Uint8Array, at: number): boolean {
  for (let done = 0; done < into.length; ) {
    const count = file.read(into.subarray(done), { at: at + done });
    if (!(count > 0 && count <= into.length - done)) return false;
    done += count;
  }
  return true;
}
