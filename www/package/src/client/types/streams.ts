/** The shapes of commands on streams. */
import type { Bulk, RedisArgument } from './basic.js';

/** An entry: its ID and its fields. A field that occurs twice keeps its last value. */
export interface StreamMessage<S extends Bulk = string> {
  id: S;
  /** Empty when the entry was deleted: a consumer's history still names it. */
  message: Record<string, S>;
  /** With CLAIM: milliseconds since it was last delivered; 0 for a new entry. */
  millisElapsedFromDelivery?: number;
  /** With CLAIM: how often it was delivered before; 0 for a new entry. */
  deliveriesCounter?: number;
}

/** What XREAD and XREADGROUP deliver from one stream. */
export interface StreamMessages<S extends Bulk = string> {
  name: string;
  messages: StreamMessage<S>[];
}

/**
 * What becomes of groups' references to entries that are deleted: KEEPREF keeps them pending
 * (the default), DELREF takes them out of every group, ACKED deletes only what every group has
 * been delivered and has acknowledged.
 */
export type StreamDeletionPolicy = 'KEEPREF' | 'DELREF' | 'ACKED';

/**
 * What became of one ID: 1 deleted, -1 not there (or not pending, of `xAckDel`), 2 kept because a
 * group has not read or not acknowledged it (ACKED only, which asks that first: also of an ID that
 * is not there).
 */
export type StreamDeletionReplyCode = -1 | 1 | 2;

/** How to trim a stream. */
export interface StreamTrim {
  /** Keep `threshold` entries, or the entries from the ID `threshold` on. */
  strategy: 'MAXLEN' | 'MINID';
  /** `=` trims exactly, `~` whole blocks only (cheaper). */
  strategyModifier?: '=' | '~';
  threshold: number | RedisArgument;
  /** Most entries to remove; with `~` only. */
  limit?: number;
  /** What becomes of references to the trimmed entries (KEEPREF). */
  policy?: StreamDeletionPolicy;
}

/** Options of `xAdd`. */
export interface XAddOptions {
  /** As `TRIM.policy`. */
  policy?: StreamDeletionPolicy;
  /** Producer `pid` adds what it calls `iid` only once. Wins over IDMP, when both are given. */
  IDMPAUTO?: {
    /** The producer: unique, and the same after it restarts. The `iid` is made of the fields. */
    pid: RedisArgument;
  };
  /** As IDMPAUTO, with an `iid` of your own. */
  IDMP?: {
    pid: RedisArgument;
    /** What the producer calls this entry; unique for the producer. */
    iid: RedisArgument;
  };
  TRIM?: StreamTrim;
}

/** Options of an exact `xTrim`. */
export interface XTrimExactOptions {
  strategyModifier?: '=';
  /** What becomes of references to the trimmed entries (KEEPREF). */
  policy?: StreamDeletionPolicy;
}

/** Options of an approximate `xTrim`: whole blocks only, which is cheaper. */
export interface XTrimApproximateOptions {
  strategyModifier: '~';
  /** Most entries to remove. */
  LIMIT?: number;
  /** What becomes of references to the trimmed entries (KEEPREF). */
  policy?: StreamDeletionPolicy;
}

/** Options of `xTrim`. */
export type XTrimOptions = XTrimExactOptions | XTrimApproximateOptions;

/** Options of `xRange` and `xRevRange`. */
export interface XRangeOptions {
  COUNT?: number;
}

/** A stream to read, and the ID after which to read it. */
export interface XReadStream {
  key: RedisArgument;
  id: RedisArgument;
}

/** One stream or several. */
export type XReadStreams = XReadStream | ReadonlyArray<XReadStream>;

/** Options of `xRead`. */
export interface XReadOptions {
  /** Most entries of each stream. */
  COUNT?: number;
  /** Most entries of all streams together; not below COUNT. */
  MAXCOUNT?: number;
  /** Bytes of the reply after which no further entry is begun; one is always delivered. */
  MAXSIZE?: number;
  /** Milliseconds to wait for an entry; 0 waits for ever. */
  BLOCK?: number;
  /** Ends the wait: the read rejects with AbortError and has delivered nothing. */
  signal?: AbortSignal;
}

/** Options of `xSetId`. */
export interface XSetIdOptions {
  ENTRIESADDED?: number;
  MAXDELETEDID?: RedisArgument;
}

/** Options of `xCfgSet`: at least one of them. */
export interface XCfgSetOptions {
  /** Seconds for which idempotent IDs are remembered, 1 to 86400 (100). */
  IDMP_DURATION?: number;
  /** How many of them are remembered for each producer, 1 to 10000 (100). */
  IDMP_MAXSIZE?: number;
}

/** What both replies of XINFO STREAM begin with, under Redis' own field names. */
export interface XInfoStreamCounters<S extends Bulk = string> {
  length: number;
  'radix-tree-keys': number;
  'radix-tree-nodes': number;
  'last-generated-id': S;
  'max-deleted-entry-id': S;
  'entries-added': number;
  'recorded-first-entry-id': S;
  /** Seconds for which idempotent IDs are remembered. */
  'idmp-duration': number;
  /** How many are remembered for each producer. */
  'idmp-maxsize': number;
  /** Producers that are remembered now. */
  'pids-tracked': number;
  /** Idempotent IDs that are remembered now. */
  'iids-tracked': number;
  /** Entries that were ever added with an idempotent ID. */
  'iids-added': number;
  /** Calls that were ever refused as duplicates. */
  'iids-duplicates': number;
}

/** Reply of `xInfoStream`. */
export interface XInfoStreamReply<S extends Bulk = string> extends XInfoStreamCounters<S> {
  groups: number;
  'first-entry': StreamMessage<S> | null;
  'last-entry': StreamMessage<S> | null;
}

/** A pending entry as `xInfoStreamFull` shows it. Times are Unix milliseconds. */
export interface XInfoFullPending<S extends Bulk = string> {
  id: S;
  /** The owner, empty when it was given back (`xNack`); absent in a consumer's own list. */
  consumer?: S;
  deliveredAt: number;
  deliveriesCounter: number;
}

/** Reply of `xInfoStreamFull`. */
export interface XInfoStreamFullReply<S extends Bulk = string> extends XInfoStreamCounters<S> {
  entries: StreamMessage<S>[];
  groups: Array<{
    name: S;
    'last-delivered-id': S;
    'entries-read': number | null;
    lag: number | null;
    'pel-count': number;
    /** Pending entries that were given back and are nobody's. */
    'nacked-count': number;
    pending: XInfoFullPending<S>[];
    consumers: Array<{
      name: S;
      'seen-time': number;
      /** -1 when it never received an entry. */
      'active-time': number;
      'pel-count': number;
      pending: XInfoFullPending<S>[];
    }>;
  }>;
}
