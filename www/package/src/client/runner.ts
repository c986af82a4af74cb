/** What every family of commands stands on: build the arguments, run them, decode the reply. */
import type { Argument, Reply } from '../reply.js';
import type { Bulk, RedisVariadicArgument } from './types.js';

/** The foot of the chain of command classes. */
export abstract class CommandRunner<S extends Bulk> {
  /** Keeps the kind of bulk string in the type, where no method mentions it. */
  declare protected readonly bulkKind?: S;

  /** Sends the command (a client) or queues it (a transaction). */
  protected abstract run<T>(
    args: Argument[],
    decode: (reply: Reply) => T,
    signal?: AbortSignal,
  ): Promise<T>;
}

/** Pushes one argument, or each of several. */
export function pushVariadic(args: Argument[], value: RedisVariadicArgument): Argument[] {
  if (typeof value === 'string' || value instanceof Uint8Array) args.push(value);
  else for (const each of value) args.push(each);
  return args;
}

/** Pushes `IDS numids id…`. */
export function pushCounted(args: Argument[], ids: RedisVariadicArgument): Argument[] {
  const pushed = pushVariadic([], ids);
  args.push('IDS', pushed.length, ...pushed);
  return args;
}

/** Pushes `name value` when there is a value. */
export function pushOption(args: Argument[], name: string, value: Argument | undefined): void {
  if (value !== undefined) args.push(name, value);
}
