/** Turns replies into the shapes of the typed client. */
import type { Reply } from '../reply.js';
import { utf8 } from '../reply.js';
import type {
  Bulk,
  ClientInfoReply,
  CommandReply,
  StreamMessage,
  StreamMessages,
  XInfoFullPending,
} from './types.js';

/** An integer as a number, as node-redis gives it; beyond 2^53 it is rounded. */
export function integer(reply: Reply): number {
  return Number(reply);
}

/** An integer or null. */
export function integerOrNull(reply: Reply): number | null {
  return reply === null ? null : Number(reply);
}

/** A bulk string in the client's own kind. */
export function bulk<S extends Bulk>(reply: Reply): S {
  return reply as S;
}

/** A bulk string or null. */
export function bulkOrNull<S extends Bulk>(reply: Reply): S | null {
  return reply as S | null;
}

/** Bulk strings. */
export function bulks<S extends Bulk>(reply: Reply): S[] {
  return reply as S[];
}

/** A name as text, whatever the client's kind. */
export function text(reply: Reply): string {
  return reply instanceof Uint8Array ? utf8(reply) : String(reply);
}

/** An array's items. */
export function list(reply: Reply): Reply[] {
  return reply as Reply[];
}

/** Key and value pairs as a plain object; safe with a key such as `__proto__`. */
export function put<T>(object: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') {
    const property = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(object, key, property);
  } else {
    object[key] = value;
  }
}

/** A map as a plain object, values untouched. */
export function record(reply: Reply): Record<string, Reply> {
  const object: Record<string, Reply> = {};
  for (const [key, value] of reply as Map<Reply, Reply>) put(object, text(key), value);
  return object;
}

/** Maps at every depth as plain objects: what `sendCommand` answers. */
export function plain(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(plain);
  if (!(reply instanceof Map)) return reply;
  const object: Record<string, unknown> = {};
  for (const [key, value] of reply) put(object, text(key), plain(value));
  return object;
}

/**
 * One entry: `[id, [field, value, …]]`. The fields are null when it was deleted; CLAIM adds how
 * long and how often it was delivered.
 */
export function entry<S extends Bulk>(reply: Reply): StreamMessage<S> {
  const [id, fields, idle, count] = reply as [S, Reply[] | null, Reply?, Reply?];
  const message: Record<string, S> = {};
  if (fields !== null) {
    for (let i = 0; i < fields.length; i += 2) {
      put(message, text(fields[i] as Reply), fields[i + 1] as S);
    }
  }
  if (idle === undefined || count === undefined) return { id, message };
  return { id, message, millisElapsedFromDelivery: Number(idle), deliveriesCounter: Number(count) };
}

/** An entry, or null. */
export function entryOrNull<S extends Bulk>(reply: Reply): StreamMessage<S> | null {
  return reply === null ? null : entry(reply);
}

/** Entries. */
export function entries<S extends Bulk>(reply: Reply): StreamMessage<S>[] {
  return (reply as Reply[]).map(entry<S>);
}

/** Entries, with null where one was deleted meanwhile. */
export function entriesOrNulls<S extends Bulk>(reply: Reply): Array<StreamMessage<S> | null> {
  return (reply as Reply[]).map(entryOrNull<S>);
}

/** What XREAD and XREADGROUP answer: a map of streams, or null. */
export function streams<S extends Bulk>(reply: Reply): StreamMessages<S>[] | null {
  if (reply === null) return null;
  const result: StreamMessages<S>[] = [];
  for (const [name, messages] of reply as Map<Reply, Reply>) {
    result.push({ name: text(name), messages: entries(messages) });
  }
  return result;
}

/** Rows of XINFO STREAM FULL's pending lists, with or without the consumer. */
export function pendingRows<S extends Bulk>(reply: Reply): XInfoFullPending<S>[] {
  return list(reply).map((row) => {
    const cells = list(row);
    const [deliveredAt, deliveriesCounter] = cells.slice(-2).map(Number) as [number, number];
    const id = cells[0] as S;
    return cells.length === 4
      ? { id, consumer: cells[1] as S, deliveredAt, deliveriesCounter }
      : { id, deliveredAt, deliveriesCounter };
  });
}

/** Fields of CLIENT LIST that are text; all others are numbers. */
const TEXT_FIELDS = new Set([
  'addr',
  'laddr',
  'name',
  'flags',
  'events',
  'cmd',
  'user',
  'lib-name',
  'lib-ver',
]);

/** One line of CLIENT LIST. */
export function clientInfo(reply: Reply): ClientInfoReply {
  const info: Record<string, string | number> = {};
  for (const field of text(reply).trim().split(' ')) {
    const equals = field.indexOf('=');
    const name = field.slice(0, equals);
    const value = field.slice(equals + 1);
    const camelCase = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    info[camelCase] = TEXT_FIELDS.has(name) ? value : Number(value);
  }
  return info as unknown as ClientInfoReply;
}

/** All lines of CLIENT LIST. */
export function clientInfos(reply: Reply): ClientInfoReply[] {
  return text(reply).trim().split('\n').filter(Boolean).map(clientInfo);
}

/** One row of COMMAND. */
export function command(reply: Reply): CommandReply {
  const row = list(reply);
  const tips = list(row[7] ?? []).map(text);
  const policy = (name: string): string | undefined =>
    tips.find((tip) => tip.startsWith(`${name}_policy:`))?.slice(name.length + 8);
  return {
    name: text(row[0] ?? ''),
    arity: integer(row[1] ?? 0),
    flags: new Set(list(row[2] ?? []).map(text)),
    firstKeyIndex: integer(row[3] ?? 0),
    lastKeyIndex: integer(row[4] ?? 0),
    step: integer(row[5] ?? 0),
    categories: new Set(list(row[6] ?? []).map(text)),
    policies: { request: policy('request'), response: policy('response') },
    isKeyless: list(row[8] ?? []).length === 0,
    tips: tips.filter((tip) => !/^(request|response)_policy:/.test(tip)),
    subcommands: list(row[9] ?? []).map(command),
  };
}
