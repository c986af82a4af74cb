/** The shapes of commands on consumer groups. */
import type { Bulk, RedisArgument } from './basic.js';
import type { StreamMessage, XReadOptions } from './streams.js';

/** Options of `xReadGroup`. */
export interface XReadGroupOptions extends XReadOptions {
  /** Deliver without making the entries pending. */
  NOACK?: boolean;
  /**
   * Before new entries (`'>'`), claim those pending for at least this many milliseconds, longest
   * first, and tell of every entry how long and how often it was delivered.
   */
  CLAIM?: number;
}

/**
 * How `xNack` counts the delivery that failed. SILENT: as if it had not been, one less. FAIL: as
 * it was. FATAL: as the last of all, 2⁶³−1.
 */
export type XNackMode = 'SILENT' | 'FAIL' | 'FATAL';

/** Options of `xNack`. */
export interface XNackOptions {
  /** Set the delivery count, whatever the mode. */
  RETRYCOUNT?: number;
  /** Make entries pending, and nobody's, that were not pending. */
  FORCE?: boolean;
}

/** Options of `xGroupCreate`. */
export interface XGroupCreateOptions {
  /** Create the stream when it does not exist. */
  MKSTREAM?: boolean;
  ENTRIESREAD?: number;
}

/** Options of `xGroupSetId`. */
export interface XGroupSetIdOptions {
  ENTRIESREAD?: number;
}

/** Options of `xClaim`. */
export interface XClaimOptions {
  /** Set the idle time, in milliseconds. */
  IDLE?: number;
  /** Set the time of the last delivery (Unix milliseconds). */
  TIME?: number | Date;
  /** Set the delivery count. */
  RETRYCOUNT?: number;
  /** Make the entry pending even when it is nobody's yet. */
  FORCE?: boolean;
  /** Raise the group's last delivered ID to this one. */
  LASTID?: RedisArgument;
}

/** Options of `xAutoClaim`. */
export interface XAutoClaimOptions {
  /** Most entries to claim (100). */
  COUNT?: number;
}

/** Reply of `xAutoClaim`. */
export interface XAutoClaimReply<S extends Bulk = string> {
  /** Where the next call should start; `0-0` when the whole list was scanned. */
  nextId: S;
  messages: Array<StreamMessage<S> | null>;
  /** IDs that were pending and no longer exist; they are pending no more. */
  deletedMessages: S[];
}

/** Reply of `xAutoClaimJustId`. */
export interface XAutoClaimJustIdReply<S extends Bulk = string> {
  nextId: S;
  messages: S[];
  deletedMessages: S[];
}

/** Reply of `xPending`. */
export interface XPendingReply<S extends Bulk = string> {
  pending: number;
  firstId: S | null;
  lastId: S | null;
  /** Pending entries of each consumer that has any; null when nothing is pending. */
  consumers: Array<{ name: S; deliveriesCounter: number }> | null;
}

/** Options of `xPendingRange`. */
export interface XPendingRangeOptions {
  /** Only entries idle for at least this many milliseconds. */
  IDLE?: number;
  /** Only entries of this consumer. */
  consumer?: RedisArgument;
}

/** One pending entry. */
export interface XPendingRangeEntry<S extends Bulk = string> {
  id: S;
  /** Empty when the entry was given back (`xNack`). */
  consumer: S;
  /** -1 when the entry was given back. */
  millisecondsSinceLastDelivery: number;
  deliveriesCounter: number;
}

/** One group of `xInfoGroups`. */
export interface XInfoGroup<S extends Bulk = string> {
  name: S;
  consumers: number;
  pending: number;
  'last-delivered-id': S;
  /** null when it cannot be known. */
  'entries-read': number | null;
  /** Entries not delivered yet; null when it cannot be known. */
  lag: number | null;
}

/** One consumer of `xInfoConsumers`. */
export interface XInfoConsumer<S extends Bulk = string> {
  name: S;
  pending: number;
  /** Milliseconds since it last tried to read or claim. */
  idle: number;
  /** Milliseconds since it last got an entry; -1 when it never did. */
  inactive: number;
}
