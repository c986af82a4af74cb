/** What a command takes and what it answers, in JavaScript's own types and in the wire's. */
import { ReplyError } from './errors.js';

/** One argument of a command. A number is sent as its decimal text. */
export type Argument = string | Uint8Array | number;

/** A whole command: its name and its arguments. */
export type CommandArguments = ReadonlyArray<Argument>;

/**
 * A reply in JavaScript's own types. Integers are `number`, or `bigint` where a number could not
 * hold the value; bulk strings are `string`, or `Uint8Array` when buffers were asked for; sets and
 * pushes are arrays; an error inside an array (a reply of EXEC) is a {@link ReplyError}.
 */
export type Reply =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | ReplyError
  | Reply[]
  | ReplyMap;

/** A RESP3 map, in the order of the wire. */
export interface ReplyMap extends Map<Reply, Reply> {}

/** A reply that still knows which type it had on the wire: what a terminal needs to print it. */
export type WireReply =
  | { readonly kind: 'null' }
  | { readonly kind: 'status' | 'error' | 'double' | 'bignum'; readonly text: string }
  | { readonly kind: 'integer'; readonly value: number | bigint }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'bulk' | 'verbatim'; readonly bytes: Uint8Array }
  | { readonly kind: 'array' | 'set' | 'push'; readonly items: ReadonlyArray<WireReply> }
  | { readonly kind: 'map'; readonly pairs: ReadonlyArray<readonly [WireReply, WireReply]> };

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Decodes UTF-8; invalid bytes become U+FFFD. */
export function utf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Turns a wire reply into JavaScript's own types. */
export function plainReply(reply: WireReply, buffers: boolean): Reply {
  switch (reply.kind) {
    case 'null':
      return null;
    case 'status':
      return reply.text;
    case 'error':
      return new ReplyError(reply.text);
    case 'double':
      return Number(reply.text.replace('inf', 'Infinity'));
    case 'bignum':
      return BigInt(reply.text);
    case 'integer':
    case 'boolean':
      return reply.value;
    case 'verbatim':
      return utf8(reply.bytes);
    case 'bulk':
      return buffers ? reply.bytes : utf8(reply.bytes);
    case 'map':
      return new Map(
        reply.pairs.map(([key, value]) => [plainReply(key, buffers), plainReply(value, buffers)]),
      );
    default:
      return reply.items.map((item) => plainReply(item, buffers));
  }
}
