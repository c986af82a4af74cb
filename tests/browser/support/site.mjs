/** Serves the built tutorial as any plain web server would: files, types, no special headers. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../www/tutorial/dist/', import.meta.url));
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css',
  '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.woff2': 'font/woff2',
};

/** Starts the server on a free port; `below` serves the site from a folder, as project pages do. */
export async function serveTutorial(below = '/') {
  if (!existsSync(join(ROOT, 'index.html'))) {
    throw new Error('the tutorial is not built: run `cargo xtask build` first');
  }
  const server = createServer((request, response) => void answer(below, request, response));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}${below}`,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

async function answer(below, request, response) {
  const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
  const inside = path.startsWith(below) ? normalize(path.slice(below.length)) : '..';
  const file = join(ROOT, inside === '.' ? 'index.html' : inside);
  if (!file.startsWith(ROOT) || !existsSync(file)) {
    response.writeHead(404).end('not found');
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
  response.end(await readFile(file));
}
