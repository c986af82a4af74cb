/** `brooklet push`: replays what a journal holds into a running server. */
import type { Database } from '../env/node.js';
import type { ExportLosses, ExportProfile } from '../storage/export.js';
import { encodeCommand } from '../resp/encode.js';
import type { WireReply } from '../reply.js';
import { commandsOf, type FoundCommand } from './commands.js';
import { keysOf, type DatabaseKeys } from './keys.js';
import { lossesText } from './losses.js';
import { ToolError } from './problem.js';
import { serverKind, type ServerKind } from './profile.js';
import type { Reporter } from './reporter.js';
import { parseServerUrl, Server } from './server.js';
import { loadJournal } from './state.js';
import { countText, nameText, sizeText } from './text.js';

/** Options of {@link push}. */
export interface PushOptions {
  /** What the server is taken for; `auto` asks it. */
  readonly profile: ExportProfile | 'auto';
  /** Replace keys that are there. */
  readonly replace: boolean;
  /** A file of certificates to trust. */
  readonly cacert?: string;
}

/** Batches that wait for replies at a time. */
const IN_FLIGHT = 4;
/** Keys that are asked for at once. */
const KEYS_AT_ONCE = 1000;
/** Keys that a message names. */
const NAMED = 3;

/** Pushes the journal at `path` to the server at `url`. */
export async function push(
  path: string,
  url: string,
  options: PushOptions,
  reporter: Reporter,
): Promise<void> {
  const address = parseServerUrl(url);
  const { database, torn } = await loadJournal(path, reporter);
  try {
    if (torn > 0) reporter.warn(`${sizeText(torn)} at the end of ${path} never became part of it`);
    const server = await Server.connect(address, options.cacert);
    try {
      await new Push(database, server, address.database, options, reporter).run();
    } finally {
      server.close();
    }
  } finally {
    await database.close();
  }
}

class Push {
  #commands = 0;
  /** The database that the next command is for, as the journal counts them. */
  #selected = 0;
  /** Keys to remove before the first command for each, by database and name. */
  readonly #replaced = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly server: Server,
    /** The one database that the address names. */
    private readonly only: number | undefined,
    private readonly options: PushOptions,
    private readonly reporter: Reporter,
  ) {}

  async run(): Promise<void> {
    const { server, reporter } = this;
    const kind = serverKind(await server.text(['INFO', 'server']));
    const profile = this.options.profile === 'auto' ? kind.profile : this.options.profile;
    const keys = await keysOf(this.database);
    this.#refuseSeveral(keys);
    await this.#meetExisting(keys);
    const losses: ExportLosses[] = [];
    const frames = this.database.export({ profile, onLosses: (it) => losses.push(it) });
    await this.#send(frames, kind);
    for (const text of losses.flatMap((it) => lossesText(it, kind.name))) reporter.warn(text);
    const count = keys.reduce((sum, { names }) => sum + names.length, 0);
    const what = `${countText(count, 'key')} in ${countText(this.#commands, 'command')}`;
    reporter.note(`${what}: ${server.name}, ${kind.name}`);
  }

  /** One database of a server cannot hold several of ours. */
  #refuseSeveral(keys: ReadonlyArray<DatabaseKeys>): void {
    if (this.only === undefined || keys.length <= 1) return;
    const numbers = keys.map(({ index }) => index).join(', ');
    throw new ToolError(
      `there are keys in the databases ${numbers}, and the address names one: leave ` +
        `/${this.only} away to have each go where it was`,
    );
  }

  /** Finds the keys that the server has already: they are refused, or noted to be replaced. */
  async #meetExisting(keys: ReadonlyArray<DatabaseKeys>): Promise<void> {
    const existing: string[] = [];
    for (const { index, names } of keys) {
      await this.server.ask(['SELECT', this.only ?? index]);
      for (let at = 0; at < names.length; at += KEYS_AT_ONCE) {
        const batch = names.slice(at, at + KEYS_AT_ONCE);
        const replies = await Promise.all(batch.map((name) => this.server.ask(['EXISTS', name])));
        const found = batch.filter((_, place) => isOne(replies[place]));
        for (const name of found) this.#replaced.add(placeOf(index, name));
        existing.push(...found.map(nameText));
      }
    }
    if (existing.length === 0 || this.options.replace) return;
    const more = existing.length - NAMED;
    const named = existing.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
    throw new ToolError(
      `${this.server.name} has ${named} already, and nothing was changed: --replace replaces ` +
        'what is there',
    );
  }

  async #send(frames: ReadableStream<Uint8Array>, kind: ServerKind): Promise<void> {
    const progress = this.reporter.begin(`Pushing to ${this.server.name}`, 0, 'bytes');
    const waiting: Array<Promise<void>> = [];
    try {
      for await (const frame of frames) {
        const batch = this.#batch(frame, kind);
        if (batch.commands.length === 0) continue;
        const delivery = this.#deliver(batch);
        // Whether it failed is asked when its turn comes.
        delivery.catch(() => undefined);
        waiting.push(delivery);
        progress.advance(frame.length);
        if (waiting.length >= IN_FLIGHT) await waiting.shift();
      }
      while (waiting.length > 0) await waiting.shift();
    } finally {
      progress.end();
      // Those behind a refused one are refused by the same connection.
      await Promise.allSettled(waiting);
    }
  }

  /** What a frame becomes on its way to this server. */
  #batch(frame: Uint8Array, kind: ServerKind): Batch {
    const pieces: Uint8Array[] = [];
    const commands: SentCommand[] = [];
    const add = (words: ReadonlyArray<Uint8Array>, bytes: Uint8Array): void => {
      pieces.push(bytes);
      commands.push({ words, database: this.#selected });
    };
    for (const command of commandsOf(frame)) {
      const name = wordText(command, 0);
      if (name === 'SELECT') {
        this.#selected = Number(wordText(command, 1));
        if (this.only !== undefined) continue;
      } else {
        const key = keyOf(command.words);
        const place = key && this.#replaced.size > 0 ? placeOf(this.#selected, key) : undefined;
        if (key && place !== undefined && this.#replaced.delete(place)) {
          add([bytesOf('DEL'), key], encodeCommand(['DEL', key]));
        }
      }
      const plain = kind.isPlain ? withoutCounters(name, command.words) : undefined;
      add(command.words, plain ? encodeCommand(plain) : frame.subarray(command.start, command.end));
    }
    return { bytes: joined(pieces), commands };
  }

  async #deliver({ bytes, commands }: Batch): Promise<void> {
    let refused: { command: SentCommand; text: string } | undefined;
    const onReply = (reply: WireReply, place: number): void => {
      const command = commands[place];
      if (reply.kind === 'error' && command) refused ??= { command, text: reply.text };
    };
    try {
      await this.server.connection.sendEncoded(bytes, commands.length, onReply);
    } catch (error) {
      throw new ToolError(`${this.server.name} has gone: ${String(error)}. ${PARTLY}`);
    }
    if (refused) throw new ToolError(refusal(refused.command, refused.text));
    this.#commands += commands.length;
  }
}

/** What one write carries. */
interface Batch {
  readonly bytes: Uint8Array;
  readonly commands: ReadonlyArray<SentCommand>;
}

interface SentCommand {
  readonly words: ReadonlyArray<Uint8Array>;
  readonly database: number;
}

const PARTLY = 'Some of it has arrived by now: push again with --replace once that is put right';

function refusal({ words, database }: SentCommand, text: string): string {
  const key = keyOf(words);
  const name = words[0] ? new TextDecoder().decode(words[0]) : '';
  const where = key ? ` of ${nameText(key)} in database ${database}` : '';
  const isUnknown = /unknown (sub)?command/i.test(text);
  const advice = isUnknown ? ' An older --profile leaves out what the server does not know.' : '';
  return `the server refused ${name}${where}: ${text}.${advice} ${PARTLY}`;
}

/** The key of a command of an export. */
function keyOf(words: ReadonlyArray<Uint8Array>): Uint8Array | undefined {
  const name = words[0] ? new TextDecoder().decode(words[0]) : '';
  if (name === 'SELECT') return undefined;
  return words[name === 'XGROUP' ? 2 : 1];
}

/** XSETID and XGROUP CREATE for servers that count nothing. */
function withoutCounters(
  name: string,
  words: ReadonlyArray<Uint8Array>,
): ReadonlyArray<Uint8Array> | undefined {
  if (name === 'XSETID') return words.slice(0, 3);
  const isCreate = name === 'XGROUP' && words[1]?.length === 'CREATE'.length;
  return isCreate ? words.slice(0, 5) : undefined;
}

function wordText(command: FoundCommand, place: number): string {
  const word = command.words[place];
  return word ? new TextDecoder().decode(word) : '';
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function placeOf(database: number, name: Uint8Array): string {
  return `${database} ${Buffer.from(name).toString('latin1')}`;
}

function isOne(reply: WireReply | undefined): boolean {
  return reply?.kind === 'integer' && Number(reply.value) > 0;
}

function joined(pieces: ReadonlyArray<Uint8Array>): Uint8Array {
  return Buffer.concat(pieces);
}
