/** Commands that come by RPC: which may run, in which session, and how long a read waits. */
import { RpcTarget } from 'cloudflare:workers';
import type { Database } from '../database.js';
import { copyPacked, joinPacked, packedError, type PackedCopy } from '../engine/copy.js';
import { AbortError, EngineFailure } from '../errors.js';
import type { CommandArguments } from '../reply.js';
import { CommandTable } from '../rest/commands.js';
import { inTransactions, mayWait, type RpcAnswer } from './stub.js';

/** Why a wait ended that nobody called off. */
const TIME_IS_UP = Symbol('time is up');

/** The commands of all calls. */
export class RpcCommands {
  #table: Promise<CommandTable> | undefined;

  constructor(
    private readonly database: Database,
    /** Longest wait of a read, in milliseconds: then it has found nothing. */
    readonly waitMs: number,
  ) {}

  /**
   * Runs commands in a session of their own. One that cannot be run alone is an error in its place.
   * The last one may wait when there is a signal to end it.
   */
  async run(commands: ReadonlyArray<CommandArguments>, signal?: AbortSignal): Promise<PackedCopy> {
    const table = await this.#commands();
    const queued = inTransactions(commands);
    const connection = this.database.connect();
    try {
      const replies = commands.map((args, place) => {
        const end = place === commands.length - 1 ? signal : undefined;
        const refusal = queued.has(place) ? undefined : refusalOf(args, table, end !== undefined);
        if (refusal !== undefined) return packedError(refusal);
        return connection.sendPacked(args, copyPacked, end).catch(nothingInTime);
      });
      return joinPacked(await Promise.all(replies));
    } finally {
      connection.close();
    }
  }

  /** Asked once; when that fails, again by the next call. */
  #commands(): Promise<CommandTable> {
    if (this.#table) return this.#table;
    const connection = this.database.connect();
    this.#table = CommandTable.read(connection).finally(() => connection.close());
    this.#table.catch(() => (this.#table = undefined));
    return this.#table;
  }
}

/** A read that may wait: its reply, for whoever asks for it. */
class Read extends RpcTarget {
  readonly #answer: Promise<RpcAnswer>;

  constructor(answer: Promise<RpcAnswer>) {
    super();
    this.#answer = answer;
  }

  reply(): Promise<RpcAnswer> {
    return this.#answer;
  }
}

/**
 * What keeps a read waiting. It is let go of when its holder's request is over, also when the reply
 * is being asked for, which alone would keep the read.
 */
class Lease extends RpcTarget {
  readonly #end: () => void;

  constructor(end: () => void) {
    super();
    this.#end = end;
  }

  cancel(): void {
    this.#end();
  }

  [Symbol.dispose](): void {
    this.#end();
  }
}

/** What a client holds while its read waits. */
export interface HeldRead {
  readonly read: RpcTarget & { reply(): Promise<RpcAnswer> };
  readonly lease: RpcTarget & { cancel(): void };
}

/** Begins a read that waits until it finds something, time is up, or nobody holds it any more. */
export function beginRead(
  opened: Promise<RpcCommands>,
  commands: ReadonlyArray<CommandArguments>,
): HeldRead {
  const over = new AbortController();
  const wait = async (): Promise<PackedCopy> => {
    const rpc = await opened;
    const timer = setTimeout(() => over.abort(TIME_IS_UP), rpc.waitMs);
    return rpc.run(commands, over.signal).finally(() => clearTimeout(timer));
  };
  return { read: new Read(answerOf(wait())), lease: new Lease(() => over.abort()) };
}

/** What can cross: replies, or why there are none. */
export async function answerOf(replies: Promise<PackedCopy>): Promise<RpcAnswer> {
  try {
    return await replies;
  } catch (error) {
    if (!(error instanceof Error)) return { failure: { name: 'Error', message: String(error) } };
    const { cause } = error;
    const isEngine = error instanceof EngineFailure && cause instanceof Error;
    return { failure: { name: error.name, message: isEngine ? cause.message : error.message } };
  }
}

function refusalOf(
  args: CommandArguments,
  table: CommandTable,
  mayItWait: boolean,
): string | undefined {
  const { name, needsConnection } = table.of(args);
  if (needsConnection) {
    return `ERR '${name}' needs a connection that stays; over RPC a transaction is one call`;
  }
  return mayWait(args) && !mayItWait ? 'ERR a read that waits is begun by beginRead' : undefined;
}

function nothingInTime(error: unknown): PackedCopy {
  if (!(error instanceof AbortError) || error.cause !== TIME_IS_UP) throw error;
  return { words: Uint32Array.of(0), bytes: new Uint8Array() };
}
