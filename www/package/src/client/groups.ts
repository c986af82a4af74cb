/** Consumer groups: read, acknowledge, claim, inspect. */
import {
  bulk,
  bulkOrNull,
  bulks,
  entriesOrNulls,
  integer,
  list,
  record,
  streams,
  text,
} from './decode.js';
import { pushCounted, pushOption, pushVariadic } from './runner.js';
import { deletionCodes, pushBounds, pushStreams, StreamCommands } from './streams.js';
import type { Argument, Reply } from '../reply.js';
import type {
  Bulk,
  RedisArgument,
  RedisVariadicArgument,
  StreamDeletionPolicy,
  StreamDeletionReplyCode,
  StreamMessage,
  StreamMessages,
  XAutoClaimJustIdReply,
  XAutoClaimOptions,
  XAutoClaimReply,
  XClaimOptions,
  XGroupCreateOptions,
  XGroupSetIdOptions,
  XInfoConsumer,
  XInfoGroup,
  XNackMode,
  XNackOptions,
  XPendingRangeEntry,
  XPendingRangeOptions,
  XPendingReply,
  XReadGroupOptions,
  XReadStreams,
} from './types.js';

/**
 * Commands on consumer groups. Without the group they reject with NOGROUP, except where said
 * otherwise; on a key of another type with WRONGTYPE.
 */
export abstract class GroupCommands<S extends Bulk> extends StreamCommands<S> {
  /**
   * Creates a group that reads what comes after `id`: `'$'` from now on, `'0'` from the start
   * (XGROUP CREATE). O(1). Rejects with BUSYGROUP when it exists, with ERR when the stream does
   * not and MKSTREAM was not given.
   */
  xGroupCreate(
    key: RedisArgument,
    group: RedisArgument,
    id: RedisArgument,
    options: XGroupCreateOptions = {},
  ): Promise<string> {
    const args: Argument[] = ['XGROUP', 'CREATE', key, group, id];
    if (options.MKSTREAM) args.push('MKSTREAM');
    pushOption(args, 'ENTRIESREAD', options.ENTRIESREAD);
    return this.run(args, text);
  }

  /** Creates a consumer: 1, or 0 when it exists (XGROUP CREATECONSUMER). O(1). */
  xGroupCreateConsumer(
    key: RedisArgument,
    group: RedisArgument,
    consumer: RedisArgument,
  ): Promise<number> {
    return this.run(['XGROUP', 'CREATECONSUMER', key, group, consumer], integer);
  }

  /**
   * Deletes a consumer with its pending entries, which nobody will be given again; resolves to
   * how many there were (XGROUP DELCONSUMER). O(pending).
   */
  xGroupDelConsumer(
    key: RedisArgument,
    group: RedisArgument,
    consumer: RedisArgument,
  ): Promise<number> {
    return this.run(['XGROUP', 'DELCONSUMER', key, group, consumer], integer);
  }

  /** Deletes a group: 1, or 0 when there is none (XGROUP DESTROY). O(pending). */
  xGroupDestroy(key: RedisArgument, group: RedisArgument): Promise<number> {
    return this.run(['XGROUP', 'DESTROY', key, group], integer);
  }

  /** Moves a group's last delivered ID (XGROUP SETID). O(1). */
  xGroupSetId(
    key: RedisArgument,
    group: RedisArgument,
    id: RedisArgument,
    options: XGroupSetIdOptions = {},
  ): Promise<string> {
    const args: Argument[] = ['XGROUP', 'SETID', key, group, id];
    pushOption(args, 'ENTRIESREAD', options.ENTRIESREAD);
    return this.run(args, text);
  }

  /**
   * Reads as a consumer of a group (XREADGROUP). The ID `'>'` delivers entries that nobody was
   * given, and makes them pending; any other ID gives this consumer's own pending entries after
   * it again, with an empty `message` when the entry was deleted. With BLOCK, `'>'` waits up to
   * that many milliseconds for the first entry; MAXCOUNT and MAXSIZE (since Redis 8.10) bound the
   * whole reply, in entries and in bytes.
   *
   * CLAIM (since Redis 8.4) first takes over what has been pending for so many milliseconds, from
   * any consumer, and each entry tells its `millisElapsedFromDelivery` and `deliveriesCounter`; for
   * an entry that was given back the former is the Unix time. A blocked read claims, too, once an
   * entry is due. Resolves to `[{ name, messages: [{ id, message }] }]`, null when there is
   * nothing. O(N).
   */
  xReadGroup(
    group: RedisArgument,
    consumer: RedisArgument,
    streamsToRead: XReadStreams,
    options: XReadGroupOptions = {},
  ): Promise<StreamMessages<S>[] | null> {
    const args: Argument[] = ['XREADGROUP', 'GROUP', group, consumer];
    pushBounds(args, options);
    pushOption(args, 'CLAIM', options.CLAIM);
    if (options.NOACK) args.push('NOACK');
    pushStreams(args, streamsToRead);
    return this.run(args, streams<S>, options.signal);
  }

  /** Acknowledges entries; resolves to how many were pending, 0 without the group (XACK). O(N). */
  xAck(key: RedisArgument, group: RedisArgument, id: RedisVariadicArgument): Promise<number> {
    return this.run(pushVariadic(['XACK', key, group], id), integer);
  }

  /**
   * Acknowledges entries and deletes them, in one step (XACKDEL, since Redis 8.2). Resolves to what
   * became of each ID, all -1 without the group: 1 acknowledged and deleted, 2 acknowledged but
   * kept for another group (ACKED only), -1 not pending. O(log N) each, O(groups) with DELREF and
   * ACKED.
   */
  xAckDel(
    key: RedisArgument,
    group: RedisArgument,
    id: RedisVariadicArgument,
    policy?: StreamDeletionPolicy,
  ): Promise<StreamDeletionReplyCode[]> {
    const args = policy ? ['XACKDEL', key, group, policy] : ['XACKDEL', key, group];
    return this.run(pushCounted(args, id), deletionCodes);
  }

  /**
   * Gives pending entries back to the group: nobody owns them, any claim takes them at once, and
   * before all others (XNACK, since Redis 8.8). `mode` says how the failed delivery counts.
   * Resolves to how many were given back. O(log N) each.
   */
  xNack(
    key: RedisArgument,
    group: RedisArgument,
    mode: XNackMode,
    id: RedisVariadicArgument,
    options: XNackOptions = {},
  ): Promise<number> {
    const args = pushCounted(['XNACK', key, group, mode], id);
    pushOption(args, 'RETRYCOUNT', options.RETRYCOUNT);
    if (options.FORCE) args.push('FORCE');
    return this.run(args, integer);
  }

  /**
   * Makes pending entries a consumer's own when they are idle for `minIdleTime` milliseconds;
   * resolves to those it got, as `[{ id, message }]` (XCLAIM). O(log N) each.
   */
  xClaim(
    key: RedisArgument,
    group: RedisArgument,
    consumer: RedisArgument,
    minIdleTime: number,
    id: RedisVariadicArgument,
    options: XClaimOptions = {},
  ): Promise<Array<StreamMessage<S> | null>> {
    const args = claimArguments([key, group, consumer, minIdleTime], id, options);
    return this.run(args, entriesOrNulls<S>);
  }

  /** As `xClaim`, resolving to the IDs, and leaving delivery counts alone (XCLAIM JUSTID). */
  xClaimJustId(
    key: RedisArgument,
    group: RedisArgument,
    consumer: RedisArgument,
    minIdleTime: number,
    id: RedisVariadicArgument,
    options: XClaimOptions = {},
  ): Promise<S[]> {
    const args = claimArguments([key, group, consumer, minIdleTime], id, options);
    args.push('JUSTID');
    return this.run(args, bulks<S>);
  }

  /**
   * Scans the pending entries from the ID `start` on, and claims those idle for `minIdleTime`
   * milliseconds (XAUTOCLAIM). Resolves to them, to where the next call should start, and to the
   * IDs that no longer exist. O(COUNT).
   */
  xAutoClaim(
    key: RedisArgument,
    group: RedisArgument,
    consumer: RedisArgument,
    minIdleTime: number,
    start: RedisArgument,
    options: XAutoClaimOptions = {},
  ): Promise<XAutoClaimReply<S>> {
    const args: Argument[] = ['XAUTOCLAIM', key, group, consumer, minIdleTime, start];
    pushOption(args, 'COUNT', options.COUNT);
    return this.run(args, (reply: Reply) => {
      const [next, messages, deleted] = list(reply) as [Reply, Reply, Reply];
      return {
        nextId: bulk<S>(next),
        messages: entriesOrNulls<S>(messages),
        deletedMessages: bulks<S>(deleted),
      };
    });
  }

  /** As `xAutoClaim`, resolving to IDs, and leaving delivery counts alone (XAUTOCLAIM JUSTID). */
  xAutoClaimJustId(
    key: RedisArgument,
    group: RedisArgument,
    consumer: RedisArgument,
    minIdleTime: number,
    start: RedisArgument,
    options: XAutoClaimOptions = {},
  ): Promise<XAutoClaimJustIdReply<S>> {
    const args: Argument[] = ['XAUTOCLAIM', key, group, consumer, minIdleTime, start];
    pushOption(args, 'COUNT', options.COUNT);
    args.push('JUSTID');
    return this.run(args, (reply: Reply) => {
      const [next, messages, deleted] = list(reply) as [Reply, Reply, Reply];
      return {
        nextId: bulk<S>(next),
        messages: bulks<S>(messages),
        deletedMessages: bulks<S>(deleted),
      };
    });
  }

  /** How many are pending, their lowest and highest ID, and whose (XPENDING). O(consumers). */
  xPending(key: RedisArgument, group: RedisArgument): Promise<XPendingReply<S>> {
    return this.run(['XPENDING', key, group], (reply: Reply) => {
      const [pending, first, last, consumers] = list(reply) as [Reply, Reply, Reply, Reply];
      return {
        pending: integer(pending),
        firstId: bulkOrNull<S>(first),
        lastId: bulkOrNull<S>(last),
        consumers: consumers === null ? null : list(consumers).map(pendingConsumer<S>),
      };
    });
  }

  /** Pending entries from `start` to `end`, at most `count` (XPENDING). O(N) for N looked at. */
  xPendingRange(
    key: RedisArgument,
    group: RedisArgument,
    start: RedisArgument,
    end: RedisArgument,
    count: number,
    options: XPendingRangeOptions = {},
  ): Promise<XPendingRangeEntry<S>[]> {
    const args: Argument[] = ['XPENDING', key, group];
    pushOption(args, 'IDLE', options.IDLE);
    args.push(start, end, count);
    if (options.consumer !== undefined) args.push(options.consumer);
    return this.run(args, (reply: Reply) => list(reply).map(pendingEntry<S>));
  }

  /** The groups of a stream (XINFO GROUPS). Rejects with ERR without the key. O(groups). */
  xInfoGroups(key: RedisArgument): Promise<XInfoGroup<S>[]> {
    return this.run(['XINFO', 'GROUPS', key], (reply: Reply) =>
      list(reply).map((group) => record(group) as unknown as XInfoGroup<S>),
    );
  }

  /** The consumers of a group (XINFO CONSUMERS). O(consumers). */
  xInfoConsumers(key: RedisArgument, group: RedisArgument): Promise<XInfoConsumer<S>[]> {
    return this.run(['XINFO', 'CONSUMERS', key, group], (reply: Reply) =>
      list(reply).map((consumer) => record(consumer) as unknown as XInfoConsumer<S>),
    );
  }
}

function claimArguments(
  head: Argument[],
  id: RedisVariadicArgument,
  options: XClaimOptions,
): Argument[] {
  const args = pushVariadic(['XCLAIM', ...head], id);
  const { TIME } = options;
  pushOption(args, 'IDLE', options.IDLE);
  pushOption(args, 'TIME', TIME instanceof Date ? TIME.getTime() : TIME);
  pushOption(args, 'RETRYCOUNT', options.RETRYCOUNT);
  if (options.FORCE) args.push('FORCE');
  pushOption(args, 'LASTID', options.LASTID);
  return args;
}

function pendingConsumer<S extends Bulk>(reply: Reply): { name: S; deliveriesCounter: number } {
  const [name, count] = list(reply) as [Reply, Reply];
  return { name: bulk<S>(name), deliveriesCounter: Number(text(count)) };
}

function pendingEntry<S extends Bulk>(reply: Reply): XPendingRangeEntry<S> {
  const [id, consumer, idle, deliveries] = list(reply) as [Reply, Reply, Reply, Reply];
  return {
    id: bulk<S>(id),
    consumer: bulk<S>(consumer),
    millisecondsSinceLastDelivery: integer(idle),
    deliveriesCounter: integer(deliveries),
  };
}
