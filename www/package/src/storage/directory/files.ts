/** The steps that a directory store takes on a file system, so that a test can stop after any. */
import * as fs from 'node:fs';

/** What tells one file from another, whatever it is called. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
}

/** A file system. Paths that are not there give undefined where the type says so. */
export interface FileSystem {
  /** Makes a directory, and those above it; returns the first that was not there. */
  makeDirectory(path: string): string | undefined;
  list(path: string): string[] | undefined;
  size(path: string): number | undefined;
  identity(path: string): FileIdentity | undefined;
  readText(path: string): string | undefined;
  /** `r` reads, `a` appends, `ax` creates and appends, `w` begins anew. */
  open(path: string, flags: 'r' | 'a' | 'ax' | 'w'): number;
  /** Reads at an offset; resolves to how many bytes there were. */
  read(file: number, into: Uint8Array, offset: number): Promise<number>;
  /** Appends at once; returns how many bytes were taken, which may be fewer. */
  write(file: number, bytes: Uint8Array): number;
  /** As `write`, beside what else the process does. */
  writeBeside(file: number, bytes: Uint8Array): Promise<number>;
  truncate(file: number, length: number): void;
  /** Brings the bytes of a file to the disk. */
  flush(file: number): Promise<void>;
  /** Brings the names in a directory to the disk. */
  flushNames(directory: string): Promise<void>;
  close(file: number): void;
  /** Replaces what was at `to`. */
  rename(from: string, to: string): void;
  /** Gives a file a second name; throws EEXIST when something has it. */
  link(from: string, to: string): void;
  /** Removes a file, if it is there. */
  remove(path: string): void;
}

/** The file system of the machine. */
export const systemFiles: FileSystem = {
  makeDirectory: (path) => fs.mkdirSync(path, { recursive: true }),
  list: (path) => orMissing(() => fs.readdirSync(path)),
  size: (path) => fs.statSync(path, { throwIfNoEntry: false })?.size,
  identity(path) {
    const found = fs.statSync(path, { bigint: true, throwIfNoEntry: false });
    return found && { device: found.dev, inode: found.ino };
  },
  readText: (path) => orMissing(() => fs.readFileSync(path, 'utf8')),
  open: (path, flags) => fs.openSync(path, flags),
  read: (file, into, offset) =>
    promised((done) => fs.read(file, into, 0, into.length, offset, done)),
  write: (file, bytes) => fs.writeSync(file, bytes),
  writeBeside: (file, bytes) =>
    promised((done) => fs.write(file, bytes, 0, bytes.length, null, done)),
  truncate: (file, length) => fs.ftruncateSync(file, length),
  flush: (file) => promised<void>((done) => fs.fdatasync(file, done)),
  async flushNames(directory) {
    // Windows opens no directory, and keeps names in a journal of its own.
    if (process.platform === 'win32') return;
    const file = fs.openSync(directory, 'r');
    try {
      await promised<void>((done) => fs.fsync(file, done));
    } finally {
      fs.closeSync(file);
    }
  },
  close: (file) => fs.closeSync(file),
  rename: (from, to) => fs.renameSync(from, to),
  link: (from, to) => fs.linkSync(from, to),
  remove: (path) => void orMissing(() => fs.unlinkSync(path)),
};

/** Appends all of it, however little the system takes at a time. */
export function writeAll(files: FileSystem, file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += files.write(file, bytes.subarray(at));
}

/** The system's name for what went wrong, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** What went wrong, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function orMissing<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

type Done<T> = (error: Error | null, value: T) => void;

function promised<T>(begin: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    begin((error, value) => (error ? reject(error) : resolve(value)));
  });
}
