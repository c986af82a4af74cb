/** The state of a database as a stream of bytes: a Redis append-only file. */
import type { GlueExport } from '../engine/glue.js';
import type { EngineHost } from '../engine/host.js';
import { turn } from './turn.js';

/**
 * The oldest Redis that an export is for: 7.0 also stands for 7.2 and for Valkey, 8.2 for 8.4, 8.6
 * for 8.6.2 and later, 8.10 for 8.8.
 */
export type ExportProfile = '7.0' | '8.2' | '8.6' | '8.10';

/** In the order of the engine's own. */
const PROFILES: ReadonlyArray<ExportProfile> = ['7.0', '8.2', '8.6', '8.10'];

/** What an export for an older Redis could not say. */
export interface ExportLosses {
  /**
   * Pending entries that were given back to their group (XNACK) and belong to the consumer with the
   * empty name there, for anybody to claim.
   */
  givenBack: number;
  /** Idempotent IDs that are left out. */
  idempotentIds: number;
}

/** Options of an export. */
export interface ExportOptions {
  /** The oldest Redis that must load it ('8.10'). */
  profile?: ExportProfile;
  /** Is told at the end what an older Redis has no word for, if there was anything. */
  onLosses?: (losses: ExportLosses) => void;
}

/** So much is written before anything else may run. */
const SLICE_BYTES = 1 << 18;

/** The state at this moment; what happens while it is read is not in it. */
export function exportStream(
  host: EngineHost,
  { profile = '8.10', onLosses }: ExportOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const place = PROFILES.indexOf(profile);
  if (place < 0) throw new TypeError(`profile must be one of ${PROFILES.join(', ')}`);
  const exported = host.use((engine) => engine.export(place));
  return new ReadableStream(
    {
      async pull(controller) {
        await turn();
        // Throws when the database was closed meanwhile. The engine frees what nobody holds.
        const frame = nextFrame(host, exported);
        if (frame) return controller.enqueue(frame);
        const losses = host.use(() => exported.losses());
        exported.free();
        controller.close();
        if (losses.givenBack > 0 || losses.idempotentIds > 0) onLosses?.(losses);
      },
      cancel: () => exported.free(),
    },
    { highWaterMark: 0 },
  );
}

function nextFrame(host: EngineHost, exported: GlueExport): Uint8Array<ArrayBuffer> | undefined {
  const length = host.use((_, now) => exported.next(now, SLICE_BYTES));
  return length === 0 ? undefined : host.copy(exported.address(), length);
}
