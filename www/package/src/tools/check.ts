/** `brooklet check`: reads every frame of a journal, says what is wrong, cuts off a torn tail. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { systemFiles } from '../storage/directory/files.js';
import { DirectoryLock, LOCK_NAME } from '../storage/directory/lock.js';
import { JournalDamagedError, StoreBusyError } from '../storage/errors.js';
import { findJournal, UNREADABLE } from './found.js';
import { ToolError } from './problem.js';
import type { Reporter } from './reporter.js';
import { loadJournal, type LoadedJournal } from './state.js';
import { countText, sizeText } from './text.js';

/** Options of {@link check}. */
export interface CheckOptions {
  /** Cut off what an append that never ended has left; nothing else is ever changed. */
  readonly fix: boolean;
}

/**
 * Resolves to what to print when the journal is whole, or has been made so. Rejects with a
 * ToolError: 1 when it is not whole, 2 when it cannot be read.
 */
export async function check(
  path: string,
  { fix }: CheckOptions,
  reporter: Reporter,
): Promise<string> {
  const lock = fix ? await lockOf(path) : undefined;
  try {
    const journal = await load(path, reporter);
    if (journal.torn === 0) return wholeText(journal);
    const { name, good } = tornFile(journal);
    if (!fix) throw new ToolError(tornText(journal, name, good));
    await cut(name, good);
    const mended = wholeText(await load(path, reporter));
    return `${name}: cut off ${sizeText(journal.torn)} behind byte ${good}\n${mended}`;
  } finally {
    lock?.release();
  }
}

/** The lock that keeps writers away; undefined for a file that no writer locks. */
async function lockOf(path: string): Promise<DirectoryLock | undefined> {
  const found = await findJournal(path);
  await found.close();
  if (found.directory === undefined) return undefined;
  try {
    return await DirectoryLock.take(systemFiles, found.directory);
  } catch (error) {
    if (!(error instanceof StoreBusyError)) throw error;
    throw new ToolError(`${error.message}; without --fix it can be read all the same`, UNREADABLE);
  }
}

async function load(path: string, reporter: Reporter): Promise<LoadedJournal> {
  try {
    const journal = await loadJournal(path, reporter);
    await journal.database.close();
    return journal;
  } catch (error) {
    if (!(error instanceof JournalDamagedError)) throw error;
    throw new ToolError(
      `${error.message}\nNothing was changed, and --fix does not change it either: it removes ` +
        'what an append that never ended has left at the very end, and nothing else.',
    );
  }
}

function tornFile({ found, torn }: LoadedJournal): { name: string; good: number } {
  const last = found.files.at(-1);
  if (last === undefined) throw new ToolError('a journal without files is not torn');
  return { name: last.name, good: last.bytes - torn };
}

function tornText({ torn, found }: LoadedJournal, name: string, good: number): string {
  const { directory } = found;
  const held =
    directory !== undefined && systemFiles.size(join(directory, LOCK_NAME)) !== undefined;
  return [
    `${name} is torn at byte ${good}: the last ${sizeText(torn)} are of an append that never ` +
      'ended.',
    'Nobody was told that what is in them was kept. Whoever opens the journal cuts them off; ' +
      '`brooklet check --fix` does so now.',
    ...(held ? ['Its writer may be at work: then it may be an append that is under way.'] : []),
  ].join('\n');
}

async function cut(path: string, length: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(length);
    await file.sync();
  } finally {
    await file.close();
  }
}

function wholeText({ found, commands }: LoadedJournal): string {
  const files = found.files.map(({ name, bytes }) => `  ${name}  ${sizeText(bytes)}`);
  return [`${found.name} is whole: ${countText(commands, 'command')}`, ...files, ''].join('\n');
}
