/** `brooklet export`: what a journal holds, as one append-only file. */
import type { Writable } from 'node:stream';
import type { ExportLosses, ExportProfile } from '../storage/export.js';
import { lossesText } from './losses.js';
import { reasonOf, ToolError } from './problem.js';
import type { Reporter } from './reporter.js';
import { loadJournal } from './state.js';
import { toFile, toStream } from './target.js';
import { countText, sizeText } from './text.js';

/** Options of {@link exportJournal}. */
export interface ExportJournalOptions {
  readonly profile: ExportProfile;
  /** Replace a file that is there. */
  readonly force: boolean;
  /** Where to, when no file is named. */
  readonly output: Writable & { isTTY?: boolean };
}

/** Writes the journal at `path` into `file`, or to the output when that is `-`. */
export async function exportJournal(
  path: string,
  file: string,
  { profile, force, output }: ExportJournalOptions,
  reporter: Reporter,
): Promise<void> {
  if (file === '-' && output.isTTY) {
    throw new ToolError('a terminal is no place for these bytes: name a file, or use a pipe');
  }
  const target = file === '-' ? toStream(output) : await toFile(file, force);
  let bytes = 0;
  try {
    const { database, torn } = await loadJournal(path, reporter);
    if (torn > 0) reporter.warn(`${sizeText(torn)} at the end of ${path} never became part of it`);
    const { keys } = database.statistics();
    const progress = reporter.begin('Writing', 0, 'bytes');
    const losses: ExportLosses[] = [];
    try {
      for await (const frame of database.export({ profile, onLosses: (it) => losses.push(it) })) {
        await write(() => target.write(frame), file);
        bytes += frame.length;
        progress.advance(frame.length);
      }
      await write(() => target.end(), file);
    } finally {
      progress.end();
      await database.close();
    }
    const lost = losses.flatMap((it) => lossesText(it, `Redis ${profile}`));
    for (const text of lost) reporter.warn(text);
    const what = `${countText(keys, 'key')}, ${sizeText(bytes)}`;
    reporter.note(`${what}, for Redis ${profile} and later`);
  } catch (error) {
    await target.abort();
    throw error;
  }
}

async function write(step: () => Promise<void>, file: string): Promise<void> {
  try {
    await step();
  } catch (error) {
    const where = file === '-' ? 'the output' : file;
    throw new ToolError(`${where} cannot be written: ${reasonOf(error)}`);
  }
}
