/** Packed values on their own: copied out of an engine, made, put together. */
import { Cursor, Kind, Tag, type Packed } from './packed.js';

/** Packed values on their own. */
export interface PackedCopy {
  readonly words: Uint32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Copies the first value. What lies behind it goes to `rest`. */
export function copyPacked(packed: Packed, rest: (packed: Packed) => void): PackedCopy {
  const cursor = new Cursor(packed);
  const { words, memory, word, byte } = cursor;
  for (let values = 1; values > 0; values--) values += skip(cursor);
  const left = cursor.rest();
  if (left) rest(left);
  return { words: words.slice(word, cursor.word), bytes: memory.slice(byte, cursor.byte) };
}

/** Goes past a value, which may be the head of so many others. */
function skip(cursor: Cursor): number {
  const word = cursor.next();
  const length = word >>> 3;
  switch (word & 7) {
    case Tag.Status:
    case Tag.Error:
    case Tag.Bulk:
      cursor.byte += length;
      return 0;
    case Tag.Array:
      return length;
    case Tag.Map:
      return 2 * length;
    case Tag.Extended:
      return skipExtended(cursor, length);
    default:
      return 0;
  }
}

function skipExtended(cursor: Cursor, kind: number): number {
  const length = cursor.next();
  if (kind === Kind.Integer64) cursor.word += 1;
  if (kind === Kind.Verbatim) cursor.byte += length;
  return kind === Kind.Set || kind === Kind.Push ? length : 0;
}

/** An error as the engine packs it. */
export function packedError(text: string): PackedCopy {
  const bytes = new TextEncoder().encode(text);
  return { words: Uint32Array.of((bytes.length << 3) | Tag.Error), bytes };
}

/** Values one after the other. */
export function joinPacked(parts: readonly PackedCopy[]): PackedCopy {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const sum = (kind: 'words' | 'bytes'): number =>
    parts.reduce((length, part) => length + part[kind].length, 0);
  const joined = { words: new Uint32Array(sum('words')), bytes: new Uint8Array(sum('bytes')) };
  let [word, byte] = [0, 0];
  for (const { words, bytes } of parts) {
    joined.words.set(words, word);
    joined.bytes.set(bytes, byte);
    word += words.length;
    byte += bytes.length;
  }
  return joined;
}
