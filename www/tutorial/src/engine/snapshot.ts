/** What the picture shows: every stream with its groups, consumers and pending entries. */
import { field, list, number, text, type Value } from './value.ts';

/** An entry that a consumer has received and not acknowledged. */
export interface PendingEntry {
  readonly id: string;
  readonly deliveredAt: number;
  readonly deliveries: number;
}

/** A consumer with what it owes. */
export interface Consumer {
  readonly name: string;
  readonly seenAt: number;
  readonly pendingCount: number;
  readonly pending: readonly PendingEntry[];
}

/** A consumer group; `lag` is null when the engine cannot know it. */
export interface Group {
  readonly name: string;
  readonly lastDeliveredId: string;
  readonly lag: number | null;
  readonly pendingCount: number;
  readonly consumers: readonly Consumer[];
}

/** An entry with its fields and values in turn. */
export interface Entry {
  readonly id: string;
  readonly fields: readonly string[];
}

/** One stream; `entries` holds at most the first `ENTRY_LIMIT`. */
export interface Stream {
  readonly key: string;
  readonly length: number;
  readonly lastId: string;
  readonly entries: readonly Entry[];
  readonly groups: readonly Group[];
}

/** The streams at one moment, and how many other keys there are. */
export interface Snapshot {
  readonly now: number;
  readonly streams: readonly Stream[];
  readonly otherKeys: number;
}

type Ask = (args: readonly string[]) => Promise<Value | undefined>;

/** How many streams, and how many entries of each, are shown at most. */
const STREAM_LIMIT = 6;
const ENTRY_LIMIT = 200;

/** Reads the whole picture through ordinary commands. */
export async function takeSnapshot(ask: Ask, now: number): Promise<Snapshot> {
  const total = number(await ask(['DBSIZE'])) ?? 0;
  const found = list(await ask(['SCAN', '0', 'COUNT', '1000', 'TYPE', 'stream']));
  const keys = list(found[1]).map((key) => text(key) ?? '').sort();
  const streams: Stream[] = [];
  for (const key of keys.slice(0, STREAM_LIMIT)) {
    const info = await ask(['XINFO', 'STREAM', key, 'FULL', 'COUNT', String(ENTRY_LIMIT)]);
    if (info !== undefined) streams.push(readStream(key, info));
  }
  return { now, streams, otherKeys: Math.max(total - keys.length, 0) };
}

function readStream(key: string, info: Value): Stream {
  return {
    key,
    length: number(field(info, 'length')) ?? 0,
    lastId: text(field(info, 'last-generated-id')) ?? '0-0',
    entries: list(field(info, 'entries')).map(readEntry),
    groups: list(field(info, 'groups')).map(readGroup),
  };
}

function readEntry(entry: Value): Entry {
  const [id, fields] = list(entry);
  return { id: text(id) ?? '', fields: list(fields).map((each) => text(each) ?? '') };
}

function readGroup(group: Value): Group {
  return {
    name: text(field(group, 'name')) ?? '',
    lastDeliveredId: text(field(group, 'last-delivered-id')) ?? '0-0',
    lag: number(field(group, 'lag')),
    pendingCount: number(field(group, 'pel-count')) ?? 0,
    consumers: list(field(group, 'consumers')).map(readConsumer),
  };
}

function readConsumer(consumer: Value): Consumer {
  return {
    name: text(field(consumer, 'name')) ?? '',
    seenAt: number(field(consumer, 'seen-time')) ?? 0,
    pendingCount: number(field(consumer, 'pel-count')) ?? 0,
    pending: list(field(consumer, 'pending')).map((row) => {
      const [id, deliveredAt, deliveries] = list(row);
      return {
        id: text(id) ?? '',
        deliveredAt: number(deliveredAt) ?? 0,
        deliveries: number(deliveries) ?? 0,
      };
    }),
  };
}
