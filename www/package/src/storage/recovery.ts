/** Reads the files of a store into an empty engine. */
import type { Recovered, RecoveryProblem } from '../engine/glue.js';
import type { EngineHost } from '../engine/host.js';
import { JournalDamagedError } from './errors.js';
import type { StoredFile } from './store.js';
import { turn } from './turn.js';

/** What was found. */
export interface Recovery extends Recovered {
  /** Where the last file is good up to. */
  readonly end: number;
  /** Bytes behind that: of an append that never ended, and that nobody was told of. */
  readonly torn: number;
  /** Bytes of all files, up to the end. */
  readonly bytes: number;
}

/** So much is read before anything else may run. */
const SLICE_BYTES = 1 << 18;

/** Rejects with JournalDamagedError where a file is not as it was written. */
export async function recover(
  host: EngineHost,
  files: ReadonlyArray<StoredFile>,
): Promise<Recovery> {
  host.use((engine, now) => engine.beginRecovery(now));
  let [bytes, end, torn] = [0, 0, 0];
  for (const [index, file] of files.entries()) {
    const length = await readFile(host, file);
    end = readStep(host, file, (engine) => engine.endFile(index === files.length - 1));
    torn = length - end;
    bytes += end;
  }
  return { ...host.use((engine) => engine.endRecovery()), end, torn, bytes };
}

/** Resolves to how many bytes there were. */
async function readFile(host: EngineHost, file: StoredFile): Promise<number> {
  host.use((engine) => engine.beginFile(file.kind === 'base'));
  let length = 0;
  for await (const piece of file.read()) {
    for (let at = 0; at < piece.length; at += SLICE_BYTES) {
      const slice = piece.subarray(at, at + SLICE_BYTES);
      host.fill(slice);
      readStep(host, file, (engine, now) => engine.recover(now, slice.length));
      length += slice.length;
      await turn();
    }
  }
  return length;
}

function readStep<T>(
  host: EngineHost,
  file: StoredFile,
  step: Parameters<typeof host.use<T>>[0],
): T {
  // What the engine throws for a file is no failure of its own.
  const result = host.use((engine, now): { value: T } | { problem: RecoveryProblem } => {
    try {
      return { value: step(engine, now) };
    } catch (error) {
      if (isProblem(error)) return { problem: error };
      throw error;
    }
  });
  if ('value' in result) return result.value;
  const { message, offset } = result.problem;
  const where = `${file.name} is damaged at byte ${offset}`;
  throw new JournalDamagedError(`${where}: ${message}`, file.name, offset);
}

function isProblem(error: unknown): error is RecoveryProblem {
  return error instanceof Error && 'offset' in error;
}
