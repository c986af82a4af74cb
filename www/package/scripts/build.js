// Builds dist/: compiles the TypeScript, copies the engine that `cargo xtask build` made, and
// writes the engine once more as base64 for the `brooklet/inline` entry.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const generated = join(root, 'src/generated');
const wasm = join(generated, 'core_bg.wasm');

if (!existsSync(wasm)) {
  console.error('src/generated/core_bg.wasm is missing: run `cargo xtask build` first.');
  process.exit(1);
}

const inlineModule = [
  '/** The bytes of core_bg.wasm in base64. */',
  `export const wasmBase64 = '${readFileSync(wasm).toString('base64')}';`,
  '',
].join('\n');
writeFileSync(join(generated, 'core_base64.js'), inlineModule);
writeFileSync(
  join(generated, 'core_base64.d.ts'),
  '/** The bytes of core_bg.wasm in base64. */\nexport declare const wasmBase64: string;\n',
);

rmSync(join(root, 'dist'), { recursive: true, force: true });
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
try {
  execFileSync(process.execPath, [join(typescript, 'bin/tsc'), '-p', root], { stdio: 'inherit' });
} catch {
  process.exit(1);
}
cpSync(generated, join(root, 'dist/generated'), { recursive: true });
