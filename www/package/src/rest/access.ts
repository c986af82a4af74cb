/** Who may do what: tokens, and requests of this machine where there are none. */
import { isLoopback } from '../loopback.js';
import { RestError } from './error.js';
import type { RestSettings } from './options.js';

/** What a request may do: everything, or read. */
export type Role = 'all' | 'reader';

/** Headers in which a proxy tells whose request it passes on. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'cf-connecting-ip'] as const;

const encoder = new TextEncoder();

/** Decides by the tokens of a handler. */
export class Access {
  readonly #tokens: ReadonlyArray<{ readonly role: Role; readonly bytes: Uint8Array }>;

  constructor({ tokens, readOnlyTokens }: Pick<RestSettings, 'tokens' | 'readOnlyTokens'>) {
    const known = (role: Role) => (token: string) => ({ role, bytes: encoder.encode(token) });
    this.#tokens = [...tokens.map(known('all')), ...readOnlyTokens.map(known('reader'))];
  }

  /** Whether there is no token, so that only this machine is served. */
  get isLocal(): boolean {
    return this.#tokens.length === 0;
  }

  /** What the request may do; throws a RestError when that is nothing. */
  roleOf(request: Request, url: URL, peer: unknown): Role {
    if (this.isLocal) return localRole(request, url, peer);
    const token = bearer(request) ?? url.searchParams.get('_token') ?? '';
    const bytes = encoder.encode(token);
    let role: Role | undefined;
    for (const known of this.#tokens) if (isSame(known.bytes, bytes)) role = known.role;
    if (role) return role;
    throw new RestError(401, 'WRONGPASS invalid or missing auth token', {
      'www-authenticate': 'Bearer',
    });
  }
}

function bearer(request: Request): string | undefined {
  return /^bearer +(.*)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
}

/** Takes as long for a wrong guess as for a right one: how much of it is right does not show. */
function isSame(known: Uint8Array, guess: Uint8Array): boolean {
  let difference = known.length ^ guess.length;
  for (let i = 0; i < guess.length; i++) {
    difference |= (known[i % known.length] as number) ^ (guess[i] as number);
  }
  return difference === 0;
}

function localRole(request: Request, url: URL, peer: unknown): Role {
  const reason = whyNotLocal(request, url, peer);
  if (reason === undefined) return 'all';
  throw new RestError(
    401,
    'WRONGPASS no token is configured, so only requests from this machine are served, and ' +
      `${reason}: configure a token`,
  );
}

/** What speaks against a request being one that this machine's user has meant. */
function whyNotLocal(request: Request, url: URL, peer: unknown): string | undefined {
  const address = addressOf(peer, request);
  if (address === undefined) return 'who sent this one is not known';
  if (!isLoopback(address)) return `this one came from ${address}`;
  // A name that resolves to this machine, but is not its own: a page of that name asks.
  if (!isLoopback(url.hostname)) return `this one was sent to ${url.hostname}`;
  if (FORWARDED.some((name) => request.headers.has(name))) return 'this one came through a proxy';
  const origin = request.headers.get('origin');
  const isForeign = request.headers.get('sec-fetch-site') === 'cross-site';
  if (isForeign || (origin !== null && !isLocalOrigin(origin))) {
    return 'this one was made by a page from elsewhere';
  }
  return undefined;
}

/** Whether a page of this origin comes from this machine. */
export function isLocalOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname);
}

/** The address of whoever sent the request: given as such, or as Deno and Bun tell it. */
function addressOf(peer: unknown, request: Request): string | undefined {
  if (typeof peer === 'string') return peer;
  if (typeof peer !== 'object' || peer === null) return undefined;
  const told = 'remoteAddr' in peer ? peer.remoteAddr : bunAddress(peer, request);
  if (typeof told !== 'object' || told === null) return undefined;
  const address = 'hostname' in told ? told.hostname : 'address' in told ? told.address : undefined;
  return typeof address === 'string' ? address : undefined;
}

function bunAddress(server: object, request: Request): unknown {
  if (!('requestIP' in server) || typeof server.requestIP !== 'function') return undefined;
  return server.requestIP(request);
}
