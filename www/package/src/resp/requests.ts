/** Cuts request bytes, which arrive cut anywhere, into whole requests. */
import type { Argument } from '../reply.js';
import { utf8 } from '../reply.js';
import { splitCommandLine } from '../repl/split.js';

const LF = 10;
const CR = 13;
const ASTERISK = 42;
const DOLLAR = 36;

/** One request. */
export interface Request {
  /** As it came. */
  readonly bytes: Uint8Array;
  /** The command and its arguments; undefined when it is no request, and nothing can follow. */
  readonly words: readonly Argument[] | undefined;
}

/** What stands at a place: a request, or how many bytes there must be to know more. */
type Found = { readonly next: number; readonly words: Request['words'] } | number;

/** An incremental reader: push bytes in, get the requests that are complete. */
export class RequestReader {
  #buffer = new Uint8Array(256);
  #end = 0;
  /** With fewer bytes than that there is nothing new to be seen. */
  #needed = 0;

  /** The bytes of the request that is not complete. */
  get rest(): Uint8Array {
    return this.#buffer.subarray(0, this.#end);
  }

  /** Takes bytes and returns every request that they complete; all bytes of these are copies. */
  push(bytes: Uint8Array): Request[] {
    this.#append(bytes);
    const requests: Request[] = [];
    let at = 0;
    while (at < this.#end && this.#end >= this.#needed) {
      const found = requestAt(this.#buffer.subarray(0, this.#end), at);
      if (typeof found === 'number') {
        this.#needed = found - at;
        break;
      }
      this.#needed = 0;
      const request = { bytes: this.#buffer.slice(at, found.next), words: found.words };
      if (request.words?.length !== 0) requests.push(request);
      at = found.next;
    }
    if (at > 0) {
      this.#buffer.copyWithin(0, at, this.#end);
      this.#end -= at;
    }
    return requests;
  }

  /** Room is doubled, so that a large request in many pieces is not copied once a piece. */
  #append(bytes: Uint8Array): void {
    const length = this.#end + bytes.length;
    if (length > this.#buffer.length) {
      const room = new Uint8Array(length * 2);
      room.set(this.rest);
      this.#buffer = room;
    }
    this.#buffer.set(bytes, this.#end);
    this.#end = length;
  }
}

function requestAt(buffer: Uint8Array, at: number): Found {
  return buffer[at] === ASTERISK ? arrayAt(buffer, at) : lineAt(buffer, at);
}

/** A line as people type them into a terminal. */
function lineAt(buffer: Uint8Array, at: number): Found {
  const end = buffer.indexOf(LF, at);
  if (end < 0) return buffer.length + 1;
  const last = buffer[end - 1] === CR && end > at ? end - 1 : end;
  const words = splitCommandLine(utf8(buffer.subarray(at, last)));
  return words ? { next: end + 1, words } : malformed(buffer);
}

function arrayAt(buffer: Uint8Array, start: number): Found {
  const count = numberAt(buffer, start + 1);
  if (count === undefined) return buffer.length + 1;
  if (Number.isNaN(count.value)) return malformed(buffer);
  const words: Uint8Array[] = [];
  let at = count.next;
  for (let left = count.value; left > 0; left--) {
    if (at >= buffer.length) return buffer.length + 1;
    if (buffer[at] !== DOLLAR) return malformed(buffer);
    const length = numberAt(buffer, at + 1);
    if (length === undefined) return buffer.length + 1;
    if (!(length.value >= 0)) return malformed(buffer);
    at = length.next + length.value + 2;
    if (at > buffer.length) return at;
    words.push(buffer.slice(length.next, at - 2));
  }
  return { next: at, words };
}

/** The decimal number that a line ends behind; NaN when it is none, undefined when it goes on. */
function numberAt(buffer: Uint8Array, at: number): { value: number; next: number } | undefined {
  const end = buffer.indexOf(CR, at);
  if (end < 0 || end + 1 >= buffer.length) return undefined;
  const text = utf8(buffer.subarray(at, Math.min(end, at + 16)));
  const isWhole = buffer[end + 1] === LF && /^(0|-?[1-9]\d{0,9})$/.test(text);
  return { value: isWhole ? Number(text) : NaN, next: end + 2 };
}

function malformed(buffer: Uint8Array): Found {
  return { next: buffer.length, words: undefined };
}
