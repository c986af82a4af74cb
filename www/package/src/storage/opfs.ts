/** A store for dedicated workers: a journal in files of the origin's private file system. */
import { fileName } from './browser/origin-files.js';
import { storeError } from './browser/errors.js';
import { Reserve, type ReservePlace } from './browser/reserve.js';
import {
  compare,
  findCertificates,
  newDbId,
  removeCertificate,
  writeCertificate,
} from './certificate.js';
import { StoreError } from './errors.js';
import type { BrowserStoreOptions } from './indexeddb.js';
import {
  closeFiles,
  type Files,
  openFiles,
  removeFiles,
  type SyncFile,
  writeAll,
} from './opfs/files.js';
import { OpfsJournal } from './opfs/journal.js';
import { loadMetadata, type Metadata, saveMetadata } from './opfs/metadata.js';
import type { Durability, OpenStore, Store } from './store.js';

export { estimate, persist, type Estimate } from './browser/quota.js';
export type { BrowserStoreOptions } from './indexeddb.js';

/** Room for some hundred acknowledgements. */
const RESERVE_BYTES = 64 * 1024;

/**
 * A journal in files of the directory `brooklet` in the origin's private file system. Only a
 * dedicated worker can open it, and only one at a time: the next one gets a StoreBusyError.
 */
export function opfsStore(name: string, options: BrowserStoreOptions = {}): Store {
  return { open: (durability) => open(name, durability, options) };
}

/**
 * Removes a database and every memory of it, so that the next one with this name begins empty.
 * Rejects with StoreBusyError while a worker has it open.
 */
export async function forgetOpfs(name: string): Promise<void> {
  const place = placeOf(name);
  await removeFiles(directoryOf(name), place).catch((error: unknown) => {
    throw storeError(place, error);
  });
  await removeCertificate('opfs', name);
}

async function open(
  name: string,
  durability: Durability,
  { acceptDataLoss = false }: BrowserStoreOptions,
): Promise<OpenStore> {
  const place = placeOf(name);
  if (typeof globalThis.navigator?.storage?.getDirectory !== 'function') {
    throw new StoreError(`${place}: there is no origin private file system here`);
  }
  const certificates = acceptDataLoss ? [] : await findCertificates('opfs', name);
  let files: Files | undefined;
  try {
    files = await openFiles(directoryOf(name), place);
    const found = loadMetadata(files, place);
    compare(place, certificates, found);
    const before = found ?? newMetadata();
    const metadata = saveMetadata(files, { ...before, epoch: before.epoch + 1 }, place);
    await writeCertificate('opfs', name, metadata);
    const reserve = new Reserve(reservePlace(files.reserve, place), RESERVE_BYTES);
    return new OpfsJournal(place, files, durability, metadata, reserve);
  } catch (error) {
    if (files) closeFiles(files);
    throw storeError(place, error);
  }
}

function newMetadata(): Metadata {
  const firstUsed = Date.now();
  const parts = [{ file: 0, from: 0 }] as const;
  return { format: 1, counter: 0, dbId: newDbId(), firstUsed, epoch: 0, parts };
}

function reservePlace(file: SyncFile, place: string): ReservePlace {
  return {
    held: async (bytes) => file.getSize() === bytes,
    take: async (bytes) => {
      writeAll(file, bytes, 0, place);
      file.flush();
    },
    drop: async () => {
      file.truncate(0);
      file.flush();
    },
  };
}

const placeOf = (name: string): string => `OPFS ${name}`;
const directoryOf = (name: string): string => fileName(name, 'db');
