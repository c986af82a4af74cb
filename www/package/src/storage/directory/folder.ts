/** The folder of the journal's files: its manifest is changed only as a whole, and only by us. */
import { join } from 'node:path';
import { writeAll, type FileSystem } from './files.js';
import * as layout from './layout.js';
import { LOCK_NAME, type DirectoryLock } from './lock.js';
import { formatManifest, type Manifest } from './manifest.js';

/** What a folder is made of. */
export interface FolderParts {
  readonly files: FileSystem;
  readonly directory: string;
  readonly lock: DirectoryLock;
  readonly found: layout.Layout;
}

/** The files that are the journal, as they are on the disk. */
export class JournalFolder {
  readonly path: string;
  #manifest: Manifest;
  #text: string | undefined;

  constructor(
    private readonly parts: FolderParts,
    /** Keeps an error after which it is not known what a crash would leave. */
    private readonly fail: (error: unknown, path: string) => Error,
  ) {
    this.path = parts.found.folder;
    this.#manifest = parts.found.manifest;
    this.#text = parts.found.manifestText;
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  /** The number that the next increment gets. */
  get nextIncrement(): number {
    return (this.#manifest.increments.at(-1)?.sequence ?? 0) + 1;
  }

  /** The number that the next base gets. */
  get nextBase(): number {
    return (this.#manifest.base?.sequence ?? 0) + 1;
  }

  /** Makes the folder, and moves the one file of an older Redis into it, where that has to be. */
  async prepare(): Promise<void> {
    const { files, directory, found } = this.parts;
    if (found.manifestText === undefined) {
      files.makeDirectory(this.path);
      await files.flushNames(directory);
    }
    if (found.moveIn === undefined) return;
    // As Redis does: the manifest names the file first, and who finds it so moves it then.
    await this.write(this.#manifest);
    files.rename(found.moveIn, join(this.path, layout.SINGLE_NAME));
    await files.flushNames(this.path);
    await files.flushNames(directory);
  }

  /** Writes the manifest anew where Redis' says more than we keep true. */
  async tidy(): Promise<void> {
    const tidy = { ...this.#manifest, history: [] };
    if (formatManifest(tidy) !== this.#text) await this.write(tidy);
  }

  /** A crash leaves the manifest that was there, or this one. */
  async write(manifest: Manifest): Promise<void> {
    const { files, lock } = this.parts;
    const path = layout.manifestOf(this.path);
    const temporary = layout.temporaryOf(this.path, `${layout.SINGLE_NAME}.manifest`);
    const text = formatManifest(manifest);
    const file = files.open(temporary, 'w');
    try {
      writeAll(files, file, new TextEncoder().encode(text));
      await files.flush(file);
    } finally {
      files.close(file);
    }
    lock.check();
    try {
      files.rename(temporary, path);
      await files.flushNames(this.path);
    } catch (error) {
      throw this.fail(error, path);
    }
    [this.#manifest, this.#text] = [manifest, text];
  }

  /** Makes the finished file at `path` the base, and forgets all increments before `begun`. */
  async commit(path: string, begun: number): Promise<void> {
    const { files, lock } = this.parts;
    lock.check();
    const { base: oldBase, increments } = this.#manifest;
    const base = { name: layout.baseName(this.nextBase), sequence: this.nextBase };
    files.rename(path, join(this.path, base.name));
    // The name is on the disk before a manifest tells of it.
    await files.flushNames(this.path);
    const old = increments.filter((file) => file.sequence < begun);
    const kept = increments.filter((file) => file.sequence >= begun);
    await this.write({ base, increments: kept, history: [] });
    for (const { name } of [...(oldBase ? [oldBase] : []), ...old]) {
      files.remove(join(this.path, name));
    }
  }

  /** Removes what a crash left and the manifest does not name, and locks that nobody took. */
  removeLeftOver(): void {
    const { files, directory } = this.parts;
    const { base, increments } = this.#manifest;
    const named = new Set([base, ...increments].map((file) => file?.name));
    for (const name of files.list(this.path) ?? []) {
      if (!named.has(name) && layout.isOfJournal(name)) files.remove(join(this.path, name));
    }
    for (const name of files.list(directory) ?? []) {
      if (name.startsWith(`${LOCK_NAME}.`)) files.remove(join(directory, name));
    }
  }
}
