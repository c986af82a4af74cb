/** The options of `brooklet serve`, checked before anything is opened. */
import { isLoopback } from '../loopback.js';
import type { Durability } from '../storage/store.js';

/** What the command line gave. */
export interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly unixsocket?: string;
  readonly dir?: string;
  readonly appendfsync?: Durability;
  readonly http?: number;
  readonly httpToken?: string;
  readonly httpReadonlyToken?: string;
  readonly requirepass?: string;
  readonly maxclients: number;
  readonly maxmemory: number;
  readonly databases: number;
  readonly outputBufferLimit: number;
  readonly enableDebugCommand: 'no' | 'local' | 'yes';
}


/** What speaks against these options, or undefined. */
export function problemWith(flags: ServeFlags): string | undefined {
  if (flags.appendfsync !== undefined && flags.dir === undefined) {
    return '--appendfsync says when a journal is flushed: --dir has to say where it lies';
  }
  for (const token of [flags.httpToken, flags.httpReadonlyToken]) {
    if (token === '') return '--http-token and --http-readonly-token must not be empty';
  }
  if (isLoopback(flags.host)) return undefined;
  if (flags.http !== undefined && !hasToken(flags)) {
    return (
      `--host ${flags.host} can be reached from other machines, so --http needs a token: ` +
      'add --http-token <token>, or listen on 127.0.0.1'
    );
  }
  if (flags.requirepass) return undefined;
  return (
    `--host ${flags.host} can be reached from other machines, so it needs a password: ` +
    'add --requirepass <password>, or listen on 127.0.0.1'
  );
}

/** Whether HTTP asks who it is. */
export function hasToken(flags: Pick<ServeFlags, 'httpToken' | 'httpReadonlyToken'>): boolean {
  return Boolean(flags.httpToken ?? flags.httpReadonlyToken);
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
};

/** Reads a size as redis.conf writes it: `1048576`, `100mb`, `1g`. */
export function parseBytes(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)([a-z]*)$/i.exec(text) ?? [];
  const factor = UNITS[unit?.toLowerCase() ?? '?'];
  if (digits === undefined || factor === undefined) return undefined;
  const bytes = Number(digits) * factor;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Reads a whole number from `min` to `max`. */
export function parseWhole(text: string, min: number, max: number): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= min && value <= max ? value : undefined;
}
