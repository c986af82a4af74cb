/** `brooklet serve`: opens a database, listens, says so, and stops in good order. */
import { Brooklet } from '../env/node.js';
import { JournalDamagedError, StoreError } from '../storage/errors.js';
import { problemWith, type ServeFlags } from './options.js';
import { banner } from './banner.js';
import { HttpServer } from './http.js';
import { ListenError } from './listen.js';
import { RespServer } from './server.js';

/** Runs until a signal comes; resolves to the exit code. */
export async function serve(flags: ServeFlags): Promise<number> {
  const problem = problemWith(flags);
  if (problem !== undefined) return complain(problem);
  try {
    return await run(flags, await open(flags));
  } catch (error) {
    if (error instanceof ListenError) return complain(error.message);
    if (error instanceof StoreError) return complain(withAdvice(error, flags.dir));
    throw error;
  }
}

function open(flags: ServeFlags): Promise<Brooklet> {
  const config = {
    port: flags.port,
    maxclients: flags.maxclients,
    maxmemory: flags.maxmemory,
    databases: flags.databases,
    outputBufferLimit: flags.outputBufferLimit,
    enableDebugCommand: flags.enableDebugCommand,
    ...(flags.requirepass ? { requirepass: flags.requirepass } : {}),
  };
  if (flags.dir === undefined) return Brooklet.create(config);
  const durability = flags.appendfsync ?? 'everysec';
  return Brooklet.open(flags.dir, { ...config, storage: 'directory', durability });
}

async function run(flags: ServeFlags, database: Brooklet): Promise<number> {
  const failed = failureOf(database);
  const servers: Array<RespServer | HttpServer> = [];
  try {
    const server = await RespServer.listen(database, {
      host: flags.host,
      port: flags.port,
      unixSocket: flags.unixsocket,
      outputLimit: flags.outputBufferLimit,
    });
    servers.push(server);
    const http = await listenHttp(flags, database);
    if (http) servers.push(http);
    // Whoever reads the banner may send a signal at once.
    const stopped = stopSignal();
    const ports = { resp: server.port, http: http?.port };
    process.stdout.write(banner(flags, ports, database.storage));
    const end = await Promise.race([stopped, failed]);
    if (typeof end === 'string') {
      process.stdout.write(`${end}: sending what is waiting, then closing.\n`);
    }
    if (end instanceof Error) throw end;
    return 0;
  } finally {
    await Promise.all(servers.map((server) => server.close()));
    await database.close();
  }
}

async function listenHttp(flags: ServeFlags, database: Brooklet): Promise<HttpServer | undefined> {
  if (flags.http === undefined) return undefined;
  return HttpServer.listen(database, {
    host: flags.host,
    port: flags.http,
    ...(flags.httpToken === undefined ? {} : { token: flags.httpToken }),
    ...(flags.httpReadonlyToken === undefined ? {} : { readOnlyToken: flags.httpReadonlyToken }),
  });
}

/** Resolves when nothing can be written any more; says meanwhile whether there is room. */
function failureOf(database: Brooklet): Promise<Error> {
  database.on('full', () =>
    warn('the disk is full: what adds data is refused, reads, XACK, XDEL and XTRIM go on'),
  );
  database.on('roomAgain', () => warn('there is room again'));
  return new Promise((resolve) => void database.on('failed', resolve));
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => resolve(signal));
    }
  });
}

function withAdvice(error: StoreError, directory = ''): string {
  if (!(error instanceof JournalDamagedError)) return error.message;
  return (
    `${error.message}\nNothing was changed. \`brooklet check ${directory}\` looks through all of it; ` +
    'a backup has what was before, and so has a copy of the directory in which that file is cut ' +
    `off at byte ${error.offset}`
  );
}

function warn(what: string): void {
  process.stderr.write(`brooklet serve: ${what}\n`);
}

function complain(problem: string): number {
  warn(problem);
  return 1;
}
