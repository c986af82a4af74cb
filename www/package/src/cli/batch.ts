/** Commands from the command line or from a pipe: run, print, exit. */
import { createInterface } from 'node:readline';
import type { Argument, WireReply } from '../reply.js';
import { answersWithText, formatRaw, formatReplyOf, splitCommandLine } from '../repl/index.js';
import { reasonOf } from '../tools/problem.js';
import type { Link } from './link.js';
import { paint, wantsColour } from './style.js';

/** How replies are printed. */
export interface BatchOptions {
  /** Values alone (true), or as on a terminal. */
  readonly raw: boolean;
  /** Exit with 1 when a reply is an error. */
  readonly failOnError: boolean;
}

/** Runs one command; resolves to the exit code. */
export async function runOnce(
  link: Link,
  args: ReadonlyArray<Argument>,
  options: BatchOptions,
): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal);
  try {
    const reply = await link.send(args, interrupt.signal);
    print(args, reply, options.raw);
    return reply.kind === 'error' && options.failOnError ? 1 : 0;
  } catch (error) {
    if (interrupt.signal.aborted) return 130;
    process.stderr.write(`Could not reach ${link.name}: ${reasonOf(error)}\n`);
    return 1;
  } finally {
    process.removeListener('SIGINT', onSignal);
  }
}

/** Runs the commands of standard input, a line each, until one of them cannot be sent. */
export async function runLines(link: Link, options: BatchOptions): Promise<number> {
  let code = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const args = splitCommandLine(line);
    if (args === null) {
      process.stderr.write('Invalid argument(s)\n');
      code = 1;
    } else if (args.length > 0) {
      const result = await runOnce(link, args, options);
      if (result !== 0) code = result;
      if (result === 130) return code;
    }
  }
  return code;
}

function print(args: ReadonlyArray<Argument>, reply: WireReply, raw: boolean): void {
  if (!raw) {
    process.stdout.write(paint(formatReplyOf(args, reply), wantsColour(process.stdout)));
    return;
  }
  process.stdout.write(formatRaw(reply));
  if (!answersWithText(args)) process.stdout.write('\n');
}
