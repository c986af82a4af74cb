/** Runs the commands of one request, in a session of its own that ends with it. */
import type { Connection } from '../connection.js';
import { AbortError } from '../errors.js';
import type { CommandArguments, WireReply } from '../reply.js';
import type { CommandFacts } from './commands.js';
import { RestError } from './error.js';

/** A command, and what is known of it. */
export interface Prepared {
  readonly command: CommandArguments;
  readonly facts: CommandFacts;
}

const NOTHING: WireReply = { kind: 'null' };

/** One session. Its replies have the shapes of RESP2, which fit into JSON. */
export class RestSession {
  /** Aborted when waiting has to end. */
  readonly #over = new AbortController();
  readonly #end = (): void => this.#over.abort();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly connection: Connection,
    /** Aborted when the client is gone. */
    private readonly client: AbortSignal,
    private readonly waitMs: number,
  ) {
    client.addEventListener('abort', this.#end, { once: true });
  }

  /** Ends the session. */
  close(): void {
    clearTimeout(this.#timer);
    this.client.removeEventListener('abort', this.#end);
    this.connection.close();
  }

  /** Runs a command. One that blocks has found nothing when the time for waiting is over. */
  async run({ command, facts }: Prepared): Promise<WireReply> {
    return facts.waits ? asPairs(await this.#wait(command)) : this.connection.sendWire(command);
  }

  /** Runs commands in order; what comes of one does not keep the others from running. */
  async pipeline(commands: ReadonlyArray<Prepared | RestError>): Promise<WireReply[]> {
    const replies: Array<Promise<WireReply>> = [];
    for (const prepared of commands) {
      const reply = prepared instanceof RestError ? refused(prepared) : this.run(prepared);
      // Whoever awaits all of them hears of it; meanwhile it must not count as unheard.
      reply.catch(() => undefined);
      replies.push(reply);
      // All else is sent at once, so that one flush of the journal is enough.
      if (isRead(prepared)) await reply;
    }
    return Promise.all(replies);
  }

  /** Runs commands as one; throws a RestError when none of them was run. */
  async transaction(commands: ReadonlyArray<Prepared | RestError>): Promise<readonly WireReply[]> {
    const queued = commands.map((prepared) => {
      if (prepared instanceof RestError) throw prepared;
      return prepared.command;
    });
    const sent = [['MULTI'], ...queued].map((command) => this.connection.sendWire(command));
    const [, ...answers] = await Promise.all(sent);
    for (const answer of answers) {
      if (answer.kind === 'error') throw new RestError(400, answer.text);
      if (answer.kind !== 'status' || answer.text !== 'QUEUED') {
        throw new RestError(400, 'ERR a command ended the transaction: nothing was run');
      }
    }
    const replies = await this.connection.sendWire(['EXEC']);
    if (replies.kind !== 'array') {
      throw new RestError(400, replies.kind === 'error' ? replies.text : 'ERR nothing was run');
    }
    return replies.items.map((reply, i) => (isRead(commands[i]) ? asPairs(reply) : reply));
  }

  /** A read that is called off has delivered nothing, so to say so is the truth. */
  async #wait(command: CommandArguments): Promise<WireReply> {
    this.#timer ??= setTimeout(this.#end, this.waitMs);
    const controller = new AbortController();
    const end = (): void => controller.abort();
    const reply = this.connection.sendWire(command, { signal: controller.signal });
    // What is there already is read all the same.
    if (this.#over.signal.aborted) end();
    else this.#over.signal.addEventListener('abort', end, { once: true });
    try {
      return await reply;
    } catch (error) {
      if (!(error instanceof AbortError)) throw error;
      if (this.client.aborted) throw new RestError(499, 'ERR the client is gone');
      return NOTHING;
    } finally {
      this.#over.signal.removeEventListener('abort', end);
    }
  }
}

/** Whether a command is XREAD or XREADGROUP, by what is told of them. */
export function isRead(prepared: Prepared | RestError | undefined): boolean {
  return prepared !== undefined && !(prepared instanceof RestError) && prepared.facts.waits;
}

/** What reads answer by a map is an array of pairs in RESP2; every other map is a flat array. */
function asPairs(reply: WireReply): WireReply {
  if (reply.kind !== 'map') return reply;
  return { kind: 'array', items: reply.pairs.map((items) => ({ kind: 'array', items })) };
}

function refused(error: RestError): Promise<WireReply> {
  return Promise.resolve({ kind: 'error', text: error.message });
}
