/** The keys of a database in this process, and which of a server's databases hold some. */
import type { Database } from '../env/node.js';
import { plainReply } from '../reply.js';

/** The keys of one numbered database. */
export interface DatabaseKeys {
  readonly index: number;
  readonly names: ReadonlyArray<Uint8Array>;
}

/** The numbers of the databases with keys in the reply of `INFO keyspace`. */
export function filledDatabases(info: string): number[] {
  return [...info.matchAll(/^db(\d+):keys=(\d+)/gm)]
    .filter(([, , keys]) => Number(keys) > 0)
    .map(([, index]) => Number(index));
}

/** What SCAN answers with. */
export interface ScanPage {
  readonly cursor: string;
  readonly names: ReadonlyArray<Uint8Array>;
}

/** Reads a reply of SCAN, asked for with buffers. */
export function scanPage(reply: ReturnType<typeof plainReply>): ScanPage {
  const [cursor, names] = Array.isArray(reply) ? reply : [];
  const isName = (name: unknown): name is Uint8Array => name instanceof Uint8Array;
  return {
    cursor: cursor instanceof Uint8Array ? new TextDecoder().decode(cursor) : '0',
    names: Array.isArray(names) ? names.filter(isName) : [],
  };
}

/** Every key, database by database; those without keys are left out. */
export async function keysOf(database: Database): Promise<DatabaseKeys[]> {
  const connection = database.connect();
  try {
    const all: DatabaseKeys[] = [];
    const info = await connection.send(['INFO', 'keyspace']);
    for (const index of filledDatabases(String(info))) {
      await connection.send(['SELECT', index]);
      const names: Uint8Array[] = [];
      let cursor = '0';
      do {
        const scan = ['SCAN', cursor, 'COUNT', 10_000];
        const page = scanPage(await connection.send(scan, { buffers: true }));
        names.push(...page.names);
        cursor = page.cursor;
      } while (cursor !== '0');
      all.push({ index, names });
    }
    return all;
  } finally {
    connection.close();
  }
}
