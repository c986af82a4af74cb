/** `brooklet serve`: opens a database, listens, says so, and stops in good order. */
import { Brooklet } from '../env/node.js';
import { problemWith, type ServeFlags } from './options.js';
import { ListenError, RespServer } from './server.js';

/** Runs until a signal comes; resolves to the exit code. */
export async function serve(flags: ServeFlags): Promise<number> {
  const problem = problemWith(flags);
  if (problem !== undefined) return complain(problem);
  const database = await Brooklet.create({
    port: flags.port,
    maxclients: flags.maxclients,
    maxmemory: flags.maxmemory,
    databases: flags.databases,
    outputBufferLimit: flags.outputBufferLimit,
    enableDebugCommand: flags.enableDebugCommand,
    ...(flags.requirepass ? { requirepass: flags.requirepass } : {}),
  });
  try {
    const server = await RespServer.listen(database, {
      host: flags.host,
      port: flags.port,
      unixSocket: flags.unixsocket,
      outputLimit: flags.outputBufferLimit,
    });
    process.stdout.write(banner(flags, server.port));
    const signal = await stopSignal();
    process.stdout.write(`${signal}: sending what is waiting, then closing.\n`);
    await server.close();
    return 0;
  } catch (error) {
    if (error instanceof ListenError) return complain(error.message);
    throw error;
  } finally {
    await database.close();
  }
}

function banner(flags: ServeFlags, port: number): string {
  const host = flags.host.includes(':') ? `[${flags.host}]` : flags.host;
  const lines = [
    'Brooklet: Redis streams and consumer groups, in one WebAssembly engine.',
    `Listening on ${host}:${port}${flags.requirepass ? ' (password required)' : ''}`,
    ...(flags.unixsocket === undefined ? [] : [`Listening on ${flags.unixsocket}`]),
    'Everything is in memory: nothing is kept when this process ends.',
    `Try: redis-cli -p ${port}   or: brooklet cli --port ${port}   Stop with Ctrl-C.`,
  ];
  return `${lines.join('\n')}\n`;
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => resolve(signal));
    }
  });
}

function complain(problem: string): number {
  process.stderr.write(`brooklet serve: ${problem}\n`);
  return 1;
}
