/** Small files of the origin's private file system that lie beside a store, for every context. */

/** Every name that this package uses there lies in this directory. */
const DIRECTORY = 'brooklet';

/** The directory; rejects where a context has no such file system. */
export async function originDirectory(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(DIRECTORY, { create: true });
}

/** A name of a file or directory there, for any name that a database can have. */
export function fileName(database: string, suffix: string): string {
  return `${encodeURIComponent(database)}.${suffix}`;
}

/** A file's size; `undefined` when there is no such file. */
export async function sizeOfFile(name: string): Promise<number | undefined> {
  return (await find(name))?.size;
}

/** A file's text; `undefined` when there is no such file. */
export async function readFile(name: string): Promise<string | undefined> {
  return (await find(name))?.text();
}

/** Writes a file anew: whole, or not at all. */
export async function writeFile(
  name: string,
  content: string | Uint8Array<ArrayBuffer>,
): Promise<void> {
  const handle = await (await originDirectory()).getFileHandle(name, { create: true });
  const stream = await handle.createWritable();
  try {
    await stream.write(content);
  } catch (error) {
    await stream.abort();
    throw error;
  }
  await stream.close();
}

/** Removes a file, if there is one. */
export async function removeFile(name: string): Promise<void> {
  const directory = await originDirectory();
  await directory.removeEntry(name).catch(missing);
}

async function find(name: string): Promise<File | undefined> {
  const directory = await originDirectory();
  const handle = await directory.getFileHandle(name).catch(missing);
  return handle?.getFile();
}

/** Lets one error pass: there is no such file. */
export function missing(error: unknown): undefined {
  if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
  throw error;
}
