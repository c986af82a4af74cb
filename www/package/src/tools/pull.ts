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
/** Keys on their way at a time. */
const KEYS_AT_ONCE = 32;
/** Entries, or bytes, up to which several values may be on their way at a time. */
const SMALL = { stream: 1000, string: 1 << 16 } as const;

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

/** A key that can be kept here. */
interface FoundKey {
  readonly name: Uint8Array;
  readonly type: 'stream' | 'string';
  /** In Unix milliseconds; 0 when it does not expire. */
  readonly expiresAt: number;
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
      for (let at = 0; at < page.names.length; at += KEYS_AT_ONCE) {
        const names = page.names.slice(at, at + KEYS_AT_ONCE);
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
    const expiries = await Promise.all(kept.map(({ name }) => this.#expiry(name)));
    const keys = kept.map((key, place) => ({ ...key, expiresAt: expiries[place] ?? 0 }));
    // Large values come one by one, so that only one is held at a time.
    const areSmall = await Promise.all(keys.map((key) => this.#isSmall(key)));
    const small = keys.filter((_, place) => areSmall[place]);
    const dumps = await Promise.all(small.map(({ name }) => this.#dump(name)));
    for (const [place, key] of small.entries()) await this.#restore(key, dumps[place]);
    for (const key of keys) {
      if (!small.includes(key)) await this.#restore(key, await this.#dump(key.name));
    }
  }

  async #isSmall({ name, type }: FoundKey): Promise<boolean> {
    const reply = await this.server.try([type === 'stream' ? 'XLEN' : 'STRLEN', name]);
    return reply.kind === 'integer' && Number(reply.value) <= SMALL[type];
  }

  /** Undefined where DUMP is of no use. */
  async #dump(name: Uint8Array): Promise<WireReply | undefined> {
    return this.#noDump ? undefined : this.server.try(['DUMP', name]);
  }

  /** Copies a key, unless it has gone meanwhile. */
  async #restore({ name, type, expiresAt }: FoundKey, dump: WireReply | undefined): Promise<void> {
    if (dump?.kind === 'null') return;
    if (dump?.kind === 'bulk') {
      const words = ['RESTORE', name, expiresAt, dump.bytes, 'ABSTTL', 'REPLACE'];
      const answer = await this.local.sendWire(words);
      if (answer.kind !== 'error') return void (this.#keys += 1);
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
    if (!found) return;
    if (expiresAt > 0) await this.local.send(['PEXPIREAT', name, expiresAt]);
    this.#keys += 1;
    this.#byCommands += 1;
    this.#leftOut += leftOut;
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
