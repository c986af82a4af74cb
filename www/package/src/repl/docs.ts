/** The command table as COMMAND DOCS describes it, from RESP2 or RESP3. */
import { utf8, type WireReply } from '../reply.js';

/** One argument of a command's syntax. */
export interface ArgumentDoc {
  readonly name: string;
  /** `key`, `string`, `integer`, `pure-token`, `oneof`, `block`, … */
  readonly type: string;
  readonly token: string | undefined;
  readonly optional: boolean;
  readonly multiple: boolean;
  /** Whether the token is repeated with each of several values. */
  readonly multipleToken: boolean;
  readonly parts: ReadonlyArray<ArgumentDoc>;
}

/** One command or subcommand. */
export interface CommandDoc {
  /** In capitals: `XADD`, `XGROUP CREATE`. */
  readonly name: string;
  readonly summary: string;
  readonly since: string;
  readonly group: string;
  readonly complexity: string;
  readonly syntax: ReadonlyArray<ArgumentDoc>;
  readonly subcommands: ReadonlyArray<CommandDoc>;
}

/** Reads the reply of COMMAND DOCS, sorted by name. */
export function readCommandDocs(reply: WireReply): CommandDoc[] {
  return pairsOf(reply)
    .map(([name, doc]) => readCommand(textOf(name), doc))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readCommand(name: string, reply: WireReply): CommandDoc {
  const doc = fieldsOf(reply);
  return {
    name: name.replace('|', ' ').toUpperCase(),
    summary: textOf(doc.get('summary')),
    since: textOf(doc.get('since')),
    group: textOf(doc.get('group')),
    complexity: textOf(doc.get('complexity')),
    syntax: itemsOf(doc.get('arguments')).map(readArgument),
    subcommands: pairsOf(doc.get('subcommands'))
      .map(([key, value]) => readCommand(textOf(key), value))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function readArgument(reply: WireReply): ArgumentDoc {
  const doc = fieldsOf(reply);
  const flags = itemsOf(doc.get('flags')).map(textOf);
  return {
    name: textOf(doc.get('display_text')) || textOf(doc.get('name')),
    type: textOf(doc.get('type')),
    token: doc.has('token') ? textOf(doc.get('token')) : undefined,
    optional: flags.includes('optional'),
    multiple: flags.includes('multiple'),
    multipleToken: flags.includes('multiple_token'),
    parts: itemsOf(doc.get('arguments')).map(readArgument),
  };
}

function fieldsOf(reply: WireReply): Map<string, WireReply> {
  return new Map(pairsOf(reply).map(([key, value]) => [textOf(key), value]));
}

/** The pairs of a RESP3 map, or of the flat array that RESP2 sends for it. */
function pairsOf(reply: WireReply | undefined): ReadonlyArray<readonly [WireReply, WireReply]> {
  if (reply?.kind === 'map') return reply.pairs;
  const items = itemsOf(reply);
  const pairs: Array<readonly [WireReply, WireReply]> = [];
  for (let i = 0; i + 1 < items.length; i += 2) {
    pairs.push([items[i] as WireReply, items[i + 1] as WireReply]);
  }
  return pairs;
}

function itemsOf(reply: WireReply | undefined): ReadonlyArray<WireReply> {
  return reply !== undefined && 'items' in reply ? reply.items : [];
}

function textOf(reply: WireReply | undefined): string {
  if (reply === undefined) return '';
  if ('bytes' in reply) return utf8(reply.bytes);
  return 'text' in reply ? reply.text : '';
}
