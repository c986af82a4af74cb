/** What the engine says of its commands: which only read, which may wait, which listen. */
import type { Connection } from '../connection.js';
import type { Argument, CommandArguments, Reply } from '../reply.js';
import { utf8 } from '../reply.js';

/** What matters of a command over HTTP. */
export interface CommandFacts {
  /** In lower case, with the subcommand where it has a row of its own: `xinfo|groups`. */
  readonly name: string;
  /** Changes nothing. */
  readonly reads: boolean;
  /** May be sent with a token that may only read. */
  readonly isOpen: boolean;
  /** May wait for what is not there yet. */
  readonly waits: boolean;
  /** Is answered by messages from then on. */
  readonly listens: boolean;
  /** Means something only to what comes after it on the same connection. */
  readonly needsConnection: boolean;
}

/** Reads that tell keys which nobody has named. */
const SEARCHES = new Set(['keys', 'scan', 'randomkey']);
/** They leave a connection that does not answer any more, or not as before. */
const SILENCES = new Set(['client|reply', 'quit', 'reset', 'monitor']);

/** The command table of an engine, as COMMAND tells it. */
export class CommandTable {
  readonly #facts = new Map<string, CommandFacts>();

  /** Asks the engine. */
  static async read(connection: Connection): Promise<CommandTable> {
    return new CommandTable(await connection.send(['COMMAND']));
  }

  private constructor(rows: Reply) {
    for (const row of list(rows)) {
      this.#add(list(row));
      for (const subcommand of list(list(row)[9])) this.#add(list(subcommand));
    }
  }

  /** The facts of a command; one that the engine does not know can do no harm. */
  of(args: CommandArguments): CommandFacts {
    const name = wordOf(args[0]);
    const whole = args.length > 1 ? this.#facts.get(`${name}|${wordOf(args[1])}`) : undefined;
    return whole ?? this.#facts.get(name) ?? factsOf(name, ['readonly'], []);
  }

  #add(row: readonly Reply[]): void {
    const name = String(row[0]);
    this.#facts.set(name, factsOf(name, list(row[2]), list(row[6])));
  }
}

function factsOf(
  name: string,
  flags: readonly Reply[],
  categories: readonly Reply[],
): CommandFacts {
  const reads = flags.includes('readonly');
  const isAboutChannels = flags.includes('pubsub') && flags.includes('noscript');
  const listens = isAboutChannels && !name.includes('unsubscribe');
  const transacts = categories.includes('@transaction');
  const isHarmless = reads || listens || categories.includes('@connection');
  return {
    name,
    reads,
    isOpen: isHarmless && !categories.includes('@dangerous') && !SEARCHES.has(name),
    waits: flags.includes('blocking'),
    listens,
    needsConnection: isAboutChannels || transacts || SILENCES.has(name),
  };
}

/** A command's word in lower case. */
export function wordOf(argument: Argument = ''): string {
  return (argument instanceof Uint8Array ? utf8(argument) : String(argument)).toLowerCase();
}

function list(reply: Reply | undefined): readonly Reply[] {
  return Array.isArray(reply) ? reply : [];
}
