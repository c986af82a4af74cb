/** The entry of the `brooklet` command. */
import { CommanderError } from 'commander';
import type { ServeFlags } from '../serve/options.js';
import { runLines, runOnce } from './batch.js';
import { interact } from './interactive.js';
import { Link } from './link.js';
import { createProgram, type CliFlags } from './program.js';

/** Runs one command line; resolves to the exit code. */
export async function main(argv: ReadonlyArray<string>): Promise<number> {
  let code = 0;
  const program = createProgram({
    async serve(flags) {
      // Loaded only when needed: a prompt to a server starts without the engine.
      const { serve } = await import('../serve/main.js');
      code = await serve(flags as ServeFlags);
    },
    async cli(args, flags) {
      code = await runCli(args, flags);
    },
    check: async (...args) => void (code = await (await loadTools()).check(...args)),
    export: async (...args) => void (code = await (await loadTools()).export(...args)),
    import: async (...args) => void (code = await (await loadTools()).import(...args)),
    push: async (...args) => void (code = await (await loadTools()).push(...args)),
    pull: async (...args) => void (code = await (await loadTools()).pull(...args)),
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    // Commander has printed the help or the complaint already.
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  return code;
}

/** Loaded only when needed, as the server. */
async function loadTools() {
  return (await import('../tools/run.js')).tools;
}

async function runCli(args: string[], flags: CliFlags): Promise<number> {
  const link = flags.memory ? await Link.toMemory() : Link.toServer(targetOf(flags));
  const raw = flags.raw ?? !process.stdout.isTTY;
  const options = { raw, failOnError: flags.failOnError ?? false };
  try {
    if (args.length > 0) return await runOnce(link, args, options);
    return process.stdin.isTTY ? await interact(link) : await runLines(link, options);
  } finally {
    link.close();
  }
}

function targetOf(flags: CliFlags): Parameters<typeof Link.toServer>[0] {
  const password = flags.pass ?? process.env['REDISCLI_AUTH'];
  return {
    host: flags.host,
    port: flags.port,
    resp3: flags.resp3 ?? false,
    database: flags.database,
    ...(flags.unixsocket === undefined ? {} : { unixsocket: flags.unixsocket }),
    ...(flags.user === undefined ? {} : { user: flags.user }),
    ...(password === undefined ? {} : { password }),
  };
}
