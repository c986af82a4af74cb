/** What the tests of the tools share: journals, a reporter that listens, servers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Brooklet, type Database } from 'brooklet';
import { RespServer } from '#dist/serve/server.js';
import { loadJournal } from '#dist/tools/state.js';
import { silent, type Reporter } from '#dist/tools/reporter.js';
import { directory } from './place.js';

export const bin = join(
  fileURLToPath(import.meta.resolve('brooklet/package.json')),
  '../bin/brooklet.js',
);

/** Something of everything that a journal keeps, and that a Redis since 8.8 has. */
export const HISTORY = [
  'XADD jobs 1-0 n 1',
  'XADD jobs 2-0 n 2',
  'XADD jobs 3-0 n 3',
  'XADD jobs 4-0 n 4',
  'XGROUP CREATE jobs workers 0',
  'XREADGROUP GROUP workers alice COUNT 2 STREAMS jobs >',
  'XREADGROUP GROUP workers bob COUNT 1 STREAMS jobs >',
  'XGROUP CREATECONSUMER jobs workers carol',
  'XDEL jobs 2-0',
  'XNACK jobs workers FAIL IDS 1 3-0',
  'XADD once IDMP p i * n 1',
  'XADD empty 1-0 n 1',
  'XDEL empty 1-0',
  'SET greeting hello',
  'PEXPIREAT greeting 4102444800000',
  'SELECT 3',
  'XADD elsewhere 5-0 n 1',
];

/** Sends lines to a database. */
export async function play(db: Database, lines: ReadonlyArray<string>): Promise<void> {
  const connection = db.connect();
  for (const line of lines) await connection.send(line.split(' '));
  connection.close();
}

/** A directory with a base and an increment. */
export async function journal(lines: ReadonlyArray<string> = HISTORY): Promise<string> {
  const path = directory();
  const db = await Brooklet.open(path);
  await play(db, lines);
  await db.rewrite();
  await play(db, ['XADD jobs 9-0 n last']);
  await db.close();
  return path;
}

/** The last file of a directory's journal. */
export function lastFile(path: string): string {
  const folder = join(path, 'appendonlydir');
  const names = readdirSync(folder).filter((name) => name.endsWith('.incr.aof'));
  return join(folder, names.sort().at(-1) ?? '');
}

/** The names and bytes of everything in a directory's journal. */
export function snapshot(path: string): Record<string, string> {
  const folder = join(path, 'appendonlydir');
  const names = readdirSync(folder).sort();
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(folder, name)).toString('latin1')]),
  );
}

/** The commands that what is at a path comes to: no annotations, no times of the export. */
export async function stateOf(path: string): Promise<string> {
  const { database } = await loadJournal(path, silent);
  const text = Buffer.from(await new Response(database.export()).arrayBuffer()).toString('latin1');
  await database.close();
  return text.replaceAll(/^#.*\r\n/gm, '');
}

/** A reporter, and what it was told. */
export function listener(): Reporter & { readonly notes: string[]; readonly warnings: string[] } {
  const [notes, warnings]: [string[], string[]] = [[], []];
  return {
    ...silent,
    notes,
    warnings,
    note: (text) => void notes.push(text),
    warn: (text) => void warnings.push(text),
  };
}

/** Runs the command line; resolves to what it said and how it ended. */
export async function run(args: ReadonlyArray<string>, input: Uint8Array | string = '') {
  const child = spawn(process.execPath, [bin, ...args], { stdio: 'pipe' });
  const out: Buffer[] = [];
  let err = '';
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.on('error', () => undefined).end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { code, bytes: Buffer.concat(out), out: Buffer.concat(out).toString(), err };
}

/** A server that tests push to and pull from. */
export interface TestServer {
  readonly port: number;
  readonly url: string;
  /** Empties it. */
  clear(): Promise<void>;
}

/** Is told how to end something. By default it is ended with the test that began it. */
export type WhenOver = (end: () => unknown) => void;

/** `brooklet serve` in this process. */
export async function serveBrooklet(
  requirepass = '',
  whenOver: WhenOver = after,
): Promise<TestServer & { db: Database }> {
  const db = await Brooklet.create(requirepass ? { requirepass } : {});
  const server = await RespServer.listen(db, { host: '127.0.0.1', port: 0, outputLimit: 1 << 28 });
  whenOver(async () => {
    await server.close();
    await db.close();
  });
  const { port } = server;
  return {
    db,
    port,
    url: `redis://127.0.0.1:${port}`,
    clear: () => play(db, ['FLUSHALL']),
  };
}

/** A real server: with nothing, or with what lies in a directory, which it goes on with. */
export async function startRedis(
  path: string,
  whenOver: WhenOver = after,
  dir?: string,
): Promise<TestServer> {
  const port = await freePort();
  const durability = dir === undefined ? 'no' : 'yes';
  const settings = [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir ?? directory(), '--save', ''],
    ...['--appendonly', durability, '--aof-use-rdb-preamble', 'no'],
  ];
  const child = spawn(path, settings, { stdio: ['ignore', 'pipe', 'inherit'] });
  whenOver(() => child.kill('SIGKILL'));
  // The runner ends a file that takes too long with this signal; its servers must not outlive it.
  process.once('SIGTERM', () => {
    child.kill('SIGKILL');
    process.exit(1);
  });
  for (let said = ''; !said.includes('Ready to accept connections');) {
    const [bytes] = (await once(child.stdout, 'data')) as [Buffer];
    said += bytes.toString();
  }
  const clear = async (): Promise<void> => {
    await run(['cli', '-p', String(port), 'FLUSHALL']);
  };
  return { port, url: `redis://127.0.0.1:${port}`, clear };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
