/** XREAD and XREADGROUP as events: an entry each, whose ID says where to go on. */
import type { Connection } from '../connection.js';
import { AbortError } from '../errors.js';
import { utf8, type Argument, type CommandArguments, type WireReply } from '../reply.js';
import { wordOf } from './commands.js';
import { jsonOf, type TextForm } from './encode.js';
import { RestError } from './error.js';
import { eventText, type EventSource } from './events.js';
import type { Prepared } from './session.js';

/** Entries of one read where the command says nothing else. */
const COUNT = 100;

/** One stream of the command. */
interface Position {
  readonly key: Argument;
  /** Its key, to know it again in a reply. */
  readonly name: string;
  /** What is asked for next. */
  asked: string;
  /** What an event's ID says: what comes behind this has not been sent. */
  seen: string;
}

/** Reads on and on. */
export class Reads implements EventSource {
  readonly #name: Argument;
  readonly #options: CommandArguments;
  readonly #positions: readonly Position[];
  readonly #isGroup: boolean;
  /** What was there at the beginning, which has not been told. */
  #first: WireReply | undefined;

  /** Reads what is there; throws a RestError when the engine refuses, as it would on and on. */
  static async open(
    connection: Connection,
    { command, facts }: Prepared,
    text: TextForm,
    lastEventId: string | null,
  ): Promise<Reads> {
    const keys = await connection.sendWire(['COMMAND', 'GETKEYS', ...command]);
    const count = keys.kind === 'array' ? keys.items.length : 0;
    const positions = positionsOf(command, count, lastEventId);
    if (facts.reads) await resolveIds(connection, positions);
    const options = command.slice(1, command.length - 2 * count - 1);
    const reads = new Reads(connection, text, command[0] ?? '', options, positions, !facts.reads);
    // A command whose keys cannot be told is run as it is, for its error.
    reads.#first = await atOnce(connection, count === 0 ? command : reads.#command());
    if (reads.#first?.kind === 'error') throw new RestError(400, reads.#first.text);
    return reads;
  }

  private constructor(
    private readonly connection: Connection,
    private readonly text: TextForm,
    name: Argument,
    options: CommandArguments,
    positions: readonly Position[],
    isGroup: boolean,
  ) {
    this.#name = name;
    this.#options = options;
    this.#positions = positions;
    this.#isGroup = isGroup;
  }

  async next(): Promise<string> {
    for (;;) {
      const reply = this.#first ?? (await this.connection.sendWire(this.#command('BLOCK', 0)));
      this.#first = undefined;
      if (reply.kind === 'error') throw new Error(reply.text);
      const text = this.#eventsOf(reply);
      if (text !== '') return text;
    }
  }

  /** Of options that are given twice, the last one counts: the caller's COUNT, our BLOCK. */
  #command(...wait: CommandArguments): CommandArguments {
    const keys = this.#positions.map(({ key }) => key);
    const ids = this.#positions.map(({ asked }) => asked);
    return [this.#name, 'COUNT', COUNT, ...this.#options, ...wait, 'STREAMS', ...keys, ...ids];
  }

  /** The events of a reply. Its streams stand in the order of the command. */
  #eventsOf(reply: WireReply): string {
    let events = '';
    let at = 0;
    for (const [key, entries] of reply.kind === 'map' ? reply.pairs : []) {
      const name = nameOf(key);
      while (this.#positions[at] && this.#positions[at]?.name !== name) at++;
      const position = this.#positions[at++];
      if (position === undefined || entries.kind !== 'array') continue;
      // A consumer that has nothing pending any more wants what is new.
      if (this.#isGroup && entries.items.length === 0) position.asked = '>';
      for (const entry of entries.items) events += this.#eventOf(position, key, entry);
    }
    return events;
  }

  #eventOf(position: Position, key: WireReply, entry: WireReply): string {
    const [id, fields, idle, deliveries] = entry.kind === 'array' ? entry.items : [];
    if (id?.kind !== 'bulk' || fields === undefined) return '';
    position.seen = utf8(id.bytes);
    if (position.asked !== '>') position.asked = position.seen;
    const told = {
      stream: jsonOf(key, this.text),
      id: position.seen,
      fields: jsonOf(fields, this.text),
      ...(idle && deliveries
        ? { idle: jsonOf(idle, this.text), deliveries: jsonOf(deliveries, this.text) }
        : {}),
    };
    const where = this.#positions.map(({ seen }) => seen).join(',');
    return eventText(JSON.stringify(told), `id: ${where}\n`);
  }
}

/** Where each stream begins: as the command says, or behind the last event that was seen. */
function positionsOf(command: CommandArguments, count: number, last: string | null): Position[] {
  const keys = command.slice(command.length - 2 * count, command.length - count);
  const given = command.slice(command.length - count).map(wordOf);
  const seen = last === null || last === '' ? undefined : last.split(',');
  if (seen && (seen.length !== count || !seen.every((id) => /^(\d+(-\d+)?|>)$/.test(id)))) {
    throw new RestError(400, 'ERR Last-Event-ID is not one of these streams');
  }
  return keys.map((key, i) => {
    const id = seen?.[i] ?? given[i] ?? '';
    return { key, name: latin1(bytesOf(key)), asked: id, seen: id };
  });
}

/** `$` is what is last now, not what will be when it is asked for again. */
async function resolveIds(connection: Connection, positions: readonly Position[]): Promise<void> {
  for (const position of positions) {
    if (position.asked === '+') {
      throw new RestError(400, "ERR '+' does not go with events: begin with '$' or an ID");
    }
    if (position.asked !== '$') continue;
    const info = await connection.send(['XINFO', 'STREAM', position.key]).catch(() => null);
    const last = info instanceof Map ? info.get('last-generated-id') : undefined;
    position.asked = typeof last === 'string' ? last : '0-0';
    position.seen = position.asked;
  }
}

/** What there is without waiting, whatever the command says of waiting. */
async function atOnce(
  connection: Connection,
  command: CommandArguments,
): Promise<WireReply | undefined> {
  const controller = new AbortController();
  const reply = connection.sendWire(command, { signal: controller.signal });
  controller.abort();
  try {
    return await reply;
  } catch (error) {
    if (error instanceof AbortError) return undefined;
    throw error;
  }
}

function nameOf(key: WireReply): string {
  return key.kind === 'bulk' ? latin1(key.bytes) : '';
}

const encoder = new TextEncoder();

function bytesOf(argument: Argument): Uint8Array {
  return argument instanceof Uint8Array ? argument : encoder.encode(String(argument));
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
