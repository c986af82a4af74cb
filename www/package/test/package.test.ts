/** The package as it is published: its files, its size, what each entry drags in. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const root = dirname(fileURLToPath(import.meta.resolve('brooklet/package.json')));
const dist = join(root, 'dist');

/** Files that an entry imports, itself included. */
function closure(entry: string, seen = new Set<string>()): Set<string> {
  const file = join(dist, entry);
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    if (path) closure(relative(dist, join(dirname(file), path)), seen);
  }
  return seen;
}

function textOf(files: Iterable<string>): string {
  return [...files].map((file) => readFileSync(file, 'utf8')).join('\n');
}

function allFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

test('entries for pages import nothing of Node', () => {
  const entries = ['index', 'env/inline', 'env/slim', 'repl/index', 'rest/index', 'websocket'];
  for (const entry of entries.map((it) => `${it}.js`)) {
    assert.doesNotMatch(textOf(closure(entry)), /from 'node:|require\(/, entry);
  }
});

test('the parts for terminals and for HTTP do not carry the engine', () => {
  for (const entry of ['repl/index.js', 'rest/index.js', 'websocket.js']) {
    const files = [...closure(entry)].map((file) => relative(dist, file));
    assert.deepEqual(files.filter((file) => /^(engine|generated)/.test(file)), [], entry);
  }
});

test('the client for Workers takes from the engine how bytes are laid out, and nothing else', () => {
  const files = [...closure('cloudflare/client.js')].map((file) => relative(dist, file));
  const engine = ['engine/packed.js', 'engine/request.js'];
  assert.deepEqual(files.filter((file) => /^(engine|generated|env)/.test(file)).sort(), engine);
});

test('exactly one file names the Wasm for bundlers', () => {
  const naming = allFiles(dist).filter(
    (file) =>
      file.endsWith('.js') &&
      readFileSync(file, 'utf8').includes("new URL('./generated/core_bg.wasm', import.meta.url)"),
  );
  assert.deepEqual(naming.map((file) => relative(dist, file)), ['index.js']);
});

test('importing does no work', async () => {
  const instance = await import('#dist/engine/instance.js');
  const entries = ['', '/inline', '/slim', '/repl', '/rest', '/cloudflare/client', '/websocket'];
  for (const entry of entries) await import(`brooklet${entry}`);
  assert.equal(instance.currentInstance(), undefined);
});

test('every export exists', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | Record<string, string>>;
  };
  for (const target of Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  )) {
    assert.ok(statSync(join(root, target)).isFile(), target);
  }
});

test('a first page load stays within its budget', () => {
  const size = (file: string): number => brotliCompressSync(readFileSync(file)).length;
  const script = [...closure('index.js')].reduce((sum, file) => sum + size(file), 0);
  const wasm = size(join(dist, 'generated/core_bg.wasm'));
  assert.ok(wasm <= 122_500, `core.wasm: ${wasm} bytes brotli`);
  assert.ok(script <= 34_600, `JavaScript: ${script} bytes brotli, file by file`);
});
