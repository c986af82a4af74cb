/** Starts the REST handler in each place where it is tested, for `@upstash/redis` to speak to. */
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Redis } from '@upstash/redis';
import { Miniflare } from 'miniflare';
import { BROOKLET, start, stop } from '../support/server.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PACKAGES = fileURLToPath(new URL('../../node_modules/', import.meta.url));
// The programs themselves: what the packages put in front of them does not pass signals on.
const { platform, arch } = process;
const libc = platform === 'linux' ? '-glibc' : '';
const DENO = `${PACKAGES}@deno/${platform}-${arch}${libc}/deno`;
const BUN = `${PACKAGES}@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}/bin/bun`;
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The tokens of every host. */
export const TOKEN = 'a-token-that-may-do-everything';
export const READ_ONLY = 'a-token-that-may-only-read';

process.env.BROOKLET_HTTP_TOKEN = TOKEN;
process.env.BROOKLET_HTTP_READONLY_TOKEN = READ_ONLY;

/** A program that finds the tokens in its environment and says where it listens. */
async function run(program, ...options) {
  const [child, said] = await start(program, options, /^REST on (http:\S+)/);
  return { url: said[1], close: () => stop(child) };
}

const serve = () => run(process.execPath, BROOKLET, 'serve', '--port', '0', '--http', '0');
const deno = () => run(DENO, 'run', '--allow-all', '--quiet', HERE + 'deno.mjs');
const bun = () => run(BUN, HERE + 'bun.mjs');

/** A Durable Object in workerd, behind a Worker that passes requests on. */
async function workerd() {
  const miniflare = new Miniflare({
    modules: true,
    modulesRoot: ROOT,
    scriptPath: HERE + 'worker.mjs',
    modulesRules: [
      { type: 'ESModule', include: ['**/*.js', '**/*.mjs'] },
      { type: 'CompiledWasm', include: ['**/*.wasm'] },
    ],
    compatibilityDate: '2026-04-01',
    durableObjects: { STREAMS: { className: 'Streams', useSQLite: true } },
    bindings: { BROOKLET_HTTP_TOKEN: TOKEN, BROOKLET_HTTP_READONLY_TOKEN: READ_ONLY },
    // Nothing here asks anybody outside of this machine.
    cf: false,
    telemetry: { enabled: false },
  });
  const url = await miniflare.ready;
  return { url: url.origin, close: () => miniflare.dispose() };
}

/** The URL of the HTTP component: only it is tested then. */
const COMPONENT = process.env.BROOKLET_REST_URL;

/** By name: resolves to the handler's URL and a function that ends it. */
export const HOSTS =
  COMPONENT === undefined
    ? { 'brooklet serve': serve, workerd, deno, bun }
    : { component: async () => ({ url: COMPONENT, close: () => undefined }) };

/** Whether answers can go on and on: the component has no events. */
export const CAN_STREAM = COMPONENT === undefined;
/** Whether answers can come later: the component's second flavour can wait. */
export const CAN_WAIT = CAN_STREAM || process.env.BROOKLET_REST_WAITS === 'yes';

/** The host for the tests around, and clients of it. */
export function useHost(open) {
  const host = { url: '', client };
  let close;
  before(async () => {
    ({ url: host.url, close } = await open());
  });
  after(() => close());

  /** A client that sends each command by itself, and none again. */
  function client(options = {}) {
    const ours = { enableAutoPipelining: false, retry: false };
    return new Redis({ url: host.url, token: TOKEN, ...ours, ...options });
  }
  return host;
}
