/** The argument and reply shapes of the typed client, as node-redis has them. */

/** A key, an ID, a name or a value: text, or bytes. */
export type RedisArgument = string | Uint8Array;

/** One or several. */
export type RedisVariadicArgument = RedisArgument | ReadonlyArray<RedisArgument>;

/** How a client's bulk strings arrive: `string`, or `Uint8Array` after `withBuffers()`. */
export type Bulk = string | Uint8Array;

/** An entry: its ID and its fields. A field that occurs twice keeps its last value. */
export interface StreamMessage<S extends Bulk = string> {
  id: S;
  message: Record<string, S>;
}

/** What XREAD and XREADGROUP deliver from one stream. */
export interface StreamMessages<S extends Bulk = string> {
  name: string;
  messages: StreamMessage<S>[];
}

/** How to trim a stream. */
export interface StreamTrim {
  /** Keep `threshold` entries, or the entries from the ID `threshold` on. */
  strategy: 'MAXLEN' | 'MINID';
  /** `=` trims exactly, `~` whole blocks only (cheaper). */
  strategyModifier?: '=' | '~';
  threshold: number | RedisArgument;
  /** Most entries to remove; with `~` only. */
  limit?: number;
}

/** Options of `xAdd`. */
export interface XAddOptions {
  TRIM?: StreamTrim;
}

/** Options of `xTrim`. */
export interface XTrimOptions {
  strategyModifier?: '=' | '~';
  /** Most entries to remove; with `~` only. */
  LIMIT?: number;
}

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
  /** Milliseconds to wait for an entry; 0 waits for ever. */
  BLOCK?: number;
  /** Ends the wait: the read rejects with AbortError and has delivered nothing. */
  signal?: AbortSignal;
}

/** Options of `xReadGroup`. */
export interface XReadGroupOptions extends XReadOptions {
  /** Deliver without making the entries pending. */
  NOACK?: boolean;
}

/** Options of `xSetId`. */
export interface XSetIdOptions {
  ENTRIESADDED?: number;
  MAXDELETEDID?: RedisArgument;
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
  consumer: S;
  millisecondsSinceLastDelivery: number;
  deliveriesCounter: number;
}

/** Reply of `xInfoStream`, under Redis' own field names. */
export interface XInfoStreamReply<S extends Bulk = string> {
  length: number;
  'radix-tree-keys': number;
  'radix-tree-nodes': number;
  'last-generated-id': S;
  'max-deleted-entry-id': S;
  'entries-added': number;
  'recorded-first-entry-id': S;
  groups: number;
  'first-entry': StreamMessage<S> | null;
  'last-entry': StreamMessage<S> | null;
}

/** A pending entry as `xInfoStreamFull` shows it. Times are Unix milliseconds. */
export interface XInfoFullPending<S extends Bulk = string> {
  id: S;
  /** The owner; absent in a consumer's own list. */
  consumer?: S;
  deliveredAt: number;
  deliveriesCounter: number;
}

/** Reply of `xInfoStreamFull`. */
export interface XInfoStreamFullReply<S extends Bulk = string> {
  length: number;
  'radix-tree-keys': number;
  'radix-tree-nodes': number;
  'last-generated-id': S;
  'max-deleted-entry-id': S;
  'entries-added': number;
  'recorded-first-entry-id': S;
  entries: StreamMessage<S>[];
  groups: Array<{
    name: S;
    'last-delivered-id': S;
    'entries-read': number | null;
    lag: number | null;
    'pel-count': number;
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

/** Condition under which a key's expiry is changed. */
export type ExpireMode = 'NX' | 'XX' | 'GT' | 'LT';

/** Options of `scan` and `scanIterator`. */
export interface ScanOptions {
  /** Only keys that match this glob pattern. */
  MATCH?: string;
  /** How many keys to look at in one call, roughly (10). */
  COUNT?: number;
  /** Only keys of this type: `stream` or `string`. */
  TYPE?: RedisArgument;
}

/** Reply of `scan`. */
export interface ScanReply<S extends Bulk = string> {
  /** Pass it to the next call; `0` ends the scan. */
  cursor: S;
  keys: S[];
}

/** Options of `copy`. */
export interface CopyOptions {
  DB?: number;
  REPLACE?: boolean;
}

/** Options of `set`. */
export interface SetOptions {
  /** When the key expires: seconds (EX, EXAT) or milliseconds (PX, PXAT); KEEPTTL keeps it. */
  expiration?:
    | { type: 'EX' | 'PX' | 'EXAT' | 'PXAT'; value: number }
    | { type: 'KEEPTTL' }
    | 'KEEPTTL';
  /** Set only when the key does not exist (NX) or does (XX). */
  condition?: 'NX' | 'XX';
  /** Answer the value that was there before. */
  GET?: boolean;
}

/** Keys and values: an object, pairs, or one flat list. */
export type MSetArguments =
  | Record<string, RedisArgument>
  | ReadonlyArray<readonly [RedisArgument, RedisArgument]>
  | ReadonlyArray<RedisArgument>;

/** Options of `hello`. */
export interface HelloOptions {
  AUTH?: { username: RedisArgument; password: RedisArgument };
  SETNAME?: string;
}

/** Reply of `hello`. */
export interface HelloReply<S extends Bulk = string> {
  server: S;
  version: S;
  proto: number;
  id: number;
  mode: S;
  role: S;
  modules: unknown[];
}

/** A session as CLIENT LIST and CLIENT INFO show it. Times are seconds, sizes bytes. */
export interface ClientInfoReply {
  id: number;
  addr: string;
  laddr: string;
  fd: number;
  name: string;
  age: number;
  idle: number;
  flags: string;
  db: number;
  sub: number;
  psub: number;
  ssub: number;
  multi: number;
  watch: number;
  qbuf: number;
  qbufFree: number;
  argvMem: number;
  multiMem: number;
  rbs: number;
  rbp: number;
  obl: number;
  oll: number;
  omem: number;
  totMem: number;
  events: string;
  cmd: string;
  user: string;
  redir: number;
  resp: number;
  libName: string;
  libVer: string;
}

/** Which sessions `clientList` shows. */
export type ClientListFilter =
  | { TYPE: 'NORMAL' | 'MASTER' | 'REPLICA' | 'PUBSUB' }
  | { ID: ReadonlyArray<RedisArgument> };

/** Which sessions `clientKill` ends. */
export type ClientKillFilter =
  | { filter: 'ADDR'; address: string }
  | { filter: 'LADDR'; localAddress: string }
  | { filter: 'ID'; id: number | `${number}` }
  | { filter: 'TYPE'; type: 'normal' | 'master' | 'replica' | 'pubsub' }
  | { filter: 'USER'; username: string }
  | { filter: 'SKIPME'; skipMe: boolean }
  | { filter: 'MAXAGE'; maxAge: number }
  | 'SKIPME';

/** Which commands `commandList` shows. */
export interface CommandListOptions {
  FILTERBY?: { type: 'MODULE' | 'ACLCAT' | 'PATTERN'; value: RedisArgument };
}

/** A command as COMMAND and COMMAND INFO show it. */
export interface CommandReply {
  name: string;
  /** Number of arguments with the name; negative when more are allowed. */
  arity: number;
  flags: Set<string>;
  firstKeyIndex: number;
  lastKeyIndex: number;
  step: number;
  categories: Set<string>;
  policies: { request: string | undefined; response: string | undefined };
  isKeyless: boolean;
  tips: string[];
  subcommands: CommandReply[];
}
