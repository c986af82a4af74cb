/** A blank page that can load the built package and the scenes of `storage/`, in real contexts. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startChromium } from './chromium.mjs';

const FOLDERS = {
  dist: fileURLToPath(new URL('../../../www/package/dist/', import.meta.url)),
  storage: fileURLToPath(new URL('../storage/', import.meta.url)),
  rest: fileURLToPath(new URL('../rest/', import.meta.url)),
  node_modules: fileURLToPath(new URL('../../node_modules/', import.meta.url)),
  benches: fileURLToPath(new URL('../../../benches/', import.meta.url)),
};
const TYPES = {
  '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Serves the package, the scenes and an empty page; keeps what pages tell with POST. */
export async function serveStores() {
  if (!existsSync(FOLDERS.dist)) {
    throw new Error('the package is not built: run `cargo xtask build` first');
  }
  const told = [];
  const server = createServer((request, response) => void answer(request, response, told));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    told,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

async function answer(request, response, told) {
  if (request.method === 'POST') {
    let text = '';
    for await (const part of request) text += part;
    told.push(JSON.parse(text));
    response.writeHead(204).end();
    return;
  }
  const [, folder, ...rest] = new URL(request.url, 'http://localhost').pathname.split('/');
  const file = FOLDERS[folder] && join(FOLDERS[folder], ...rest);
  if (file && existsSync(file)) {
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' });
    response.end(await readFile(file));
  } else {
    response.writeHead(folder === '' ? 200 : 404, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>stores</title>');
  }
}

/** One browser and one server for the tests of a file; each test gets a profile of its own. */
export function useStores() {
  const shared = {};
  before(async () => {
    [shared.browser, shared.server] = await Promise.all([startChromium(), serveStores()]);
  });
  after(async () => {
    await shared.browser?.close();
    await shared.server?.close();
  });
  return {
    origin: () => shared.server.origin,
    told: () => shared.server.told,
    /** Calls `work` with a page in a fresh profile. */
    async inProfile(work) {
      const context = await shared.browser.newContext();
      try {
        return await work(await openPage(context, shared.server.origin), context);
      } finally {
        await context.close();
      }
    },
  };
}

/** Opens one more page that can play scenes. */
export async function openPage(context, origin) {
  const page = await context.newPage();
  await page.goto(origin);
  await page.evaluate(() => import('/storage/play.js'));
  return page;
}

/**
 * Plays a scene of a file in `storage/` where it is told to: `window`, `worker`, `shared`. With
 * `stay`, the worker is left as it is, and the next scene with the same `stay` is played in it.
 */
export function play(page, scene, args = {}, { where = 'window', stay } = {}) {
  return page.evaluate(
    async ([...how]) => (await import('/storage/play.js')).play(...how),
    [scene, args, where, stay],
  );
}

/** Ends a worker that was left, without a word. */
export function terminate(page, stay) {
  return page.evaluate(async (it) => (await import('/storage/play.js')).terminate(it), stay);
}
