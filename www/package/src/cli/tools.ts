/** The subcommands that work on journals: check, export, import, push, pull. */
import { Option, type Command } from 'commander';
import type { ExportProfile } from '../storage/export.js';
import { PROFILES } from '../tools/profile.js';

/** What all of them take. */
export interface ToolFlags {
  readonly quiet?: boolean;
}

/** Flags of `brooklet check`. */
export interface CheckFlags extends ToolFlags {
  readonly fix?: boolean;
}

/** Flags of `brooklet export`. */
export interface ExportFlags extends ToolFlags {
  readonly profile: ExportProfile;
  readonly force?: boolean;
}

/** Flags of `brooklet push`. */
export interface PushFlags extends ToolFlags {
  readonly profile: ExportProfile | 'auto';
  readonly replace?: boolean;
  readonly cacert?: string;
}

/** Flags of `brooklet pull`. */
export interface PullFlags extends ToolFlags {
  readonly match?: string;
  readonly dump: boolean;
  readonly cacert?: string;
}

/** What to do with each. */
export interface ToolHandlers {
  check(path: string, flags: CheckFlags): Promise<void>;
  export(path: string, file: string, flags: ExportFlags): Promise<void>;
  import(directory: string, file: string, flags: ToolFlags): Promise<void>;
  push(path: string, url: string, flags: PushFlags): Promise<void>;
  pull(url: string, directory: string, flags: PullFlags): Promise<void>;
}

const ENDS = '\nEnds with 0 when it is done, with 1 when it is not, and says why.';
const ADDRESS =
  '\nThe address is redis://[user:password@]host[:port][/database], or rediss:// for TLS. A ' +
  'password can\nalso be in the variable REDISCLI_AUTH. Without /database every database goes ' +
  'where it was.';

/** Adds them. */
export function addTools(program: Command, handlers: ToolHandlers): void {
  addCheck(program, handlers);
  addExport(program, handlers);
  addImport(program, handlers);
  addPush(program, handlers);
  addPull(program, handlers);
}

function addCheck(program: Command, handlers: ToolHandlers): void {
  tool(program, 'check <dir>', 'read every frame of a journal: a directory, or an exported file')
    .option('--fix', 'cut off what an append that never ended has left at the very end')
    .addHelpText(
      'after',
      '\nDirectories of Redis are read as well. Nothing is changed without --fix, and a running ' +
        'writer is\nno hindrance.' +
        '\n\nEnds with 0 when the journal is whole, with 1 when it is not, with 2 when it cannot ' +
        'be read.',
    )
    .action((path: string, flags: CheckFlags) => handlers.check(path, flags));
}

function addExport(program: Command, handlers: ToolHandlers): void {
  tool(program, 'export <dir> [file]', 'write what a journal holds as one append-only file (AOF)')
    .addOption(profileOption(PROFILES, '8.10', 'oldest Redis that must load it'))
    .option('-f, --force', 'replace a file that is there')
    .addHelpText(
      'after',
      '\nWithout a file, or with -, it goes to the output. Redis loads it as appendonly.aof.' +
        ENDS,
    )
    .action((path: string, file: string | undefined, flags: ExportFlags) =>
      handlers.export(path, file ?? '-', flags),
    );
}

function addImport(program: Command, handlers: ToolHandlers): void {
  tool(program, 'import <dir> [file]', 'make an append-only file the journal of a new directory')
    .addHelpText(
      'after',
      '\nWithout a file, or with -, it comes from the input. A directory that holds data is ' +
        `refused.${ENDS}`,
    )
    .action((directory: string, file: string | undefined, flags: ToolFlags) =>
      handlers.import(directory, file ?? '-', flags),
    );
}

function addPush(program: Command, handlers: ToolHandlers): void {
  tool(program, 'push <dir> <url>', 'replay a journal into a running Redis, Valkey or Dragonfly')
    .addOption(profileOption(['auto', ...PROFILES], 'auto', 'what the server is taken for'))
    .option('--replace', 'replace keys that the server has; without it they are refused')
    .option('--cacert <file>', "certificates to trust instead of the system's")
    .addHelpText('after', ADDRESS + ENDS)
    .action((path: string, url: string, flags: PushFlags) => handlers.push(path, url, flags));
}

function addPull(program: Command, handlers: ToolHandlers): void {
  tool(program, 'pull <url> <dir>', 'make streams and strings of a server a new directory')
    .option('--match <pattern>', 'only keys whose names are like this, as in SCAN')
    .option('--no-dump', 'read by XRANGE, XINFO and XPENDING, as where DUMP is not allowed')
    .option('--cacert <file>', "certificates to trust instead of the system's")
    .addHelpText('after', ADDRESS + ENDS)
    .action((url: string, directory: string, flags: PullFlags) =>
      handlers.pull(url, directory, flags),
    );
}

function tool(program: Command, usage: string, description: string): Command {
  return program
    .command(usage)
    .description(description)
    .option('-q, --quiet', 'say nothing but errors');
}

function profileOption(choices: ReadonlyArray<string>, value: string, about: string): Option {
  return new Option('--profile <version>', about).choices([...choices]).default(value);
}
