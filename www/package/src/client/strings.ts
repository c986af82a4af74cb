/** Strings: checkpoints, counters, flags beside the streams. */
import { bulkOrNull, integer, text } from './decode.js';
import { CommandRunner } from './runner.js';
import type { Argument, Reply } from '../reply.js';
import type { Bulk, MSetArguments, RedisArgument, SetOptions } from './types.js';

/**
 * Commands on strings. On a key of another type they reject with WRONGTYPE, except `set` and
 * `mSet`, which replace it, and `mGet`, which answers null for it.
 */
export abstract class StringCommands<S extends Bulk> extends CommandRunner<S> {
  /**
   * Sets a key to a value, whatever it held (SET). O(1).
   * Resolves to `'OK'`; to null when `condition` did not hold; with GET to the old value or null.
   */
  set(key: RedisArgument, value: RedisArgument | number, options: SetOptions = {}) {
    const args: Argument[] = ['SET', key, value];
    const { expiration, condition, GET } = options;
    if (typeof expiration === 'string') args.push(expiration);
    else if (expiration?.type === 'KEEPTTL') args.push('KEEPTTL');
    else if (expiration) args.push(expiration.type, expiration.value);
    if (condition) args.push(condition);
    if (GET) args.push('GET');
    return this.run(args, bulkOrNull<S | 'OK'>);
  }

  /** The value of a key, null when there is none (GET). O(1). */
  get(key: RedisArgument): Promise<S | null> {
    return this.run(['GET', key], bulkOrNull<S>);
  }

  /** The value of a key, which is deleted; null when there is none (GETDEL). O(1). */
  getDel(key: RedisArgument): Promise<S | null> {
    return this.run(['GETDEL', key], bulkOrNull<S>);
  }

  /** Sets a key that does not exist: 1 when it was set, 0 when not (SETNX). O(1). */
  setNX(key: RedisArgument, value: RedisArgument): Promise<number> {
    return this.run(['SETNX', key, value], integer);
  }

  /** Sets several keys at once, from an object, pairs or a flat list (MSET). O(N). */
  mSet(toSet: MSetArguments): Promise<string> {
    const args: Argument[] = ['MSET'];
    const source = Array.isArray(toSet) ? toSet : Object.entries(toSet);
    for (const item of source as ReadonlyArray<RedisArgument | [RedisArgument, RedisArgument]>) {
      if (Array.isArray(item)) args.push(...item);
      else args.push(item);
    }
    return this.run(args, text);
  }

  /** The values of several keys, null where there is none or no string (MGET). O(N). */
  mGet(keys: ReadonlyArray<RedisArgument>): Promise<Array<S | null>> {
    return this.run(['MGET', ...keys], (reply: Reply) => reply as Array<S | null>);
  }

  /**
   * Adds one to a number, from 0 when there is none, and resolves to the sum (INCR). O(1).
   * Rejects with ERR when the value is no integer or would leave 64 bits.
   */
  incr(key: RedisArgument): Promise<number> {
    return this.run(['INCR', key], integer);
  }

  /** Adds to a number and resolves to the sum; errors as `incr` (INCRBY). O(1). */
  incrBy(key: RedisArgument, increment: number): Promise<number> {
    return this.run(['INCRBY', key, increment], integer);
  }

  /** Takes one from a number and resolves to the rest; errors as `incr` (DECR). O(1). */
  decr(key: RedisArgument): Promise<number> {
    return this.run(['DECR', key], integer);
  }

  /** Takes from a number and resolves to the rest; errors as `incr` (DECRBY). O(1). */
  decrBy(key: RedisArgument, decrement: number): Promise<number> {
    return this.run(['DECRBY', key, decrement], integer);
  }

  /** Appends to a value, from nothing when there is none; resolves to its length (APPEND). O(1). */
  append(key: RedisArgument, value: RedisArgument): Promise<number> {
    return this.run(['APPEND', key, value], integer);
  }

  /** The length of a value in bytes, 0 when there is none (STRLEN). O(1). */
  strLen(key: RedisArgument): Promise<number> {
    return this.run(['STRLEN', key], integer);
  }
}
