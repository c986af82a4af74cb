/** Starts what a test file speaks to: `brooklet serve`, or the Redis that REDIS_SERVER names. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The program of the package that is built here. */
export const BROOKLET = fileURLToPath(new URL('../../../www/package/bin/brooklet.js', import.meta.url));
const REDIS = process.env.REDIS_SERVER;
const HOST = '127.0.0.1';

/** Whether the tests run on Redis, which bounds less than Brooklet promises. */
export const onRedis = Boolean(REDIS);

const running = new Set();
// The runner ends a file that takes too long with this signal; its servers must not outlive it.
process.once('SIGTERM', () => {
  for (const child of running) child.kill('SIGKILL');
  process.exit(1);
});

/** A server of its own for the tests of a file (or of a `describe`); it is there in each test. */
export function useServer({ password } = {}) {
  const server = { host: HOST, port: 0, pid: 0 };
  let child;
  before(async () => {
    [child, server.port] = await (REDIS ? startRedis(password) : startBrooklet(password));
    server.pid = child.pid;
  });
  after(async () => {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    await stop(child);
  });
  return server;
}

/** Asks a server to end, and waits until it has. */
export async function stop(child) {
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the server was asked to end and did so with ${code}`);
}

async function startBrooklet(password) {
  const secret = password ? ['--requirepass', password] : [];
  const [child, said] = await start(
    process.execPath,
    [BROOKLET, 'serve', '--port', '0', ...secret],
    /^Listening on 127\.0\.0\.1:(\d+)/,
  );
  return [child, Number(said[1])];
}

async function startRedis(password) {
  const port = await freePort();
  const secret = password ? ['--requirepass', password] : [];
  const [child] = await start(
    REDIS,
    ['--port', String(port), '--bind', HOST, '--save', '', '--appendonly', 'no', ...secret],
    /Ready to accept connections/,
  );
  return [child, port];
}

/** Resolves once the program has printed a line like `ready`. */
export async function start(program, options, ready) {
  const child = spawn(program, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  for await (const line of createInterface({ input: child.stdout })) {
    const said = ready.exec(line);
    if (!said) continue;
    child.stdout.resume();
    return [child, said];
  }
  throw new Error(`${program} ended before it was ready`);
}

/** A port that nobody listens on. */
export async function freePort() {
  const probe = createServer().listen(0, HOST);
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
