/** Streams: append, read, trim, inspect. */
import {
  bulk,
  bulkOrNull,
  entries,
  entryOrNull,
  integer,
  list,
  pendingRows,
  record,
  streams,
  text,
} from './decode.js';
import { pushCounted, pushOption, pushVariadic } from './runner.js';
import { ServerCommands } from './server.js';
import type { Argument, Reply } from '../reply.js';
import type {
  Bulk,
  RedisArgument,
  RedisVariadicArgument,
  StreamDeletionPolicy,
  StreamDeletionReplyCode,
  StreamMessage,
  StreamMessages,
  XAddOptions,
  XCfgSetOptions,
  XInfoStreamFullReply,
  XInfoStreamReply,
  XRangeOptions,
  XReadOptions,
  XReadStreams,
  XSetIdOptions,
  XTrimOptions,
} from './types.js';

/** Commands on streams. On a key of another type they reject with WRONGTYPE. */
export abstract class StreamCommands<S extends Bulk> extends ServerCommands<S> {
  /**
   * Appends an entry, creating the stream if need be (XADD). O(1), and O(N) for N trimmed.
   * The ID is `'*'` for the next one, `'<ms>-*'`, or explicit and above the last; resolves to it.
   * Rejects with ERR when the ID is not above the last one, with OOM at the memory limit.
   *
   * With IDMP or IDMPAUTO (since Redis 8.6; the ID must be `'*'`) an entry that its producer added
   * already is not added again: resolves to the ID that it got then. `xCfgSet` says how long that
   * is remembered.
   */
  xAdd(
    key: RedisArgument,
    id: RedisArgument,
    message: Record<string, RedisArgument>,
    options: XAddOptions = {},
  ): Promise<S> {
    return this.run(addArguments(['XADD', key], id, message, options), bulk<S>);
  }

  /** As `xAdd`, but resolves to null when the stream does not exist (XADD NOMKSTREAM). */
  xAddNoMkStream(
    key: RedisArgument,
    id: RedisArgument,
    message: Record<string, RedisArgument>,
    options: XAddOptions = {},
  ): Promise<S | null> {
    return this.run(
      addArguments(['XADD', key, 'NOMKSTREAM'], id, message, options),
      bulkOrNull<S>,
    );
  }

  /** Deletes entries by ID; resolves to how many there were (XDEL). O(1) each. */
  xDel(key: RedisArgument, id: RedisVariadicArgument): Promise<number> {
    return this.run(pushVariadic(['XDEL', key], id), integer);
  }

  /**
   * Deletes entries by ID, with a say in what becomes of groups' references to them (XDELEX,
   * since Redis 8.2). Resolves to what became of each ID, all -1 without the stream. Rejects with
   * ERR when an ID is none. O(1) each, O(groups) with DELREF and ACKED.
   */
  xDelEx(
    key: RedisArgument,
    id: RedisVariadicArgument,
    policy?: StreamDeletionPolicy,
  ): Promise<StreamDeletionReplyCode[]> {
    const args = policy ? ['XDELEX', key, policy] : ['XDELEX', key];
    return this.run(pushCounted(args, id), deletionCodes);
  }

  /** The number of entries, 0 without the stream (XLEN). O(1). */
  xLen(key: RedisArgument): Promise<number> {
    return this.run(['XLEN', key], integer);
  }

  /**
   * Entries from `start` to `end`, both included: `'-'` and `'+'` are the ends, `'(ID'` excludes
   * (XRANGE). Resolves to `[{ id, message }]`, empty without the stream. O(N) for N delivered.
   */
  xRange(
    key: RedisArgument,
    start: RedisArgument,
    end: RedisArgument,
    options: XRangeOptions = {},
  ): Promise<StreamMessage<S>[]> {
    const args: Argument[] = ['XRANGE', key, start, end];
    pushOption(args, 'COUNT', options.COUNT);
    return this.run(args, entries<S>);
  }

  /** As `xRange`, backwards: from the higher ID `start` to the lower `end` (XREVRANGE). */
  xRevRange(
    key: RedisArgument,
    start: RedisArgument,
    end: RedisArgument,
    options: XRangeOptions = {},
  ): Promise<StreamMessage<S>[]> {
    const args: Argument[] = ['XREVRANGE', key, start, end];
    pushOption(args, 'COUNT', options.COUNT);
    return this.run(args, entries<S>);
  }

  /**
   * Entries after an ID, of one or more streams (XREAD). `'$'` is the last entry now, `'+'` the
   * last one itself. With BLOCK it waits up to that many milliseconds for the first entry;
   * MAXCOUNT and MAXSIZE (since Redis 8.10) bound the whole reply, in entries and in bytes.
   * Resolves to `[{ name, messages: [{ id, message }] }]`, null when there are none. O(N).
   */
  xRead(streamsToRead: XReadStreams, options: XReadOptions = {}): Promise<
    StreamMessages<S>[] | null
  > {
    const args: Argument[] = ['XREAD'];
    pushBounds(args, options);
    pushStreams(args, streamsToRead);
    return this.run(args, streams<S>, options.signal);
  }

  /**
   * Sets a stream's last ID, and its counters (XSETID). O(1). Rejects with ERR when there is no
   * such stream, or when the ID lies below an entry that exists.
   */
  xSetId(key: RedisArgument, lastId: RedisArgument, options: XSetIdOptions = {}): Promise<string> {
    const args: Argument[] = ['XSETID', key, lastId];
    pushOption(args, 'ENTRIESADDED', options.ENTRIESADDED);
    pushOption(args, 'MAXDELETEDID', options.MAXDELETEDID);
    return this.run(args, text);
  }

  /**
   * Sets for how long, and how many for each producer, the stream remembers idempotent IDs
   * (XCFGSET, since Redis 8.6). Another limit than before forgets all that it remembers. Rejects
   * with ERR without the stream, without an option, or with one out of bounds. O(N) forgotten.
   */
  xCfgSet(key: RedisArgument, options: XCfgSetOptions): Promise<string> {
    const args: Argument[] = ['XCFGSET', key];
    pushOption(args, 'IDMP-DURATION', options.IDMP_DURATION);
    pushOption(args, 'IDMP-MAXSIZE', options.IDMP_MAXSIZE);
    return this.run(args, text);
  }

  /**
   * Says which entry an idempotent ID of a producer stands for: what a replay of XADD IDMP needs
   * (XIDMPRECORD, since Redis 8.6.2). node-redis lacks it. Rejects with ERR without the stream or
   * the entry, and when the idempotent ID stands for another entry. O(log N).
   */
  xIdmpRecord(
    key: RedisArgument,
    pid: RedisArgument,
    iid: RedisArgument,
    id: RedisArgument,
  ): Promise<string> {
    return this.run(['XIDMPRECORD', key, pid, iid, id], text);
  }

  /**
   * Trims to a number of entries (MAXLEN) or to the entries from an ID on (MINID); resolves to
   * how many were removed, 0 without the stream (XTRIM). O(N) for N removed. `policy` (since Redis
   * 8.2) says what becomes of groups' references to them.
   */
  xTrim(
    key: RedisArgument,
    strategy: 'MAXLEN' | 'MINID',
    threshold: number | RedisArgument,
    options: XTrimOptions = {},
  ): Promise<number> {
    const args: Argument[] = ['XTRIM', key, strategy];
    if (options.strategyModifier) args.push(options.strategyModifier);
    args.push(threshold);
    if (options.strategyModifier === '~') pushOption(args, 'LIMIT', options.LIMIT);
    if (options.policy) args.push(options.policy);
    return this.run(args, integer);
  }

  /**
   * Length, IDs, idempotent IDs, groups, first and last entry (XINFO STREAM). Rejects with ERR
   * without the key. O(producers).
   */
  xInfoStream(key: RedisArgument): Promise<XInfoStreamReply<S>> {
    return this.run(['XINFO', 'STREAM', key], (reply: Reply) => {
      const info = record(reply);
      const first = entryOrNull<S>(info['first-entry'] ?? null);
      const last = entryOrNull<S>(info['last-entry'] ?? null);
      return { ...info, 'first-entry': first, 'last-entry': last } as XInfoStreamReply<S>;
    });
  }

  /**
   * Everything about a stream: entries, groups, consumers, pending entries, `COUNT` of each (10;
   * 0 = all) (XINFO STREAM FULL). Rejects with ERR without the key. O(N) for N shown.
   */
  xInfoStreamFull(
    key: RedisArgument,
    options: { COUNT?: number } = {},
  ): Promise<XInfoStreamFullReply<S>> {
    const args: Argument[] = ['XINFO', 'STREAM', key, 'FULL'];
    pushOption(args, 'COUNT', options.COUNT);
    return this.run(args, (reply: Reply) => {
      const info = record(reply);
      const shown = entries<S>(info['entries'] ?? []);
      const groups = list(info['groups'] ?? []).map(fullGroup<S>);
      return { ...info, entries: shown, groups } as XInfoStreamFullReply<S>;
    });
  }
}

/** Pushes what bounds a read and its reply. */
export function pushBounds(args: Argument[], options: XReadOptions): void {
  pushOption(args, 'COUNT', options.COUNT);
  pushOption(args, 'MAXCOUNT', options.MAXCOUNT);
  pushOption(args, 'MAXSIZE', options.MAXSIZE);
  pushOption(args, 'BLOCK', options.BLOCK);
}

/** What became of each ID of `xDelEx` and `xAckDel`. */
export function deletionCodes(reply: Reply): StreamDeletionReplyCode[] {
  return reply as StreamDeletionReplyCode[];
}

/** Pushes `STREAMS key… id…`. */
export function pushStreams(args: Argument[], streamsToRead: XReadStreams): void {
  const all = 'key' in streamsToRead ? [streamsToRead] : streamsToRead;
  args.push('STREAMS');
  for (const { key } of all) args.push(key);
  for (const { id } of all) args.push(id);
}

function addArguments(
  args: Argument[],
  id: RedisArgument,
  message: Record<string, RedisArgument>,
  { policy, IDMPAUTO, IDMP, TRIM }: XAddOptions,
): Argument[] {
  if (policy) args.push(policy);
  if (IDMPAUTO) args.push('IDMPAUTO', IDMPAUTO.pid);
  else if (IDMP) args.push('IDMP', IDMP.pid, IDMP.iid);
  if (TRIM) {
    args.push(TRIM.strategy);
    if (TRIM.strategyModifier) args.push(TRIM.strategyModifier);
    args.push(TRIM.threshold);
    pushOption(args, 'LIMIT', TRIM.limit);
    if (TRIM.policy) args.push(TRIM.policy);
  }
  args.push(id);
  for (const field of Object.keys(message)) {
    args.push(field, message[field] as RedisArgument);
  }
  return args;
}

function fullGroup<S extends Bulk>(reply: Reply): XInfoStreamFullReply<S>['groups'][number] {
  const group = record(reply);
  const pending = pendingRows<S>(group['pending'] ?? []);
  const consumers = list(group['consumers'] ?? []).map((row) => {
    const consumer = record(row);
    return { ...consumer, pending: pendingRows<S>(consumer['pending'] ?? []) };
  });
  return { ...group, pending, consumers } as XInfoStreamFullReply<S>['groups'][number];
}
