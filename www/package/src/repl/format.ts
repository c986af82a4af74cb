/** Prints replies exactly as redis-cli does, as text and as segments that can be coloured. */
import { utf8, type Argument, type WireReply } from '../reply.js';

/** What a piece of output is. */
export type Style =
  | 'plain'
  | 'index'
  | 'status'
  | 'error'
  | 'integer'
  | 'string'
  | 'key'
  | 'nil'
  | 'empty';

/** A piece of output in one style. */
export interface Segment {
  readonly text: string;
  readonly style: Style;
}

/** A reply as redis-cli prints it to a terminal, with a newline at the end. */
export function formatReply(reply: WireReply): Segment[] {
  return [...format(reply, '', false), { text: '\n', style: 'plain' }];
}

/** Commands whose reply is a text for people, which redis-cli prints as it is. */
const TEXT_COMMANDS = new Set([
  'INFO',
  'LOLWUT',
  'CLIENT LIST',
  'CLIENT INFO',
  'MEMORY DOCTOR',
  'MEMORY MALLOC-STATS',
  'LATENCY GRAPH',
  'LATENCY DOCTOR',
  'CLUSTER NODES',
  'CLUSTER INFO',
]);

/** Whether redis-cli prints the reply of this command as it is, to a terminal too. */
export function answersWithText(args: ReadonlyArray<Argument>): boolean {
  const [name, subcommand] = args.map((argument) => String(argument).toUpperCase());
  return TEXT_COMMANDS.has(name ?? '') || TEXT_COMMANDS.has(`${name} ${subcommand}`);
}

/** The reply of a command as redis-cli prints it to a terminal. */
export function formatReplyOf(args: ReadonlyArray<Argument>, reply: WireReply): Segment[] {
  if (!answersWithText(args) || reply.kind === 'error') return formatReply(reply);
  return [{ text: utf8(formatRaw(reply)), style: 'string' }];
}

/** The text of segments, without their styles. */
export function segmentText(segments: ReadonlyArray<Segment>): string {
  return segments.map((segment) => segment.text).join('');
}

/** A reply as redis-cli prints it into a pipe or a file: values alone, a line each. */
export function formatRaw(reply: WireReply): Uint8Array {
  const bytes: number[] = [];
  pushRaw(bytes, reply);
  return Uint8Array.from(bytes);
}

function format(reply: WireReply, prefix: string, isKey: boolean): Segment[] {
  switch (reply.kind) {
    case 'null':
      return [{ text: '(nil)', style: 'nil' }];
    case 'status':
      return [{ text: reply.text, style: 'status' }];
    case 'error':
      return [{ text: `(error) ${reply.text}`, style: 'error' }];
    case 'integer':
      return [{ text: `(integer) ${reply.value}`, style: 'integer' }];
    case 'double':
      return [{ text: `(double) ${reply.text}`, style: 'integer' }];
    case 'bignum':
      return [{ text: reply.text, style: 'integer' }];
    case 'boolean':
      return [{ text: reply.value ? '(true)' : '(false)', style: 'integer' }];
    case 'bulk':
      return [{ text: quote(reply.bytes), style: isKey ? 'key' : 'string' }];
    case 'verbatim':
      return [{ text: utf8(reply.bytes), style: 'string' }];
    case 'map':
      return formatMap(reply.pairs, prefix);
    default:
      return formatItems(reply.kind, reply.items, prefix);
  }
}

function formatItems(
  kind: 'array' | 'set' | 'push',
  items: ReadonlyArray<WireReply>,
  prefix: string,
): Segment[] {
  if (items.length === 0) return [{ text: `(empty ${kind})`, style: 'empty' }];
  const width = String(items.length).length;
  const nested = prefix + ' '.repeat(width + 2);
  const separator = kind === 'set' ? '~' : ')';
  return items.flatMap((item, index) => [
    ...indexSegments(index, width, separator, prefix),
    ...format(item, nested, false),
  ]);
}

function formatMap(
  pairs: ReadonlyArray<readonly [WireReply, WireReply]>,
  prefix: string,
): Segment[] {
  if (pairs.length === 0) return [{ text: '(empty hash)', style: 'empty' }];
  const width = String(pairs.length).length;
  const nested = prefix + ' '.repeat(width + 2);
  return pairs.flatMap(([key, value], index) => {
    const formatted = format(value, nested, false);
    // A value of several lines begins on a line of its own.
    const breaks = isAggregate(value) && segmentText(formatted).includes('\n');
    return [
      ...indexSegments(index, width, '#', prefix),
      ...format(key, nested, true),
      { text: breaks ? ` => \n${nested}` : ' => ', style: 'index' } as const,
      ...formatted,
    ];
  });
}

/** The parent has printed the prefix of the first line already. */
function indexSegments(index: number, width: number, separator: string, prefix: string): Segment[] {
  const number = String(index + 1).padStart(width);
  const lead = index === 0 ? '' : `\n${prefix}`;
  return [{ text: `${lead}${number}${separator} `, style: 'index' }];
}

function isAggregate(reply: WireReply): boolean {
  return 'items' in reply || 'pairs' in reply;
}

const ESCAPES: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};

/** Bytes in double quotes, every byte that is no printable ASCII as `\xHH`. */
export function quote(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) {
    const printable = byte >= 0x20 && byte < 0x7f;
    const plain = printable
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`;
    text += ESCAPES[byte] ?? plain;
  }
  return `${text}"`;
}

const encoder = new TextEncoder();
const NEWLINE = 10;
const SPACE = 32;

function pushRaw(bytes: number[], reply: WireReply): void {
  switch (reply.kind) {
    case 'null':
      return;
    case 'map':
      reply.pairs.forEach(([key, value], index) => {
        if (index > 0) bytes.push(NEWLINE);
        pushRaw(bytes, key);
        bytes.push(SPACE);
        pushRaw(bytes, value);
      });
      return;
    case 'array':
    case 'set':
    case 'push':
      reply.items.forEach((item, index) => {
        if (index > 0) bytes.push(NEWLINE);
        pushRaw(bytes, item);
      });
      return;
    default:
      for (const byte of rawScalar(reply)) bytes.push(byte);
  }
}

/** A reply that is a value of its own. */
type Scalar = Exclude<WireReply, { kind: 'null' } | { items: unknown } | { pairs: unknown }>;

function rawScalar(reply: Scalar): Uint8Array {
  switch (reply.kind) {
    case 'bulk':
    case 'verbatim':
      return reply.bytes;
    case 'integer':
      return encoder.encode(String(reply.value));
    case 'boolean':
      return encoder.encode(reply.value ? '(true)' : '(false)');
    case 'error':
      return encoder.encode(`${reply.text}\n`);
    default:
      return encoder.encode(reply.text);
  }
}
