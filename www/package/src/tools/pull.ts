/** `brooklet pull`: streams and strings of a running server become a new directory's journal. */
import type { Connection } from '../connection.js';
import { plainReply, type WireReply } from '../reply.js';
import { filledDatabases, scanPage } from './keys.js';
import { ToolError } from './problem.js';
import { copyByCommands } from './copy.js';
import type { Progress, Reporter } from './reporter.js';
import { parseServerUrl, Server } from './server.js';
import { NewDatabase } from './state.js';
import { countText, nameText } from './text.js';

/** Options of {@link pull}. */
export interface PullOptions {
  /** Only keys whose names are like this. */
  readonly match?: string;
  /** Read keys by DUMP, where that works. */
  readonly dump: boolean;
  /** A file of certificates to trust. */
  readonly cacert?: string;
}

/** Keys that SCAN looks at in one step. */
const SCAN_COUNT = 500;
/** Values on their way at a time. */
const VALUES_AT_ONCE = 16;

/** Pulls everything that the server at `url` has, as far as it is kept here, into `directory`. */
export async function pull(
  url: string,
  directory: string,
  options: PullOptions,
  reporter: Reporter,
): Promise<void> {
  const address = parseServerUrl(url);
  const server = await Server.connect(address, options.cacert);
  try {
    const fresh = await NewDatabase.begin(directory);
    let isKept = false;
    try {
      const run = new Pull(server, fresh.database.connect(), options, reporter);
      const summary = await run.run(address.database);
      isKept = true;
      await fresh.keep();
      reporter.note(`${summary}: ${directory}`);
    } finally {
      if (!isKept) await fresh.close();
    }
  } finally {
    server.close();
  }
}

class Pull {
  #keys = 0;
  #skipped = 0;
  #byCommands = 0;
  /** Idempotent IDs that only DUMP would tell. */
  #leftOut = 0;
  /** Whether DUMP is of no use with this server. */
  #noDump: boolean;
  /** PEXPIRETIME came with Redis 7.0. */
  #noExpireTime = false;

  constructor(
    private readonly server: Server,
    private readonly local: Connection,
    private readonly options: PullOptions,
    private readonly reporter: Reporter,
  ) {
    this.#noDump = !options.dump;
  }

  /** Resolves to what was done. */
  async run(only: number | undefined): Promise<string> {
    const { server, reporter } = this;
    const info = await server.text(['INFO', 'keyspace']);
    const databases = only === undefined ? filledDatabases(info) : [only];
    const total = databases.reduce((sum, index) => sum + keysIn(info, index), 0);
    const progress = reporter.begin(`Pulling from ${server.name}`, total, 'keys');
    try {
      for (const index of databases) {
        await server.ask(['SELECT', index]);
        // The one that the address names becomes the first.
        await this.local.send(['SELECT', only === undefined ? index : 0]);
        await this.#database(progress);
      }
    } finally {
      progress.end();
    }
    if (this.#skipped > 0) {
      const skipped = countText(this.#skipped, 'key');
      reporter.warn(`${skipped} of other types left out: only streams and strings are kept here`);
    }
    if (this.#leftOut > 0) {
      reporter.warn(
        `Left out, since no command tells them: ${countText(this.#leftOut, 'idempotent ID')}`,
      );
    }
    const by = this.#byCommands > 0 ? ` (${this.#byCommands} by public commands)` : '';
    return `${countText(this.#keys, 'key')}${by} from ${server.name}`;
  }

  async #database(progress: Progress): Promise<void> {
    const match = this.options.match === undefined ? [] : ['MATCH', this.options.match];
    let cursor = '0';
    do {
      const scan = ['SCAN', cursor, ...match, 'COUNT', SCAN_COUNT];
      const page = scanPage(plainReply(await this.server.ask(scan), true));
      for (let at = 0; at < page.names.length; at += VALUES_AT_ONCE) {
        const names = page.names.slice(at, at + VALUES_AT_ONCE);
        await this.#keysNamed(names);
        progress.advance(names.length);
      }
      cursor = page.cursor;
    } while (cursor !== '0');
  }

  async #keysNamed(names: ReadonlyArray<Uint8Array>): Promise<void> {
    const types = await Promise.all(names.map((name) => this.server.ask(['TYPE', name])));
    const kept = names.flatMap((name, place) => {
      const reply = types[place];
      const type = reply?.kind === 'status' ? reply.text : 'none';
      if (type === 'stream' || type === 'string') return [{ name, type } as const];
      if (type !== 'none') this.#skipped += 1;
      return [];
    });
    const dumps = this.#noDump
      ? []
      : await Promise.all(kept.map(({ name }) => this.server.try(['DUMP', name])));
    const expiries = await Promise.all(kept.map(({ name }) => this.#expiry(name)));
    for (const [place, { name, type }] of kept.entries()) {
      const expiresAt = expiries[place] ?? 0;
      const found = await this.#restore(name, type, dumps[place], expiresAt);
      if (found) this.#keys += 1;
    }
  }

  /** False when the key has gone meanwhile. */
  async #restore(
    name: Uint8Array,
    type: 'stream' | 'string',
    dump: WireReply | undefined,
    expiresAt: number,
  ): Promise<boolean> {
    if (dump?.kind === 'null') return false;
    if (dump?.kind === 'bulk') {
      const words = ['RESTORE', name, expiresAt, dump.bytes, 'ABSTTL', 'REPLACE'];
      const answer = await this.local.sendWire(words);
      if (answer.kind !== 'error') return true;
      this.#giveUpDump(answer.text);
    } else if (dump?.kind === 'error') {
      this.#giveUpDump(dump.text);
    }
    await this.local.send(['DEL', name]);
    const { found, leftOut } = await copyByCommands(this.server, this.local, name, type).catch(
      (error: unknown) => {
        if (error instanceof ToolError) throw error;
        throw new ToolError(`${nameText(name)} cannot be kept: ${String(error)}`);
      },
    );
    if (found && expiresAt > 0) await this.local.send(['PEXPIREAT', name, expiresAt]);
    if (found) this.#byCommands += 1;
    this.#leftOut += leftOut;
    return found;
  }

  /** From here on public commands are asked, which every server has. */
  #giveUpDump(text: string): void {
    if (this.#noDump) return;
    this.#noDump = true;
    this.reporter.note(`DUMP is of no use here (${text}): public commands are used`);
  }

  /** When a key expires, in Unix milliseconds; 0 when never. */
  async #expiry(name: Uint8Array): Promise<number> {
    if (!this.#noExpireTime) {
      const reply = await this.server.try(['PEXPIRETIME', name]);
      if (reply.kind === 'integer') return Math.max(0, Number(reply.value));
      this.#noExpireTime = true;
    }
    const left = await this.server.ask(['PTTL', name]);
    const millis = left.kind === 'integer' ? Number(left.value) : -1;
    return millis >= 0 ? Date.now() + millis : 0;
  }
}

/** How many keys `INFO keyspace` tells of. */
function keysIn(info: string, index: number): number {
  return Number(new RegExp(`^db${index}:keys=(\\d+)`, 'm').exec(info)?.[1] ?? 0);
}
