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
import { pushOption, pushVariadic } from './runner.js';
import { ServerCommands } from './server.js';
import type { Argument, Reply } from '../reply.js';
import type {
  Bulk,
  RedisArgument,
  RedisVariadicArgument,
  StreamMessage,
  StreamMessages,
  XAddOptions,
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
   * last one itself. With BLOCK it waits up to that many milliseconds for the first entry.
   * Resolves to `[{ name, messages: [{ id, message }] }]`, null when there are none. O(N).
   */
  xRead(streamsToRead: XReadStreams, options: XReadOptions = {}): Promise<
    StreamMessages<S>[] | null
  > {
    const args: Argument[] = ['XREAD'];
    pushOption(args, 'COUNT', options.COUNT);
    pushOption(args, 'BLOCK', options.BLOCK);
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
   * Trims to a number of entries (MAXLEN) or to the entries from an ID on (MINID); resolves to
   * how many were removed (XTRIM). O(N) for N removed.
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
    pushOption(args, 'LIMIT', options.LIMIT);
    return this.run(args, integer);
  }

  /** Length, IDs, groups, first and last entry (XINFO STREAM). Rejects without the key. O(1). */
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
   * 0 = all) (XINFO STREAM FULL). Rejects without the key. O(N) for N shown.
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
  { TRIM }: XAddOptions,
): Argument[] {
  if (TRIM) {
    args.push(TRIM.strategy);
    if (TRIM.strategyModifier) args.push(TRIM.strategyModifier);
    args.push(TRIM.threshold);
    pushOption(args, 'LIMIT', TRIM.limit);
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
