/** Decodes packed replies and pushes (words and one text blob) where they lie in memory. */
import { ReplyError } from '../errors.js';
import type { Reply, WireReply } from '../reply.js';

/** Tags in the low three bits of a word; the rest is a length, or the kind of an extension. */
export const enum Tag {
  Null = 0,
  Status = 1,
  Error = 2,
  Integer = 3,
  Bulk = 4,
  Array = 5,
  Map = 6,
  Extended = 7,
}

/** Kinds of an extended word. */
export const enum Kind {
  Integer64 = 0,
  Verbatim = 1,
  Set = 2,
  Push = 3,
}

/** The word that begins a push. */
const PUSH = Tag.Extended | (Kind.Push << 3);

/** Where packed values lie: a session's output, or what is left of it. */
export interface Packed {
  readonly memory: Uint8Array;
  readonly words: Uint32Array;
  readonly wordsAt: number;
  readonly wordCount: number;
  readonly bytesAt: number;
  readonly byteLength: number;
  /** Whether it is what another value left, so that more of them may lie here. */
  readonly isRest?: boolean;
}

/** A push, element by element: `message`, a channel, a text. */
export type Push = ReadonlyArray<WireReply>;

/** Blobs up to this size are decoded by a loop, larger ones by one TextDecoder call. */
const LOOP_LIMIT = 64;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A position in a packed reply: the next word, and the next byte of the blob. */
export class Cursor {
  word: number;
  byte: number;
  readonly words: Uint32Array;
  readonly memory: Uint8Array;

  constructor(private readonly packed: Packed) {
    this.words = packed.words;
    this.memory = packed.memory;
    this.word = packed.wordsAt;
    this.byte = packed.bytesAt;
  }

  /** What has not been read; undefined when that is nothing. */
  rest(): Packed | undefined {
    const { memory, words, wordsAt, wordCount, bytesAt, byteLength } = this.packed;
    const left = wordsAt + wordCount - this.word;
    if (left <= 0) return undefined;
    const { word, byte } = this;
    const bytes = bytesAt + byteLength - byte;
    return {
      memory,
      words,
      wordsAt: word,
      wordCount: left,
      bytesAt: byte,
      byteLength: bytes,
      isRest: true,
    };
  }

  next(): number {
    return this.words[this.word++] as number;
  }

  /** A signed 64-bit integer in two words: a number where that is exact. */
  integer64(): number | bigint {
    const low = this.next();
    const high = this.next() | 0;
    const value = high * 2 ** 32 + low;
    return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low);
  }

  slice(length: number): Uint8Array {
    const at = this.byte;
    this.byte = at + length;
    return this.memory.slice(at, at + length);
  }
}

/** Decodes into JavaScript's own types. */
class PlainReader extends Cursor {
  /** The whole blob as text, when each of its bytes is one character. */
  readonly #text: string | undefined;
  readonly #textAt: number;

  constructor(
    packed: Packed,
    private readonly buffers: boolean,
  ) {
    super(packed);
    const length = packed.byteLength;
    this.#textAt = this.byte;
    if (length > LOOP_LIMIT && !buffers && packed.isRest !== true) {
      const text = decoder.decode(this.memory.subarray(this.byte, this.byte + length));
      // No UTF-8 sequence decodes to more characters than it has bytes, so an equal length means
      // that character positions are byte positions.
      if (text.length === length) this.#text = text;
    }
  }

  read(): Reply {
    const word = this.next();
    const length = word >>> 3;
    switch (word & 7) {
      case Tag.Integer:
        return (word | 0) >> 3;
      case Tag.Bulk:
        return this.buffers ? this.slice(length) : this.string(length);
      case Tag.Array:
        return this.list(length);
      case Tag.Map:
        return this.map(length);
      case Tag.Status:
        return this.string(length);
      case Tag.Error:
        return new ReplyError(this.string(length));
      case Tag.Null:
        return null;
      default:
        return this.extended(length);
    }
  }

  private list(length: number): Reply[] {
    const items = new Array<Reply>(length);
    for (let i = 0; i < length; i++) items[i] = this.read();
    return items;
  }

  private map(length: number): Map<Reply, Reply> {
    const map = new Map<Reply, Reply>();
    for (let i = 0; i < length; i++) {
      const key = this.read();
      map.set(key, this.read());
    }
    return map;
  }

  private extended(kind: number): Reply {
    if (kind === Kind.Integer64) return this.integer64();
    if (kind === Kind.Verbatim) return this.string(this.next());
    return this.list(this.next());
  }

  private string(length: number): string {
    const at = this.byte;
    this.byte = at + length;
    if (this.#text !== undefined) {
      return this.#text.substring(at - this.#textAt, this.byte - this.#textAt);
    }
    if (length <= LOOP_LIMIT) {
      let text = '';
      let i = at;
      for (; i < this.byte; i++) {
        const code = this.memory[i] as number;
        if (code > 0x7f) break;
        text += String.fromCharCode(code);
      }
      if (i === this.byte) return text;
    }
    return decoder.decode(this.memory.subarray(at, this.byte));
  }
}

/** Decodes into wire types, for printing. */
class WireReader extends Cursor {
  read(): WireReply {
    const word = this.next();
    const length = word >>> 3;
    switch (word & 7) {
      case Tag.Null:
        return { kind: 'null' };
      case Tag.Status:
        return { kind: 'status', text: decoder.decode(this.slice(length)) };
      case Tag.Error:
        return { kind: 'error', text: decoder.decode(this.slice(length)) };
      case Tag.Integer:
        return { kind: 'integer', value: (word | 0) >> 3 };
      case Tag.Bulk:
        return { kind: 'bulk', bytes: this.slice(length) };
      case Tag.Array:
        return { kind: 'array', items: this.list(length) };
      case Tag.Map:
        return { kind: 'map', pairs: this.pairs(length) };
      default:
        return this.extended(length);
    }
  }

  private list(length: number): WireReply[] {
    return Array.from({ length }, () => this.read());
  }

  private pairs(length: number): Array<readonly [WireReply, WireReply]> {
    return Array.from({ length }, () => [this.read(), this.read()] as const);
  }

  private extended(kind: number): WireReply {
    if (kind === Kind.Integer64) return { kind: 'integer', value: this.integer64() };
    if (kind === Kind.Verbatim) return { kind: 'verbatim', bytes: this.slice(this.next()) };
    return { kind: kind === Kind.Set ? 'set' : 'push', items: this.list(this.next()) };
  }
}

/**
 * Decodes the first value; with `buffers`, bulk strings become `Uint8Array` copies. What lies
 * behind it goes to `rest`.
 */
export function decodePlain(
  packed: Packed,
  buffers: boolean,
  rest: (packed: Packed) => void,
): Reply {
  const reader = new PlainReader(packed, buffers);
  const reply = reader.read();
  const left = reader.rest();
  if (left) rest(left);
  return reply;
}

/** Decodes the first value and keeps the wire's types. What lies behind it goes to `rest`. */
export function decodeWire(packed: Packed, rest: (packed: Packed) => void): WireReply {
  const reader = new WireReader(packed);
  const reply = reader.read();
  const left = reader.rest();
  if (left) rest(left);
  return reply;
}

/** Decodes the pushes that come first; returns what lies behind them, if anything does. */
export function decodePushes(packed: Packed, heard: Push[]): Packed | undefined {
  if (packed.words[packed.wordsAt] !== PUSH) return packed;
  const reader = new WireReader(packed);
  for (;;) {
    const push = reader.read();
    if (push.kind === 'push') heard.push(push.items);
    const left = reader.rest();
    if (left === undefined || left.words[left.wordsAt] !== PUSH) return left;
  }
}
