/** What lies in a directory: Redis' names, and whether the journal is whole, new, or not ours. */
import { join } from 'node:path';
import { DataLostError, StoreError } from '../errors.js';
import type { FileSystem } from './files.js';
import { parseManifest, type Manifest, type ManifestFile } from './manifest.js';
import { isSnapshot } from './snapshot.js';

/** Redis' `appendfilename`; before Redis 7 it was the whole journal. */
export const SINGLE_NAME = 'appendonly.aof';
/** Redis' `appenddirname`. */
export const FOLDER_NAME = 'appendonlydir';
/** What Redis and we name files by that are not finished. */
const TEMPORARY = 'temp-';

/** How many bytes tell what kind of file it is. */
const HEAD_BYTES = 1024;

/** A file of the journal, and where it is. */
export interface PlacedFile extends ManifestFile {
  readonly kind: 'base' | 'increment';
  readonly path: string;
  readonly bytes: number;
}

/** A directory as it is found. Nothing was changed to find out. */
export interface Layout {
  /** Where the files and their manifest lie, or will. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** The manifest's text; undefined when there is none yet. */
  readonly manifestText: string | undefined;
  /** The files to read, in order. */
  readonly files: ReadonlyArray<PlacedFile>;
  /** The one file of an older Redis, which is not in its folder yet. */
  readonly moveIn: string | undefined;
}

/** The paths that belong to a directory. */
export const folderOf = (directory: string): string => join(directory, FOLDER_NAME);
export const manifestOf = (folder: string): string => join(folder, `${SINGLE_NAME}.manifest`);
export const temporaryOf = (folder: string, name: string): string =>
  join(folder, `${TEMPORARY}${name}`);
export const baseName = (sequence: number): string => `${SINGLE_NAME}.${sequence}.base.aof`;
export const incrementName = (sequence: number): string => `${SINGLE_NAME}.${sequence}.incr.aof`;

/** Looks at a directory; throws when a journal is there, or was, that cannot be gone on with. */
export async function readLayout(files: FileSystem, directory: string): Promise<Layout> {
  const folder = folderOf(directory);
  const text = files.readText(manifestOf(folder));
  if (text === undefined) return withoutManifest(files, directory, folder);
  const manifest = parseManifest(text, manifestOf(folder));
  refuseLater(files, folder, manifest);
  const named = [...(manifest.base ? [manifest.base] : []), ...manifest.increments];
  const moveIn = unfinishedMove(files, directory, folder, manifest);
  const placed: PlacedFile[] = [];
  for (const file of named) {
    const path = moveIn ?? join(folder, file.name);
    const found = await place(files, path, file, file === manifest.base);
    if (found) placed.push(found);
  }
  return { folder, manifest, manifestText: text, files: placed, moveIn };
}

/** A new directory, or one whose journal is the one file that Redis wrote before version 7. */
async function withoutManifest(
  files: FileSystem,
  directory: string,
  folder: string,
): Promise<Layout> {
  const left = (files.list(folder) ?? []).filter((name) => !name.startsWith(TEMPORARY));
  for (const name of left) {
    if (!files.size(join(folder, name))) continue;
    throw new DataLostError(
      `${folder} holds ${name}, and its manifest is missing: nothing was begun in its place. ` +
        `Put ${manifestOf(folder)} back, or the files elsewhere (only the names of Redis' ` +
        `default appendfilename, ${SINGLE_NAME}, are looked for)`,
    );
  }
  const empty: Manifest = { base: undefined, increments: [], history: [] };
  const single = join(directory, SINGLE_NAME);
  if (files.size(single) === undefined) {
    refuseSnapshotOnly(files, directory);
    return { folder, manifest: empty, manifestText: undefined, files: [], moveIn: undefined };
  }
  const base = { name: SINGLE_NAME, sequence: 1 };
  const placed = await place(files, single, base, true);
  return {
    folder,
    manifest: { ...empty, base },
    manifestText: undefined,
    files: placed ? [placed] : [],
    moveIn: single,
  };
}

/** The single file when a crash came after the manifest named it and before it was moved. */
function unfinishedMove(
  files: FileSystem,
  directory: string,
  folder: string,
  { base, increments }: Manifest,
): string | undefined {
  if (base?.name !== SINGLE_NAME || increments.length > 0) return undefined;
  const single = join(directory, SINGLE_NAME);
  const isMoved = files.size(join(folder, SINGLE_NAME)) !== undefined;
  return isMoved || files.size(single) === undefined ? undefined : single;
}

/** A file that the manifest names; undefined for a snapshot in which there is nothing. */
async function place(
  files: FileSystem,
  path: string,
  file: ManifestFile,
  isBase: boolean,
): Promise<PlacedFile | undefined> {
  const bytes = files.size(path);
  if (bytes === undefined) {
    throw new DataLostError(
      `${path} is missing, and the manifest beside it says that it is part of the journal: ` +
        'nothing was begun in its place. Put the file back',
    );
  }
  const head = await readHead(files, path);
  const snapshot = isSnapshot(head);
  if (snapshot === 'empty' && isBase) return undefined;
  if (snapshot !== undefined) throw new StoreError(`${path} is a Redis snapshot (RDB). ${NO_RDB}`);
  return { ...file, path, bytes, kind: isBase && isWhole(file, head) ? 'base' : 'increment' };
}

/** The single file of an older Redis was appended to, and may be torn; a base never is. */
function isWhole(file: ManifestFile, head: Uint8Array): boolean {
  if (file.name !== SINGLE_NAME) return true;
  return /^#BROOKLET:\d+ e\d+ [bz]/.test(Buffer.from(head).toString('latin1'));
}

const NO_RDB =
  'Brooklet reads append-only files of commands: have Redis write one with ' +
  '`CONFIG SET aof-use-rdb-preamble no`, then `BGREWRITEAOF`, and stop it when that is done';

/**
 * Data behind the last file that the manifest names: no crash leaves that, an older copy of the
 * manifest does.
 */
function refuseLater(files: FileSystem, folder: string, { increments }: Manifest): void {
  const last = increments.at(-1)?.sequence ?? 0;
  for (const name of files.list(folder) ?? []) {
    const sequence = Number(/^appendonly\.aof\.(\d+)\.incr\.aof$/.exec(name)?.[1] ?? 0);
    if (sequence <= last || !files.size(join(folder, name))) continue;
    throw new DataLostError(
      `${join(folder, name)} holds data, and the manifest does not name it: the manifest is an ` +
        'older one. Put the right one back, or that file elsewhere',
    );
  }
}

/** Redis itself would begin anew here; who has a snapshot and no journal hardly means that. */
function refuseSnapshotOnly(files: FileSystem, directory: string): void {
  const path = join(directory, 'dump.rdb');
  if (!files.size(path)) return;
  throw new StoreError(
    `${path} is a Redis snapshot (RDB), and there is no append-only file beside it. Have Redis ` +
      'load it and write one with `CONFIG SET aof-use-rdb-preamble no`, then `CONFIG SET ' +
      'appendonly yes`; or take it away to begin with nothing',
  );
}

async function readHead(files: FileSystem, path: string): Promise<Uint8Array> {
  const file = files.open(path, 'r');
  try {
    const head = new Uint8Array(HEAD_BYTES);
    return head.subarray(0, await files.read(file, head, 0));
  } finally {
    files.close(file);
  }
}

/** Whether a file in the folder is one that Redis or we made, named or not. */
export function isOfJournal(name: string): boolean {
  const plain = name.startsWith(TEMPORARY) ? name.slice(TEMPORARY.length) : name;
  if (plain !== name && plain === `${SINGLE_NAME}.manifest`) return true;
  return /^appendonly\.aof\.\d+\.(base\.(aof|rdb)|incr\.aof)$/.test(plain);
}
