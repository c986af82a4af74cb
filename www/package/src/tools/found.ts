/** The journal that a path names, opened to be read while its writer may go on. */
import { constants } from 'node:fs';
import { access, open, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  FOLDER_NAME,
  folderOf,
  manifestOf,
  readLayout,
  type Layout,
  type PlacedFile,
} from '../storage/directory/layout.js';
import { codeOf, systemFiles } from '../storage/directory/files.js';
import { StoreError } from '../storage/errors.js';
import { sourceFile } from '../storage/source.js';
import type { OpenStore, Store, StoredFile } from '../storage/store.js';
import { reasonOf, ToolError } from './problem.js';

/** Exit code for a path that cannot be read as a journal, as opposed to one that is damaged. */
export const UNREADABLE = 2;

/** So much is read at once. */
const PIECE_BYTES = 1 << 18;

/** How often a rewrite may take files away while they are opened. */
const ATTEMPTS = 100;

/** A journal and its files, held open: a rewrite may remove them meanwhile. */
export class FoundJournal {
  readonly files: ReadonlyArray<StoredFile>;
  /** Of all files. */
  readonly bytes: number;
  /** Is told how many bytes were read. */
  onRead: (bytes: number) => void = () => undefined;

  constructor(
    /** What to call it in messages. */
    readonly name: string,
    /** The directory that a writer locks; undefined for a single file elsewhere. */
    readonly directory: string | undefined,
    private readonly opened: ReadonlyArray<OpenedFile>,
  ) {
    this.files = opened.map(({ name, kind, bytes, handle }) => ({
      name,
      kind,
      bytes,
      read: () => piecesOf(handle, bytes, (read) => this.onRead(read)),
    }));
    this.bytes = opened.reduce((sum, file) => sum + file.bytes, 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.map(({ handle }) => handle.close()));
  }
}

/** Finds a directory's journal or a single file; rejects with a ToolError. */
export async function findJournal(path: string): Promise<FoundJournal> {
  try {
    const isFolder = (await stat(path)).isDirectory();
    const directory = isFolder ? (rootOf(path) ?? path) : rootOf(dirname(path));
    return await (directory === undefined ? singleFile(path) : directoryJournal(directory));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The directory around a folder of journal files. Somebody may well name the folder, or a file in
 * it, which is of little use without those before it.
 */
function rootOf(folder: string): string | undefined {
  const isFolder = basename(resolve(folder)) === FOLDER_NAME;
  return isFolder && systemFiles.size(manifestOf(folder)) !== undefined
    ? join(folder, '..')
    : undefined;
}

async function directoryJournal(directory: string): Promise<FoundJournal> {
  // What may be listed and not opened is told as what it is.
  await access(directory, constants.R_OK | constants.X_OK);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const layout = await layoutOf(directory);
    if (layout?.manifestText === undefined && layout?.files.length === 0) {
      throw new ToolError(
        `${directory} holds no journal: there is no ${FOLDER_NAME} in it and no appendonly.aof`,
        UNREADABLE,
      );
    }
    // Open, they are the journal of one moment, whatever becomes of their names.
    const opened = layout && (await openAll(layout.files));
    if (opened) return new FoundJournal(directory, directory, opened);
  }
  throw new ToolError(`${directory} changes all the time: try again`);
}

/** Undefined when the journal was rewritten while it was looked at. */
async function layoutOf(directory: string): Promise<Layout | undefined> {
  const manifest = manifestOf(folderOf(directory));
  const before = systemFiles.readText(manifest);
  try {
    return await readLayout(systemFiles, directory);
  } catch (error) {
    if (systemFiles.readText(manifest) !== before) return undefined;
    throw error;
  }
}

async function singleFile(path: string): Promise<FoundJournal> {
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  const { kind } = await sourceFile(
    path,
    piecesOf(handle, Math.min(size, 64), () => undefined),
  );
  return new FoundJournal(path, undefined, [{ name: path, kind, bytes: size, handle }]);
}

interface OpenedFile {
  readonly name: string;
  readonly kind: StoredFile['kind'];
  readonly bytes: number;
  readonly handle: FileHandle;
}

/** Undefined when a file has gone since its name was read. */
async function openAll(files: ReadonlyArray<PlacedFile>): Promise<OpenedFile[] | undefined> {
  const opened: OpenedFile[] = [];
  try {
    for (const { path, kind } of files) {
      const handle = await open(path, 'r');
      opened.push({ name: path, kind, bytes: (await handle.stat()).size, handle });
    }
    return opened;
  } catch (error) {
    await Promise.all(opened.map(({ handle }) => handle.close()));
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The first `bytes` of a file: what is appended meanwhile is not looked at. */
async function* piecesOf(handle: FileHandle, bytes: number, onRead: (bytes: number) => void) {
  for (let at = 0; at < bytes;) {
    const piece = new Uint8Array(Math.min(PIECE_BYTES, bytes - at));
    const { bytesRead } = await handle.read(piece, 0, piece.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    onRead(bytesRead);
    yield piece.subarray(0, bytesRead);
  }
}

function unreadable(path: string, error: unknown): Error {
  if (error instanceof ToolError) return error;
  if (error instanceof StoreError) return new ToolError(error.message);
  const what = codeOf(error) === 'ENOENT' ? 'does not exist' : `cannot be read: ${reasonOf(error)}`;
  return new ToolError(`${path} ${what}`, UNREADABLE);
}

/** A store for a database that only looks: nothing is locked, nothing is written. */
export class ReadOnlyStore implements Store {
  constructor(private readonly found: FoundJournal) {}

  open(): Promise<OpenStore> {
    const { name, files } = this.found;
    return Promise.resolve({
      name,
      survives: 'nothing',
      epoch: 0,
      full: false,
      files,
      start: async () => undefined,
      // Keys that expired since are effects too.
      append: () => undefined,
      beginBase: () => Promise.reject(new StoreError(`${name} is only read`)),
      close: async () => undefined,
    });
  }
}
