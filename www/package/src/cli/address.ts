/** Where `brooklet cli` connects to. */

/** A server's address and what to say first. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly unixsocket?: string;
  readonly user?: string;
  readonly password?: string;
  readonly resp3: boolean;
  readonly database: number;
}

/** The address as the prompt shows it. */
export function targetName(target: Target): string {
  if (target.unixsocket !== undefined) return `unix ${target.unixsocket}`;
  return target.host.includes(':')
    ? `[${target.host}]:${target.port}`
    : `${target.host}:${target.port}`;
}
