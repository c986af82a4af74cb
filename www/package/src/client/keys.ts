/** Keys of any type: existence, names, databases, expiry. */
import { bulk, bulkOrNull, bulks, integer, integerOrNull, list, text } from './decode.js';
import { pushOption, pushVariadic } from './runner.js';
import { StringCommands } from './strings.js';
import type { Argument, Reply } from '../reply.js';
import type {
  Bulk,
  CopyOptions,
  ExpireMode,
  RedisArgument,
  RedisVariadicArgument,
  RestoreOptions,
  ScanOptions,
  ScanReply,
} from './types.js';

/** Commands on keys of any type. */
export abstract class KeyCommands<S extends Bulk> extends StringCommands<S> {
  /** Deletes keys; resolves to how many existed (DEL). O(N), O(entries) for a stream. */
  del(keys: RedisVariadicArgument): Promise<number> {
    return this.run(pushVariadic(['DEL'], keys), integer);
  }

  /** As `del`; a server frees the memory later (UNLINK). */
  unlink(keys: RedisVariadicArgument): Promise<number> {
    return this.run(pushVariadic(['UNLINK'], keys), integer);
  }

  /** How many of the keys exist; one named twice counts twice (EXISTS). O(N). */
  exists(keys: RedisVariadicArgument): Promise<number> {
    return this.run(pushVariadic(['EXISTS'], keys), integer);
  }

  /** How many of the keys exist, marked as used now (TOUCH). O(N). */
  touch(keys: RedisVariadicArgument): Promise<number> {
    return this.run(pushVariadic(['TOUCH'], keys), integer);
  }

  /** `'stream'`, `'string'`, or `'none'` when the key does not exist (TYPE). O(1). */
  type(key: RedisArgument): Promise<string> {
    return this.run(['TYPE', key], text);
  }

  /** All keys that match a glob pattern (KEYS). O(keys); `scan` does it in steps. */
  keys(pattern: RedisArgument): Promise<S[]> {
    return this.run(['KEYS', pattern], bulks<S>);
  }

  /** One step through the keys; start with `'0'`, go on with the cursor (SCAN). O(COUNT). */
  scan(cursor: RedisArgument, options: ScanOptions = {}): Promise<ScanReply<S>> {
    const args: Argument[] = ['SCAN', cursor];
    pushOption(args, 'MATCH', options.MATCH);
    pushOption(args, 'COUNT', options.COUNT);
    pushOption(args, 'TYPE', options.TYPE);
    return this.run(args, (reply: Reply) => {
      const [next, keys] = list(reply) as [Reply, Reply];
      return { cursor: bulk<S>(next), keys: bulks<S>(keys) };
    });
  }

  /** The number of keys in this database (DBSIZE). O(1). */
  dbSize(): Promise<number> {
    return this.run(['DBSIZE'], integer);
  }

  /** A key by chance, null when there is none (RANDOMKEY). O(1). */
  randomKey(): Promise<S | null> {
    return this.run(['RANDOMKEY'], bulkOrNull<S>);
  }

  /** Renames a key, over another if need be (RENAME). Rejects when there is no such key. O(1). */
  rename(key: RedisArgument, newKey: RedisArgument): Promise<string> {
    return this.run(['RENAME', key, newKey], text);
  }

  /** Renames when the new name is free: 1, else 0 (RENAMENX). Rejects without the key. O(1). */
  renameNX(key: RedisArgument, newKey: RedisArgument): Promise<number> {
    return this.run(['RENAMENX', key, newKey], integer);
  }

  /** Copies a key: 1, or 0 when there is none or the name is taken (COPY). O(size). */
  copy(
    source: RedisArgument,
    destination: RedisArgument,
    options: CopyOptions = {},
  ): Promise<number> {
    const args: Argument[] = ['COPY', source, destination];
    pushOption(args, 'DB', options.DB);
    if (options.REPLACE) args.push('REPLACE');
    return this.run(args, integer);
  }

  /**
   * A value in Redis' own serialization, null without the key (DUMP). It is bytes: ask
   * `client.withBuffers()`. O(size).
   */
  dump(key: RedisArgument): Promise<S | null> {
    return this.run(['DUMP', key], bulkOrNull<S>);
  }

  /** Creates a key from what `dump` gave, to expire in `ttl` ms; 0 is never (RESTORE). O(size). */
  restore(
    key: RedisArgument,
    ttl: number,
    serializedValue: RedisArgument,
    options: RestoreOptions = {},
  ): Promise<string> {
    const args: Argument[] = ['RESTORE', key, ttl, serializedValue];
    if (options.REPLACE) args.push('REPLACE');
    if (options.ABSTTL) args.push('ABSTTL');
    pushOption(args, 'IDLETIME', options.IDLETIME);
    pushOption(args, 'FREQ', options.FREQ);
    return this.run(args, text);
  }

  /** Moves a key to another database: 1, or 0 when it cannot be (MOVE). O(1). */
  move(key: RedisArgument, db: number): Promise<number> {
    return this.run(['MOVE', key, db], integer);
  }

  /** Swaps two databases under every session at once (SWAPDB). O(blocked readers). */
  swapDb(index1: number, index2: number): Promise<string> {
    return this.run(['SWAPDB', index1, index2], text);
  }

  /** Deletes all keys of this database (FLUSHDB). O(keys). */
  flushDb(mode?: 'ASYNC' | 'SYNC'): Promise<string> {
    return this.run(mode ? ['FLUSHDB', mode] : ['FLUSHDB'], text);
  }

  /** Deletes all keys of all databases (FLUSHALL). O(keys). */
  flushAll(mode?: 'ASYNC' | 'SYNC'): Promise<string> {
    return this.run(mode ? ['FLUSHALL', mode] : ['FLUSHALL'], text);
  }

  /** Lets a key expire in `seconds`: 1, or 0 without the key or the mode's leave (EXPIRE). O(1). */
  expire(key: RedisArgument, seconds: number, mode?: ExpireMode): Promise<number> {
    return this.#expire('EXPIRE', key, seconds, mode);
  }

  /** As `expire`, in milliseconds (PEXPIRE). */
  pExpire(key: RedisArgument, ms: number, mode?: ExpireMode): Promise<number> {
    return this.#expire('PEXPIRE', key, ms, mode);
  }

  /** As `expire`, at a Unix time in seconds or at a Date (EXPIREAT). */
  expireAt(key: RedisArgument, timestamp: number | Date, mode?: ExpireMode): Promise<number> {
    const at = timestamp instanceof Date ? Math.floor(timestamp.getTime() / 1000) : timestamp;
    return this.#expire('EXPIREAT', key, at, mode);
  }

  /** As `expire`, at a Unix time in milliseconds or at a Date (PEXPIREAT). */
  pExpireAt(key: RedisArgument, msTimestamp: number | Date, mode?: ExpireMode): Promise<number> {
    const at = msTimestamp instanceof Date ? msTimestamp.getTime() : msTimestamp;
    return this.#expire('PEXPIREAT', key, at, mode);
  }

  /** Seconds until a key expires; -1 when it does not, -2 when there is none (TTL). O(1). */
  ttl(key: RedisArgument): Promise<number> {
    return this.run(['TTL', key], integer);
  }

  /** As `ttl`, in milliseconds (PTTL). */
  pTTL(key: RedisArgument): Promise<number> {
    return this.run(['PTTL', key], integer);
  }

  /** The Unix time in seconds at which a key expires; -1 and -2 as `ttl` (EXPIRETIME). O(1). */
  expireTime(key: RedisArgument): Promise<number> {
    return this.run(['EXPIRETIME', key], integer);
  }

  /** As `expireTime`, in milliseconds (PEXPIRETIME). */
  pExpireTime(key: RedisArgument): Promise<number> {
    return this.run(['PEXPIRETIME', key], integer);
  }

  /** Takes a key's expiry away: 1, or 0 when it had none (PERSIST). O(1). */
  persist(key: RedisArgument): Promise<number> {
    return this.run(['PERSIST', key], integer);
  }

  /** How a value is stored: `stream`, `int`, `embstr`, `raw`; null without it (OBJECT ENCODING). */
  objectEncoding(key: RedisArgument): Promise<S | null> {
    return this.run(['OBJECT', 'ENCODING', key], bulkOrNull<S>);
  }

  /** Bytes that a key and its value take, null without it (MEMORY USAGE). O(1) to O(size). */
  memoryUsage(key: RedisArgument, options: { SAMPLES?: number } = {}): Promise<number | null> {
    const args: Argument[] = ['MEMORY', 'USAGE', key];
    pushOption(args, 'SAMPLES', options.SAMPLES);
    return this.run(args, integerOrNull);
  }

  #expire(
    name: string,
    key: RedisArgument,
    value: number,
    mode: ExpireMode | undefined,
  ): Promise<number> {
    return this.run(mode ? [name, key, value, mode] : [name, key, value], integer);
  }
}
