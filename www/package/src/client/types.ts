/** The argument and reply shapes of the typed client, as node-redis has them. */
import type { Bulk, RedisArgument } from './types/basic.js';

export type * from './types/basic.js';
export type * from './types/groups.js';
export type * from './types/streams.js';

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

/** Options of `restore`. */
export interface RestoreOptions {
  REPLACE?: boolean;
  /** `ttl` is a Unix time in milliseconds. */
  ABSTTL?: boolean;
  /** Seconds since the key was used; not kept. */
  IDLETIME?: number;
  /** How often the key is used; not kept. */
  FREQ?: number;
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
