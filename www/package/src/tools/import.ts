/** `brooklet import`: an append-only file becomes the journal of a new directory. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { JournalDamagedError } from '../storage/errors.js';
import { sourceFile } from '../storage/source.js';
import { reasonOf, ToolError } from './problem.js';
import type { Progress, Reporter } from './reporter.js';
import { NewDatabase } from './state.js';
import { countText, sizeText } from './text.js';

/** Fills the directory from `file`, or from `input` when that is `-`. */
export async function importJournal(
  directory: string,
  file: string,
  input: Readable,
  reporter: Reporter,
): Promise<void> {
  const name = file === '-' ? 'the input' : file;
  const total = file === '-' ? 0 : await sizeOf(file);
  const progress = reporter.begin(`Reading ${name}`, total, 'bytes');
  try {
    const bytes = read(file === '-' ? input : createReadStream(file), name, progress);
    const fresh = await NewDatabase.begin(directory, await sourceFile(name, bytes));
    progress.end();
    const { keys } = fresh.database.statistics();
    const { commands = 0, torn = 0 } = fresh.database.storage?.recovered ?? {};
    await fresh.keep();
    if (torn > 0) reporter.warn(`${sizeText(torn)} at the end of ${name} never became part of it`);
    reporter.note(`${countText(keys, 'key')} from ${countText(commands, 'command')}: ${directory}`);
  } catch (error) {
    if (!(error instanceof JournalDamagedError)) throw error;
    const isOther = /unknown command/i.test(error.message);
    const advice = isOther ? ` ${OTHERS}` : '';
    throw new ToolError(`${error.message}\nNothing was written to ${directory}.${advice}`);
  } finally {
    progress.end();
  }
}

const OTHERS =
  'Only streams and strings are kept here: `brooklet pull` takes them from the running server, ' +
  'and leaves all else out.';

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    throw new ToolError(`${file} cannot be read: ${reasonOf(error)}`);
  }
}

async function* read(stream: Readable, name: string, progress: Progress) {
  try {
    for await (const bytes of stream as AsyncIterable<Uint8Array>) {
      progress.advance(bytes.length);
      yield bytes;
    }
  } catch (error) {
    throw new ToolError(`${name} cannot be read: ${reasonOf(error)}`);
  }
}
