/** Runs a tool for the command line: its words, its errors, its exit code. */
import type { CheckFlags, ExportFlags, PullFlags, PushFlags, ToolFlags } from '../cli/tools.js';
import { wantsColour } from '../cli/style.js';
import { StoreError } from '../storage/errors.js';
import { check } from './check.js';
import { exportJournal } from './export.js';
import { importJournal } from './import.js';
import { codeOf } from '../storage/directory/files.js';
import { reasonOf, ToolError } from './problem.js';
import { pull } from './pull.js';
import { push } from './push.js';
import { reporterTo, silent, type Reporter } from './reporter.js';

/** Each resolves to the exit code. */
export const tools = {
  check: (path: string, flags: CheckFlags) =>
    run('check', flags, async (reporter) => {
      const text = await check(path, { fix: flags.fix ?? false }, reporter);
      if (!flags.quiet) process.stdout.write(text);
    }),
  export: (path: string, file: string, { profile, force = false, ...flags }: ExportFlags) =>
    run('export', flags, (reporter) =>
      exportJournal(path, file, { profile, force, output: process.stdout }, reporter),
    ),
  import: (directory: string, file: string, flags: ToolFlags) =>
    run('import', flags, (reporter) => importJournal(directory, file, process.stdin, reporter)),
  push: (path: string, url: string, { replace = false, ...flags }: PushFlags) =>
    run('push', flags, (reporter) => push(path, url, { replace, ...flags }, reporter)),
  pull: (url: string, directory: string, flags: PullFlags) =>
    run('pull', flags, (reporter) => pull(url, directory, flags, reporter)),
};

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

async function run(
  name: string,
  { quiet = false }: ToolFlags,
  work: (reporter: Reporter) => Promise<void>,
): Promise<number> {
  const reporter = quiet ? silent : reporterTo(process.stderr);
  const onSignal = (_: NodeJS.Signals, number: number): void => {
    reporter.stop();
    process.exit(128 + number);
  };
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    await work(reporter);
    return 0;
  } catch (error) {
    // Anything else is a defect, and its stack is of use.
    const isKnown =
      error instanceof ToolError || error instanceof StoreError || codeOf(error) !== undefined;
    if (!isKnown) throw error;
    const text = `brooklet ${name}: ${reasonOf(error)}`;
    const colour = wantsColour(process.stderr);
    process.stderr.write(colour ? `\x1b[31m${text}\x1b[0m\n` : `${text}\n`);
    return error instanceof ToolError ? error.exitCode : 1;
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
  }
}
