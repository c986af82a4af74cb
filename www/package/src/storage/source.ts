/** A journal from elsewhere: a file, a Blob, bytes that come in pieces. */
import type { StoredFile } from './store.js';

/** What an export was kept in. */
export type ImportSource =
  Blob | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** What a base begins with. All else is commands with or without frames, which may be torn. */
const BASE = /^#BROOKLET:\d+ e\d+ [bz]/;
/** Enough of the beginning to tell. */
const HEAD_BYTES = 64;

/** The source as a file of a journal; reads its beginning. It can be read once. */
export async function sourceFile(name: string, source: ImportSource): Promise<StoredFile> {
  const pieces = piecesOf(source)[Symbol.asyncIterator]();
  const begun: Uint8Array[] = [];
  let length = 0;
  while (length < HEAD_BYTES) {
    const next = await pieces.next();
    if (next.done) break;
    begun.push(next.value);
    length += next.value.length;
  }
  const head = new TextDecoder('latin1').decode(joined(begun).subarray(0, HEAD_BYTES));
  return {
    name,
    kind: BASE.test(head) ? 'base' : 'increment',
    bytes: source instanceof Uint8Array ? source.length : 'size' in source ? source.size : length,
    async *read() {
      yield* begun;
      for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
        yield next.value;
      }
    },
  };
}

async function* piecesOf(source: ImportSource): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) return yield source;
  if (Symbol.asyncIterator in source) return yield* source;
  // Not every browser iterates over streams.
  const reader = ('stream' in source ? source.stream() : source).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}

function joined(pieces: ReadonlyArray<Uint8Array>): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
