/** Which files are the journal: two slots, of which the later valid one tells. */
import { DataLostError, StoreError } from '../errors.js';
import { crc32c } from './crc32c.js';
import { type Files, readAll, type SyncFile, writeAll } from './files.js';

/** The format that this file describes. */
const FORMAT = 1;

/** The size of a slot: it is never longer or shorter, so writing it needs no room. */
const SLOT_BYTES = 512;

/** Hexadecimal digits of the checksum, and a space. */
const PREFIX = 9;

/** Part of the file `incr-0` or `incr-1`. */
export interface Part {
  readonly file: 0 | 1;
  readonly from: number;
  /** Where it ends; the last part ends where its file ends. */
  readonly to?: number;
}

/** What a slot tells. */
export interface Metadata {
  readonly format: number;
  /** Grows with each slot that is written. */
  readonly counter: number;
  readonly dbId: string;
  /** When the journal was begun, in Unix milliseconds. */
  readonly firstUsed: number;
  readonly epoch: number;
  readonly base?: { readonly file: 0 | 1; readonly bytes: number };
  /** The frames that are not in the base, oldest part first. */
  readonly parts: readonly Part[];
}

/**
 * Reads the slots; `undefined` when no frame was ever written. Throws DataLostError when neither of
 * them tells of what is there.
 */
export function loadMetadata(files: Files, place: string): Metadata | undefined {
  const slots = [files['meta-a'], files['meta-b']];
  const valid = slots.map(readSlot).filter((slot) => slot !== undefined);
  if (valid.some((slot) => slot.format > FORMAT)) {
    throw new StoreError(`${place}: a newer version of Brooklet has written it, and is needed`);
  }
  const [first, second] = valid;
  if (first) {
    const metadata = second && second.counter > first.counter ? second : first;
    checkLengths(files, metadata, place);
    return metadata;
  }
  const data = [files['base-0'], files['base-1'], files['incr-0'], files['incr-1']];
  if (data.some((file) => file.getSize() > 0)) {
    throw new DataLostError(`${place}: there are frames, but neither meta file can be read`);
  }
  return undefined;
}

/**
 * Writes both slots, the older one first, each flushed: the first makes the change, the second sees
 * to it that the change is still known when the first rots. What is no longer told of may go then.
 */
export function saveMetadata(files: Files, metadata: Metadata, place: string): Metadata {
  const [a, b] = [files['meta-a'], files['meta-b']];
  const order = (readSlot(a)?.counter ?? -1) <= (readSlot(b)?.counter ?? -1) ? [a, b] : [b, a];
  let last = metadata;
  for (const slot of order) {
    last = { ...last, counter: last.counter + 1 };
    writeAll(slot, encode(last), 0, place);
    slot.flush();
  }
  return last;
}

function encode(metadata: Metadata): Uint8Array {
  const slot = new Uint8Array(SLOT_BYTES).fill(0x20);
  const text = slot.subarray(PREFIX);
  new TextEncoder().encodeInto(JSON.stringify(metadata), text);
  const checksum = crc32c(text).toString(16).padStart(PREFIX - 1, '0');
  new TextEncoder().encodeInto(checksum, slot);
  return slot;
}

function readSlot(file: SyncFile): Metadata | undefined {
  const slot = new Uint8Array(SLOT_BYTES);
  if (!readAll(file, slot, 0)) return undefined;
  const checksum = new TextDecoder().decode(slot.subarray(0, PREFIX - 1));
  const text = slot.subarray(PREFIX);
  if (checksum !== crc32c(text).toString(16).padStart(PREFIX - 1, '0')) return undefined;
  return JSON.parse(new TextDecoder().decode(text)) as Metadata;
}

function checkLengths(files: Files, { base, parts }: Metadata, place: string): void {
  const lengths: [keyof Files, number][] = parts.map((part) => [
    `incr-${part.file}`,
    part.to ?? part.from,
  ]);
  if (base) lengths.push([`base-${base.file}`, base.bytes]);
  for (const [name, length] of lengths) {
    const size = files[name].getSize();
    if (size < length) {
      throw new DataLostError(`${place}: ${name} has ${size} bytes and should have ${length}`);
    }
  }
}
