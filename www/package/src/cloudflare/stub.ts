/** What crosses between a client and an object that is called by RPC. */
import type { PackedCopy } from '../engine/copy.js';
import type { Argument, CommandArguments } from '../reply.js';
import { wordOf } from '../rest/commands.js';

/** Why a call has no replies. Classes of errors do not cross. */
export interface RpcFailure {
  readonly failure: { readonly name: string; readonly message: string };
}

/** The replies of all commands of a call, one after the other, or why there are none. */
export type RpcAnswer = PackedCopy | RpcFailure;

/** A read that may wait. */
export interface StartedRead {
  /** Waits for it. */
  readonly read: { reply(): PromiseLike<RpcAnswer> };
  /** Ends it, as letting go of it does. */
  readonly lease: { cancel(): PromiseLike<void> };
}

/**
 * What a client calls: the stub of a `StreamsObject`, or a service that hands both calls on. All
 * commands of a call run in order, in one session of their own.
 */
export interface StreamsStub {
  /** Runs commands, none of which waits. */
  runCommands(commands: Argument[][]): PromiseLike<RpcAnswer>;
  /** Runs commands of which the last is a read that may wait. */
  beginRead(commands: Argument[][]): PromiseLike<StartedRead> & StartedRead;
}

const READS = new Set(['xread', 'xreadgroup']);

/** Whether a command may wait for what is not there yet. */
export function mayWait(args: CommandArguments): boolean {
  return READS.has(wordOf(args[0])) && args.some((argument) => wordOf(argument) === 'block');
}

/**
 * The places of the commands of transactions: all from a MULTI to the EXEC or DISCARD that ends it.
 * A MULTI that nothing ends is in none.
 */
export function inTransactions(commands: ReadonlyArray<CommandArguments>): Set<number> {
  const inside = new Set<number>();
  let begun = -1;
  commands.forEach((args, place) => {
    const word = wordOf(args[0]);
    if (word === 'multi' && begun < 0) begun = place;
    if ((word !== 'exec' && word !== 'discard') || begun < 0) return;
    for (let each = begun; each <= place; each++) inside.add(each);
    begun = -1;
  });
  return inside;
}
