/** The command line of `brooklet`: its subcommands, their options, their help. */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseBytes, parseWhole } from '../serve/options.js';
import { addTools, type ToolHandlers } from './tools.js';

/** Version of this package. */
export function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Options of `brooklet cli` as commander hands them over. */
export interface CliFlags {
  readonly host: string;
  readonly port: number;
  readonly unixsocket?: string;
  readonly user?: string;
  readonly pass?: string;
  readonly resp3?: boolean;
  readonly database: number;
  readonly memory?: boolean;
  /** `--raw` gives true, `--no-raw` gives false, neither gives undefined. */
  readonly raw?: boolean;
  readonly failOnError?: boolean;
}

/** What to do with each subcommand. */
export interface Handlers extends ToolHandlers {
  serve(flags: unknown): Promise<void>;
  cli(args: string[], flags: CliFlags): Promise<void>;
}

/** Builds the parser. */
export function createProgram(handlers: Handlers): Command {
  const program = new Command('brooklet')
    .description('Redis streams and consumer groups without the server.')
    .version(version(), '-v, --version')
    .showHelpAfterError('(brooklet help shows what there is)')
    .enablePositionalOptions()
    .exitOverride();
  addServe(program, handlers);
  addCli(program, handlers);
  addTools(program, handlers);
  program
    .command('version')
    .description('print the version')
    .action(() => void process.stdout.write(`brooklet ${version()}\n`));
  return program;
}

function addServe(program: Command, handlers: Handlers): void {
  program
    .command('serve')
    .description('serve RESP to any Redis client, from memory or from a directory')
    .option('--port <number>', 'TCP port; 0 lets the system choose', whole(0, 65535), 6379)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--unixsocket <path>', 'listen on a unix socket as well')
    .option('--dir <path>', 'keep everything in a directory, as Redis does; else in memory')
    .addOption(
      new Option(
        '--appendfsync <when>',
        'flush before each reply, once a second (default), or when the system likes',
      ).choices(['always', 'everysec', 'no']),
    )
    .option('--http <port>', 'answer HTTP on a port of its own as well', whole(0, 65535))
    .addOption(
      new Option('--http-token <token>', 'token for all that HTTP can do; else only from here').env(
        'BROOKLET_HTTP_TOKEN',
      ),
    )
    .addOption(
      new Option('--http-readonly-token <token>', 'token for what only reads').env(
        'BROOKLET_HTTP_READONLY_TOKEN',
      ),
    )
    .option('--requirepass <password>', 'password that clients must send (AUTH)')
    .option('--maxclients <number>', 'most clients at once', whole(1, 1_000_000), 10_000)
    .option('--maxmemory <bytes>', 'most bytes of data, such as 100mb; 0 is no limit', bytes, 0)
    .option('--databases <number>', 'number of databases', whole(1, 10_000), 16)
    .option(
      '--output-buffer-limit <bytes>',
      'most unread reply bytes of a client before it is cut off',
      bytes,
      256 * 1024 ** 2,
    )
    .addOption(
      new Option('--enable-debug-command <who>', 'let clients call DEBUG, for test suites')
        .choices(['no', 'local', 'yes'])
        .default('no'),
    )
    .action((flags: unknown) => handlers.serve(flags));
}

function addCli(program: Command, handlers: Handlers): void {
  program
    .command('cli [command...]')
    .description('talk to a server: one command, or a prompt with hints and history')
    .option('-h, --host <address>', 'server address', '127.0.0.1')
    .option('-p, --port <number>', 'server port', whole(1, 65535), 6379)
    .option('-s, --unixsocket <path>', 'connect to a unix socket instead')
    .option('-a, --pass <password>', 'password (or the variable REDISCLI_AUTH)')
    .option('--user <name>', 'user name to send with the password')
    .option('-3, --resp3', 'speak RESP3')
    .option('-n, --database <number>', 'database to select', whole(0, 9_999), 0)
    .option('--memory', 'no server: an empty engine in this process')
    .option('--raw', 'print values alone, as into a pipe')
    .option('--no-raw', 'print as on a terminal')
    .option('-e, --fail-on-error', 'exit with 1 when the reply is an error')
    .helpOption('--help', 'show this help')
    .passThroughOptions()
    .action((args: string[], flags: CliFlags) => handlers.cli(args, flags));
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = parseWhole(text, min, max);
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

function bytes(text: string): number {
  const value = parseBytes(text);
  if (value !== undefined) return value;
  throw new InvalidArgumentError('It must be a size such as 1048576, 100mb or 1gb.');
}
