/** Replies in JSON, with strings as text or in base64, and in RESP2. */
import { utf8, type WireReply } from '../reply.js';

/** What JSON holds of a reply: no objects and no booleans, which Upstash's client takes amiss. */
export type JsonReply = null | number | string | JsonReply[];

/** How strings are written. */
export interface TextForm {
  readonly isBase64: boolean;
  /** A string of bytes. */
  bytes(bytes: Uint8Array): string;
}

/** As text; bytes that are not UTF-8 become U+FFFD. */
export const plainText: TextForm = { isBase64: false, bytes: utf8 };

/** In base64. */
export const base64Text: TextForm = { isBase64: true, bytes: base64 };

const encoder = new TextEncoder();
/** Most arguments of one call of `String.fromCharCode`, far below what any engine can take. */
const CHUNK = 8192;

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  }
  return btoa(binary);
}

/** What stands in `{"result": …}`, or in `{"error": …}`. */
export function answerOf(
  reply: WireReply,
  form: TextForm,
): { result: JsonReply } | { error: string } {
  if (reply.kind === 'error') return { error: reply.text };
  // Alone, an OK is one in base64 too; among others it would be decoded.
  if (reply.kind === 'status' && reply.text === 'OK') return { result: 'OK' };
  return { result: jsonOf(reply, form) };
}

/** A reply in JSON: maps are flat arrays, as in RESP2. */
export function jsonOf(reply: WireReply, form: TextForm): JsonReply {
  switch (reply.kind) {
    case 'null':
      return null;
    case 'integer':
      return typeof reply.value === 'number' ? reply.value : text(String(reply.value), form);
    case 'boolean':
      return reply.value ? 1 : 0;
    case 'bulk':
    case 'verbatim':
      return form.bytes(reply.bytes);
    case 'map':
      return reply.pairs.flatMap(([key, value]) => [jsonOf(key, form), jsonOf(value, form)]);
    case 'array':
    case 'set':
    case 'push':
      return reply.items.map((item) => jsonOf(item, form));
    default:
      return text(reply.text, form);
  }
}

function text(value: string, form: TextForm): string {
  return form.isBase64 ? form.bytes(encoder.encode(value)) : value;
}

/** Writes replies as a server does over RESP2. */
export class Resp2Writer {
  readonly #parts: Uint8Array[] = [];

  /** Adds a reply; `nullArrays` says that nothing is an array of nothing, as for reads. */
  write(reply: WireReply, nullArrays: boolean): void {
    switch (reply.kind) {
      case 'null':
        return this.#line(nullArrays ? '*-1' : '$-1');
      case 'status':
        return this.#line(`+${reply.text}`);
      case 'error':
        return this.#line(`-${reply.text}`);
      case 'integer':
        return this.#line(`:${reply.value}`);
      case 'boolean':
        return this.#line(reply.value ? ':1' : ':0');
      case 'double':
      case 'bignum':
        return this.#bulk(encoder.encode(reply.text));
      case 'bulk':
      case 'verbatim':
        return this.#bulk(reply.bytes);
      case 'map':
        return this.#list(reply.pairs.flat(), nullArrays);
      default:
        return this.#list(reply.items, nullArrays);
    }
  }

  /** All that was written. */
  take(): Blob {
    return new Blob(this.#parts as Uint8Array<ArrayBuffer>[]);
  }

  #list(items: ReadonlyArray<WireReply>, nullArrays: boolean): void {
    this.#line(`*${items.length}`);
    for (const item of items) this.write(item, nullArrays);
  }

  #bulk(bytes: Uint8Array): void {
    this.#line(`$${bytes.length}`);
    this.#parts.push(bytes);
    this.#line('');
  }

  #line(text: string): void {
    this.#parts.push(encoder.encode(`${text}\r\n`));
  }
}
