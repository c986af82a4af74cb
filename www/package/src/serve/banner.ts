/** What `brooklet serve` says when it is ready: where it listens, and what it keeps. */
import type { StorageInfo } from '../storage/journal.js';
import type { Durability } from '../storage/store.js';
import { hasToken, type ServeFlags } from './options.js';

/** What is there after which accident. */
const KEEPS: Readonly<Record<Durability, string>> = {
  always: 'what was answered outlives a crash and a power cut',
  everysec: 'what was answered outlives a crash; a power cut can take the last two seconds',
  no: 'what was answered outlives a crash; a power cut can take what the system has not written',
};

/** The ports that are listened on. */
export interface Ports {
  readonly resp: number;
  readonly http: number | undefined;
}

/** Lines for the person who started the server. */
export function banner(flags: ServeFlags, ports: Ports, storage: StorageInfo | undefined): string {
  const host = flags.host.includes(':') ? `[${flags.host}]` : flags.host;
  const port = ports.resp;
  const asked = hasToken(flags) ? 'token required' : 'this machine only: there is no token';
  const lines = [
    'Brooklet: Redis streams and consumer groups, in one WebAssembly engine.',
    `Listening on ${host}:${port}${flags.requirepass ? ' (password required)' : ''}`,
    ...(flags.unixsocket === undefined ? [] : [`Listening on ${flags.unixsocket}`]),
    ...(ports.http === undefined ? [] : [`REST on http://${host}:${ports.http} (${asked})`]),
    ...(storage
      ? kept(storage)
      : ['Everything is in memory: nothing is kept when this process ends (--dir keeps it).']),
    `Try: redis-cli -p ${port}   or: brooklet cli --port ${port}   Stop with Ctrl-C.`,
  ];
  return `${lines.join('\n')}\n`;
}

function kept({ name, durability, recovered, full }: StorageInfo): string[] {
  const { commands, torn } = recovered;
  const cut = torn === 0 ? '' : `; ${torn} bytes of an append that a crash cut short were removed`;
  return [
    `Kept in ${name}, appendfsync ${durability}: ${KEEPS[durability]}.`,
    `Recovered ${commands} commands${cut}.`,
    ...(full ? ['The disk is full: what adds data is refused until there is room.'] : []),
  ];
}
