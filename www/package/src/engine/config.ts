/** Checks an engine's configuration before the engine sees it. */
import type { EngineConfig } from './glue.js';

const KINDS: Record<keyof EngineConfig, 'number' | 'string'> = {
  maxclients: 'number',
  maxmemory: 'number',
  requirepass: 'string',
  protoMaxBulkLen: 'number',
  queryBufferLimit: 'number',
  outputBufferLimit: 'number',
  databases: 'number',
  port: 'number',
  enableDebugCommand: 'string',
  seed: 'number',
  streamNodeMaxEntries: 'number',
  streamNodeMaxBytes: 'number',
};

/** Throws a TypeError that names the option which does not exist or has the wrong type. */
export function checkConfig(config: EngineConfig): void {
  for (const [name, value] of Object.entries(config) as Array<[string, unknown]>) {
    const kind = KINDS[name as keyof EngineConfig];
    if (kind === undefined) throw new TypeError(`there is no option ${JSON.stringify(name)}`);
    if (value === undefined) continue;
    const fits = kind === 'number' ? Number.isSafeInteger(value) && Number(value) >= 0 : true;
    if (typeof value !== kind || !fits) {
      const wanted = kind === 'number' ? 'a whole number from 0 on' : 'a string';
      throw new TypeError(`option ${name} must be ${wanted}, not ${JSON.stringify(value)}`);
    }
  }
}
