/** Which profile of an export a server can load. */
import { ToolError } from './problem.js';
import type { ExportProfile } from '../storage/export.js';

/** What the command line takes. */
export const PROFILES = [
  '7.0',
  '8.2',
  '8.6',
  '8.10',
] as const satisfies ReadonlyArray<ExportProfile>;

/** What a server says of itself. */
export interface ServerKind {
  /** `Redis 7.2.4`, `Valkey 8.1.0`, `Dragonfly 1.30`. */
  readonly name: string;
  readonly profile: ExportProfile;
  /** Whether XSETID and XGROUP CREATE take no counters. */
  readonly isPlain: boolean;
}

/** From this version on a server loads the profile. */
const SINCE: ReadonlyArray<readonly [version: string, profile: ExportProfile]> = [
  ['8.8', '8.10'],
  ['8.6.2', '8.6'],
  ['8.2', '8.2'],
  ['7.0', '7.0'],
];

/** Reads the reply of `INFO server`; throws a ToolError when the server is too old. */
export function serverKind(info: string): ServerKind {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const version = field('redis_version') ?? '';
  const [valkey, dragonfly] = [field('valkey_version'), field('dragonfly_version')];
  const name = valkey
    ? `Valkey ${valkey}`
    : dragonfly
      ? `Dragonfly ${dragonfly.replace(/^df-v?/, '')}`
      : `Redis ${version}`;
  // Dragonfly speaks of whichever Redis its commands are like.
  if (dragonfly) return { name, profile: '7.0', isPlain: true };
  const profile = SINCE.find(([since]) => isAtLeast(version, since))?.[1];
  if (profile === undefined) {
    throw new ToolError(`the server is ${name}: 7.0 or newer is needed, for the groups' counters`);
  }
  return { name, profile, isPlain: false };
}

function isAtLeast(version: string, since: string): boolean {
  const numbers = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10));
  const [found, needed] = [numbers(version), numbers(since)];
  for (const [index, number] of needed.entries()) {
    const own = found[index] ?? 0;
    if (Number.isNaN(own)) return false;
    if (own !== number) return own > number;
  }
  return true;
}
