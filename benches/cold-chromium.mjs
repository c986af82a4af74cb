/** Prints how many milliseconds Chromium needs for its first entry, a line a fresh profile. */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startChromium } from '../tests/browser/support/chromium.mjs';

const STARTS = 10;
const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** Bundles the page as an application would be: one script, and the Wasm in a file beside it. */
async function bundle() {
  const require = createRequire(new URL('../www/package.json', import.meta.url));
  const vite = await import(pathToFileURL(require.resolve('vite')).href);
  const { output } = await vite.build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'esnext',
      rolldownOptions: {
        input: fileURLToPath(new URL('cold-page.js', import.meta.url)),
        output: { entryFileNames: 'entry.js' },
      },
    },
  });
  return new Map(output.map((file) => [`/${file.fileName}`, file.code ?? file.source]));
}

async function serve(files) {
  const server = createServer((request, response) => {
    const body = request.url === '/' ? '<!doctype html>' : files.get(request.url);
    const type = TYPES[extname(request.url)] ?? 'text/html';
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Runs in the page; the script ends when its first entry is there. */
async function firstEntry() {
  const start = performance.now();
  await import('/entry.js');
  return performance.now() - start;
}

const server = await serve(await bundle());
const browser = await startChromium();
try {
  for (let start = 0; start < STARTS; start += 1) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    console.log(await page.evaluate(firstEntry));
    await context.close();
  }
} finally {
  await browser.close();
  server.close();
}
