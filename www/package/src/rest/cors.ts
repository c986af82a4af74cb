/** What browsers are told about pages of other origins. */
import { isLocalOrigin } from './access.js';

const METHODS = 'GET, HEAD, POST, PUT';
/** Every header that a request can have a meaning by, and those of Upstash's client. */
const HEADERS = [
  'accept',
  'authorization',
  'cache-control',
  'content-type',
  'idempotency-key',
  'last-event-id',
  'upstash-encoding',
  'upstash-response-format',
  'upstash-sync-token',
  'upstash-telemetry-platform',
  'upstash-telemetry-retry',
  'upstash-telemetry-runtime',
  'upstash-telemetry-sdk',
].join(', ');
const A_DAY_IN_SECONDS = '86400';

/** Headers of every answer; `origins` is 'local' where there is no token. */
export function corsHeaders(
  request: Request,
  origins: '*' | 'local' | readonly string[],
): Record<string, string> {
  const exposed = { 'access-control-expose-headers': 'upstash-sync-token, retry-after' };
  if (origins === '*') return { ...exposed, 'access-control-allow-origin': '*' };
  const origin = request.headers.get('origin');
  if (origin === null) return { vary: 'origin' };
  const isAllowed = origins === 'local' ? isLocalOrigin(origin) : origins.includes(origin);
  if (!isAllowed) return { vary: 'origin' };
  return { ...exposed, 'access-control-allow-origin': origin, vary: 'origin' };
}

/** The answer to a browser that asks before it sends. */
export function preflight(headers: Readonly<Record<string, string>>): Response {
  const allowed = {
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': HEADERS,
    'access-control-max-age': A_DAY_IN_SECONDS,
  };
  return new Response(null, { status: 204, headers: { ...headers, ...allowed } });
}
