/** Writes the state as the base of a journal, a slice in each turn of the event loop. */
import { LAST_BASE_FRAME, NO_FRAME } from '../engine/glue.js';
import type { EngineHost } from '../engine/host.js';
import { StoreError } from './errors.js';
import type { BaseWriter } from './store.js';
import { turn } from './turn.js';

/** So much is written before anything else may run. */
const SLICE_BYTES = 1 << 18;

/** Resolves to how many bytes it has. Rejects once `isClosing` says so. */
export async function writeBase(
  host: EngineHost,
  base: BaseWriter,
  isClosing: () => boolean,
): Promise<number> {
  let bytes = 0;
  let state: number;
  do {
    await turn();
    if (isClosing()) throw new StoreError('the database was closed before its journal was rewritten');
    state = host.use((engine, now) => engine.nextBaseFrame(now, SLICE_BYTES));
    if (state === NO_FRAME) throw new StoreError('nothing is being rewritten');
    const frame = host.copyBytes();
    await base.write(frame);
    bytes += frame.length;
  } while (state !== LAST_BASE_FRAME);
  return bytes;
}
