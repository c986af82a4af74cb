/** Starts the example as `npm start` does, on a free port and a folder of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EDGE = fileURLToPath(new URL('..', import.meta.url));
const WRANGLER = join(
  dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
  'bin/wrangler.js',
);

/** The token of `.dev.vars`. */
export const TOKEN = 'only-on-this-machine';

/** Runs wrangler in the example's folder. */
export function wrangler(options) {
  return spawn(process.execPath, [WRANGLER, ...options], {
    cwd: EDGE,
    env: { ...process.env, CI: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Resolves to its address and a function that ends it; `vars` are variables that differ. */
export async function start(vars = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'brooklet-edge-'));
  const options = ['dev', '--ip', '127.0.0.1', '--port', '0', '--inspector-port', '0'];
  options.push('--persist-to', folder, '--show-interactive-dev-session=false');
  for (const [name, value] of Object.entries(vars)) options.push('--var', `${name}:${value}`);
  const child = wrangler(options);
  let said = '';
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    const hear = (bytes) => {
      said += bytes;
      const ready = /Ready on (http:\S+)/.exec(said);
      if (ready) resolve(ready[1]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void ended.then(() => reject(new Error(`wrangler ended:\n${said}`)));
  });
  return {
    url,
    async close() {
      child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
