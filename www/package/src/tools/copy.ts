/** Copies one key by commands that every server has, for those whose DUMP is of no use. */
import type { Connection } from '../connection.js';
import { plainReply, utf8, type Argument, type Reply, type WireReply } from '../reply.js';
import { compareIds } from './ids.js';

/** Where a key comes from. */
export interface CopySource {
  /** Rejects when the answer is an error. */
  ask(words: ReadonlyArray<Argument>): Promise<WireReply>;
  /** As `ask`, and an error is an answer. */
  try(words: ReadonlyArray<Argument>): Promise<WireReply>;
}

/** What became of a key. */
export interface Copied {
  /** False when the key has gone meanwhile. */
  readonly found: boolean;
  /** Idempotent IDs, which no command tells. */
  readonly leftOut: number;
}

const GONE: Copied = { found: false, leftOut: 0 };

/** Entries, or pending entries, that are asked for at once. */
const PAGE = 1000;
/** Commands to this side that wait for their replies at a time: one may be as long as an entry. */
const AT_ONCE = 64;

/** An entry that was delivered and not acknowledged. */
interface PendingEntry {
  readonly id: string;
  /** Empty when it was given back. */
  readonly consumer: Uint8Array;
  readonly deliveredAt: number;
  readonly deliveries: number | bigint;
  readonly isGivenBack: boolean;
}

/** A group as the source describes it. */
interface GroupCopy {
  readonly name: Uint8Array;
  readonly lastDeliveredId: string;
  readonly entriesRead: number | bigint;
  readonly consumers: ReadonlyArray<Uint8Array>;
  readonly pending: ReadonlyArray<PendingEntry>;
}

/** Copies a key of the source to one that is not there yet. */
export async function copyByCommands(
  source: CopySource,
  local: Connection,
  key: Uint8Array,
  type: 'stream' | 'string',
): Promise<Copied> {
  if (type === 'stream') return new StreamCopy(source, local, key).run();
  const value = await source.ask(['GET', key]);
  if (value.kind !== 'bulk') return GONE;
  await local.send(['SET', key, value.bytes]);
  return { found: true, leftOut: 0 };
}

class StreamCopy {
  constructor(
    private readonly source: CopySource,
    private readonly local: Connection,
    private readonly key: Uint8Array,
  ) {}

  async run(): Promise<Copied> {
    const { key } = this;
    const info = await this.source.try(['XINFO', 'STREAM', key]);
    if (info.kind === 'error' && info.text.startsWith('ERR no such key')) return GONE;
    const stream = mapOf(await this.#ask(['XINFO', 'STREAM', key]));
    const groups = await this.#groups();
    const pending = groups.flatMap((group) => group.pending.map(({ id }) => id));
    const placeholders = await this.#entries([...new Set(pending)].sort(compareIds));
    const lastId = textOf(stream.get('last-generated-id')) || '0-0';
    await this.#position(stream, lastId, placeholders.at(-1));
    for (const group of groups) await this.#group(group);
    for (const id of placeholders) await this.local.send(['XDEL', key, id]);
    if (placeholders.length > 0) await this.#position(stream, lastId, undefined);
    return { found: true, leftOut: Number(stream.get('iids-tracked') ?? 0) };
  }

  /**
   * Copies the entries, and makes placeholders for those that are pending and gone: they have to be
   * there to be made pending. Resolves to the placeholders.
   */
  async #entries(pending: string[]): Promise<string[]> {
    const placeholders: string[] = [];
    let next = 0;
    let start = '-';
    let added = 0;
    const add = async (entries: ReadonlyArray<readonly [string, ReadonlyArray<Uint8Array>]>) => {
      for (let at = 0; at < entries.length; at += AT_ONCE) {
        const batch = entries.slice(at, at + AT_ONCE);
        await Promise.all(
          batch.map(([id, words]) => this.local.send(['XADD', this.key, id, ...words])),
        );
      }
      added += entries.length;
    };
    for (;;) {
      const page = entriesOf(await this.#ask(['XRANGE', this.key, start, '+', 'COUNT', PAGE]));
      const all: Array<readonly [string, ReadonlyArray<Uint8Array>]> = [];
      for (const [id, words] of page) {
        for (; next < pending.length && compareIds(pending[next] ?? '', id) < 0; next++) {
          placeholders.push(pending[next] ?? '');
          all.push([pending[next] ?? '', EMPTY]);
        }
        if (pending[next] === id) next += 1;
        all.push([id, words]);
      }
      await add(all);
      const last = page.at(-1)?.[0];
      if (last === undefined || page.length < PAGE) break;
      start = `(${last}`;
    }
    const rest = pending.slice(next);
    placeholders.push(...rest);
    await add(rest.map((id) => [id, EMPTY]));
    // Redis' own way to say that there is a stream, and that it is empty.
    if (added === 0) await this.local.send(['XADD', this.key, 'MAXLEN', 0, '0-1', '', '']);
    return placeholders;
  }

  /** Counters are newer than streams: a server may not tell them. */
  async #position(stream: Map<string, Reply>, lastId: string, atLeast: string | undefined) {
    const id = atLeast !== undefined && compareIds(atLeast, lastId) > 0 ? atLeast : lastId;
    const words: Argument[] = ['XSETID', this.key, id];
    const added = stream.get('entries-added');
    const length = await this.local.send(['XLEN', this.key]);
    if (isNumber(added) && added >= Number(length)) words.push('ENTRIESADDED', String(added));
    const deleted = textOf(stream.get('max-deleted-entry-id'));
    if (deleted !== '' && compareIds(deleted, id) <= 0) words.push('MAXDELETEDID', deleted);
    await this.local.send(words);
  }

  async #groups(): Promise<GroupCopy[]> {
    const groups: GroupCopy[] = [];
    for (const reply of listOf(await this.#ask(['XINFO', 'GROUPS', this.key]))) {
      const group = mapOf(reply);
      const name = bytesOf(group.get('name'));
      const read = group.get('entries-read');
      const consumers = listOf(await this.#ask(['XINFO', 'CONSUMERS', this.key, name]));
      groups.push({
        name,
        lastDeliveredId: textOf(group.get('last-delivered-id')),
        entriesRead: isNumber(read) ? read : -1,
        consumers: consumers.map((consumer) => bytesOf(mapOf(consumer).get('name'))),
        pending: await this.#pending(name),
      });
    }
    return groups;
  }

  async #pending(group: Uint8Array): Promise<PendingEntry[]> {
    const all: PendingEntry[] = [];
    let start = '-';
    for (;;) {
      const range = ['XPENDING', this.key, group, start, '+', PAGE];
      // Both on their way at once: how long it takes does not make anything older.
      const [now, reply] = await Promise.all([this.#now(), this.#ask(range)]);
      const page = listOf(reply);
      for (const reply of page) {
        const [id, consumer, idle, deliveries] = listOf(reply);
        const millis = isNumber(idle) ? Number(idle) : 0;
        all.push({
          id: textOf(id),
          consumer: bytesOf(consumer),
          deliveredAt: millis < 0 ? 0 : now - millis,
          deliveries: isNumber(deliveries) ? deliveries : 1,
          isGivenBack: millis < 0,
        });
      }
      const last = all.at(-1)?.id;
      if (last === undefined || page.length < PAGE) return all;
      start = `(${last}`;
    }
  }

  /** The time by the clock that idle times are told by, in Unix milliseconds. */
  async #now(): Promise<number> {
    const reply = await this.source.try(['TIME']);
    const [seconds, micros] = listOf(plainReply(reply, false)).map(Number);
    if (seconds === undefined || micros === undefined) return Date.now();
    return seconds * 1000 + Math.floor(micros / 1000);
  }

  async #group({ name, lastDeliveredId, entriesRead, consumers, pending }: GroupCopy) {
    const { key, local } = this;
    const create = ['XGROUP', 'CREATE', key, name, lastDeliveredId];
    await local.send([...create, 'ENTRIESREAD', String(entriesRead)]);
    for (const consumer of consumers) {
      await local.send(['XGROUP', 'CREATECONSUMER', key, name, consumer]);
    }
    for (let at = 0; at < pending.length; at += AT_ONCE) {
      const batch = pending.slice(at, at + AT_ONCE);
      await Promise.all(batch.map((entry) => local.send(this.#claim(name, entry))));
    }
  }

  #claim(group: Uint8Array, entry: PendingEntry): Argument[] {
    const { id, consumer, deliveredAt, deliveries, isGivenBack } = entry;
    const count = ['RETRYCOUNT', String(deliveries)];
    if (isGivenBack) {
      return ['XNACK', this.key, group, 'FAIL', 'IDS', 1, id, ...count, 'FORCE'];
    }
    const time = ['TIME', deliveredAt];
    return ['XCLAIM', this.key, group, consumer, 0, id, ...time, ...count, 'FORCE', 'JUSTID'];
  }

  async #ask(words: ReadonlyArray<Argument>): Promise<Reply> {
    return plainReply(await this.source.ask(words), true);
  }
}

/** The fields of a placeholder: one, without a name. */
const EMPTY: ReadonlyArray<Uint8Array> = [new Uint8Array(0), new Uint8Array(0)];

function entriesOf(reply: Reply): Array<readonly [string, ReadonlyArray<Uint8Array>]> {
  return listOf(reply).map((entry) => {
    const [id, words] = listOf(entry);
    return [textOf(id), listOf(words).map(bytesOf)] as const;
  });
}

/** A map as RESP2 tells it, names and values by turns. */
function mapOf(reply: Reply | undefined): Map<string, Reply> {
  const items = listOf(reply);
  const map = new Map<string, Reply>();
  for (let at = 0; at + 1 < items.length; at += 2) {
    map.set(textOf(items[at]), items[at + 1] ?? null);
  }
  return map;
}

function listOf(reply: Reply | undefined): ReadonlyArray<Reply> {
  return Array.isArray(reply) ? reply : [];
}

function bytesOf(reply: Reply | undefined): Uint8Array {
  return reply instanceof Uint8Array ? reply : new TextEncoder().encode(textOf(reply));
}

function textOf(reply: Reply | undefined): string {
  if (reply instanceof Uint8Array) return utf8(reply);
  return typeof reply === 'string' ? reply : '';
}

function isNumber(reply: Reply | undefined): reply is number | bigint {
  return typeof reply === 'number' || typeof reply === 'bigint';
}
