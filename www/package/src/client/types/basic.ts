/** What every command takes and answers: keys, values, and how bulk strings arrive. */

/** A key, an ID, a name or a value: text, or bytes. */
export type RedisArgument = string | Uint8Array;

/** One or several. */
export type RedisVariadicArgument = RedisArgument | ReadonlyArray<RedisArgument>;

/** How a client's bulk strings arrive: `string`, or `Uint8Array` after `withBuffers()`. */
export type Bulk = string | Uint8Array;
