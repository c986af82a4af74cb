/** What has to be known of a session to begin another one where it was. */
import type { Argument, CommandArguments } from '../reply.js';
import { bytesOf } from '../resp/encode.js';
import type { Request } from '../resp/requests.js';
import { wordOf } from '../rest/commands.js';

/** Commands that change what a session is. */
const CHANGING = new Set(
  ('client discard exec hello multi psubscribe punsubscribe reset select ssubscribe subscribe ' +
    'sunsubscribe unsubscribe unwatch watch').split(' '),
);
const ENDING = new Set(['exec', 'discard', 'reset']);
/** As CLIENT LIST counts them. */
const KINDS = ['sub', 'psub', 'ssub'] as const;
const LISTENING = /^([ps]?)(un)?subscribe$/;

/** Longer ones are not kept. */
const LONGEST_NAME = 4096;

type Kind = (typeof KINDS)[number];

/** A session, small enough for an attachment. */
export interface Remembered {
  readonly resp: number;
  readonly db: number;
  readonly name: string;
  readonly library: string;
  readonly version: string;
  readonly channels: ReadonlyArray<readonly [Kind, Uint8Array]>;
  /** Requests since MULTI. */
  readonly queued: readonly Uint8Array[] | undefined;
}

const NEW: Remembered = {
  resp: 2,
  db: 0,
  name: '',
  library: '',
  version: '',
  channels: [],
  queued: undefined,
};

/** What CLIENT LIST says of a session. */
export type Fields = ReadonlyMap<string, string>;

/** Follows one session: by its requests, and by what the engine says came of them. */
export class Memory {
  /** Something about it cannot be had again. */
  #isLost = false;
  #watches = false;
  /** A transaction ends, one way or another. */
  #ends = false;
  readonly #channels = new Map<string, readonly [Kind, Uint8Array]>();
  #queued: Uint8Array[] | undefined;

  constructor(private known: Remembered = NEW) {
    for (const [kind, channel] of known.channels) this.#listen(kind, channel);
    this.#queued = known.queued ? [...known.queued] : undefined;
  }

  /** Whether requests are queued, by MULTI. */
  get isInTransaction(): boolean {
    return this.#queued !== undefined;
  }

  /** Whether nothing may follow before it is known what came of a transaction. */
  get isEnding(): boolean {
    return this.#ends;
  }

  /** Whether another session can take this one's place: not while it watches keys. */
  get canReturn(): boolean {
    return !this.#isLost && !this.#watches;
  }

  /** What another session has to be told. */
  get remembered(): Remembered {
    return this.known;
  }

  /** A request is sent. True: the engine must be asked what came of it. */
  sent({ words = [], bytes }: Request): boolean {
    const name = wordOf(words[0]);
    const isChange = CHANGING.has(name);
    if (this.#queued) {
      this.#queued.push(bytes);
      this.#ends = ENDING.has(name);
      // What is queued is not done, and may never be.
      if (LISTENING.test(name)) this.#isLost = true;
      return true;
    }
    if (name === 'multi') this.#queued = [];
    if (name === 'reset') this.#channels.clear();
    if (name === 'client' && wordOf(words[1]) === 'reply') this.#isLost = true;
    if (isChange) this.#hear(name, words);
    return isChange;
  }

  /** The engine has told. */
  learn(fields: Fields): void {
    const number = (name: string): number => Number(fields.get(name) ?? 0);
    this.#ends = false;
    if (number('multi') < 0) this.#queued = undefined;
    this.#watches = number('watch') > 0;
    const channels = [...this.#channels.values()];
    for (const kind of KINDS) {
      const count = channels.filter(([it]) => it === kind).length;
      if (count !== number(kind)) this.#isLost = true;
    }
    this.known = {
      resp: number('resp'),
      db: number('db'),
      name: fields.get('name') ?? '',
      library: fields.get('lib-name') ?? '',
      version: fields.get('lib-ver') ?? '',
      channels,
      queued: this.#queued,
    };
  }

  #hear(name: string, words: readonly Argument[]): void {
    const [, letter, isEnd] = LISTENING.exec(name) ?? [];
    if (letter === undefined) return;
    const kind = `${letter as '' | 'p' | 's'}sub` as const;
    const channels = words.slice(1).map(bytesOf);
    if (!isEnd) for (const channel of channels) this.#listen(kind, channel);
    else if (channels.length > 0) for (const it of channels) this.#channels.delete(keyOf(kind, it));
    else for (const [key, [it]] of this.#channels) if (it === kind) this.#channels.delete(key);
  }

  #listen(kind: Kind, channel: Uint8Array): void {
    if (channel.length > LONGEST_NAME) this.#isLost = true;
    else this.#channels.set(keyOf(kind, channel), [kind, channel]);
  }
}

/** Commands that make a new session what another one was, and how many replies they have. */
export function opening(session: Remembered): { commands: CommandArguments[]; replies: number } {
  const { resp, db, name, library, version, channels, queued } = session;
  const commands: CommandArguments[] = [];
  if (resp !== NEW.resp) commands.push(['HELLO', resp]);
  if (db !== 0) commands.push(['SELECT', db]);
  if (name) commands.push(['CLIENT', 'SETNAME', name]);
  if (library) commands.push(['CLIENT', 'SETINFO', 'LIB-NAME', library]);
  if (version) commands.push(['CLIENT', 'SETINFO', 'LIB-VER', version]);
  for (const [kind, channel] of channels) commands.push([`${kind}scribe`, channel]);
  if (queued) commands.push(['MULTI']);
  return { commands, replies: commands.length + (queued?.length ?? 0) };
}

function keyOf(kind: Kind, channel: Uint8Array): string {
  return `${kind} ${String.fromCharCode(...channel)}`;
}
