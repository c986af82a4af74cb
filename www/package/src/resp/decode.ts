/** Decodes RESP2 and RESP3 replies from bytes that arrive cut anywhere. */
import { utf8, type WireReply } from '../reply.js';

const CR = 13;
const LF = 10;

/** What a server sent is no RESP. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** An aggregate that still waits for elements. */
interface Open {
  readonly kind: 'array' | 'set' | 'push' | 'map' | 'attribute';
  missing: number;
  readonly items: WireReply[];
}

/** One element of the stream of replies: a value, or the head of an aggregate. */
type Element = { value: WireReply } | { open: Open };

/** An incremental decoder: push bytes in, get the replies that are complete. */
export class RespDecoder {
  #buffer = new Uint8Array(1024);
  /** The unread bytes are those from `#at` to `#end`. */
  #at = 0;
  #end = 0;
  /** Aggregates from the outermost in: an explicit stack, so nesting cannot exhaust the other. */
  readonly #open: Open[] = [];

  /** Takes bytes and returns every reply that they complete. Throws a ProtocolError. */
  push(bytes: Uint8Array): WireReply[] {
    this.#append(bytes);
    const replies: WireReply[] = [];
    for (;;) {
      const start = this.#at;
      const element = this.#element();
      if (element === undefined) {
        this.#at = start;
        return replies;
      }
      const reply = this.#place(element);
      if (reply !== undefined) replies.push(reply);
    }
  }

  /** Room is doubled, so that a large bulk string in many pieces is not copied once a piece. */
  #append(bytes: Uint8Array): void {
    const unread = this.#end - this.#at;
    if (this.#end + bytes.length > this.#buffer.length) {
      const needed = unread + bytes.length;
      const room = needed * 2 > this.#buffer.length ? new Uint8Array(needed * 2) : this.#buffer;
      room.set(this.#buffer.subarray(this.#at, this.#end));
      this.#buffer = room;
      this.#at = 0;
      this.#end = unread;
    }
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Puts an element where it belongs; returns a reply when that completed one. */
  #place(element: Element): WireReply | undefined {
    let value: WireReply;
    if ('open' in element) {
      if (element.open.missing > 0) {
        this.#open.push(element.open);
        return undefined;
      }
      if (element.open.kind === 'attribute') return undefined;
      value = close(element.open);
    } else {
      value = element.value;
    }
    for (;;) {
      const parent = this.#open.at(-1);
      if (parent === undefined) return value;
      parent.items.push(value);
      if (--parent.missing > 0) return undefined;
      this.#open.pop();
      // An attribute says something about the next reply; nobody here asks for it.
      if (parent.kind === 'attribute') return undefined;
      value = close(parent);
    }
  }

  #element(): Element | undefined {
    const line = this.#line();
    if (line === undefined) return undefined;
    const rest = line.slice(1);
    switch (line[0]) {
      case '+':
        return { value: { kind: 'status', text: rest } };
      case '-':
        return { value: { kind: 'error', text: rest } };
      case ':':
        return { value: { kind: 'integer', value: integer(rest) } };
      case ',':
        return { value: { kind: 'double', text: rest } };
      case '(':
        return { value: { kind: 'bignum', text: rest } };
      case '#':
        return { value: { kind: 'boolean', value: rest === 't' } };
      case '_':
        return { value: { kind: 'null' } };
      case '$':
      case '=':
      case '!':
        return this.#bulk(line[0], length(rest));
      default:
        return aggregate(line[0], length(rest));
    }
  }

  #bulk(type: '$' | '=' | '!', size: number): Element | undefined {
    if (size < 0) return { value: { kind: 'null' } };
    const end = this.#at + size;
    if (this.#end < end + 2) return undefined;
    const bytes = this.#buffer.slice(this.#at, end);
    this.#at = end + 2;
    if (type === '!') return { value: { kind: 'error', text: utf8(bytes) } };
    // A verbatim string begins with its format, such as `txt:`.
    if (type === '=') return { value: { kind: 'verbatim', bytes: bytes.subarray(4) } };
    return { value: { kind: 'bulk', bytes } };
  }

  #line(): string | undefined {
    for (let i = this.#at; i + 1 < this.#end; i++) {
      if (this.#buffer[i] !== CR || this.#buffer[i + 1] !== LF) continue;
      const line = utf8(this.#buffer.subarray(this.#at, i));
      this.#at = i + 2;
      return line;
    }
    return undefined;
  }
}

function aggregate(type: string | undefined, size: number): Element {
  if (size < 0) return { value: { kind: 'null' } };
  switch (type) {
    case '*':
      return { open: { kind: 'array', missing: size, items: [] } };
    case '~':
      return { open: { kind: 'set', missing: size, items: [] } };
    case '>':
      return { open: { kind: 'push', missing: size, items: [] } };
    case '%':
      return { open: { kind: 'map', missing: size * 2, items: [] } };
    case '|':
      return { open: { kind: 'attribute', missing: size * 2, items: [] } };
    default:
      throw new ProtocolError(`the server sent ${JSON.stringify(type)} where a reply begins`);
  }
}

function close({ kind, items }: Open): WireReply {
  if (kind !== 'map') return { kind: kind as 'array' | 'set' | 'push', items };
  const pairs: Array<readonly [WireReply, WireReply]> = [];
  for (let i = 0; i + 1 < items.length; i += 2) {
    pairs.push([items[i] as WireReply, items[i + 1] as WireReply]);
  }
  return { kind, pairs };
}

function length(text: string): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new ProtocolError(`the server sent ${JSON.stringify(text)} as a length`);
}

function integer(text: string): number | bigint {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new ProtocolError(`the server sent ${JSON.stringify(text)} as an integer`);
  }
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}
