/** The servers that are measured, each on a directory of its own on the same disk. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BROOKLET = fileURLToPath(new URL('../../www/package/bin/brooklet.js', import.meta.url));
const TARGET = fileURLToPath(new URL('../../target/', import.meta.url));
const run = promisify(execFile);

export const REDIS = process.env.REDIS_SERVER;

const made = [];
const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

/** A new directory, on the disk that the project lies on. */
export function newDirectory() {
  const path = mkdtempSync(join(TARGET, 'durable-'));
  made.push(path);
  return path;
}

/** A copy of what a database left. */
export function copyOf(directory) {
  const copy = newDirectory();
  cpSync(directory, copy, { recursive: true });
  return copy;
}

/** Bytes of the journal. */
export function journalBytes(directory) {
  const folder = join(directory, 'appendonlydir');
  const files = readdirSync(folder).filter((name) => name.endsWith('.aof'));
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** A server that runs. */
export class Server {
  constructor(child, port, lines) {
    this.child = child;
    this.port = port;
    this.lines = lines;
  }

  static async brooklet(directory, policy) {
    const words = ['serve', '--port', '0', '--dir', directory, '--appendfsync', policy];
    const [child, lines] = await ready(process.execPath, [BROOKLET, ...words], /^Try: /);
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(lines.join('\n'))[1]);
    return new Server(child, port, lines);
  }

  static async redis(directory, policy) {
    const port = await freePort();
    const words = {
      port, bind: '127.0.0.1', dir: directory, appendonly: 'yes', appendfsync: policy, save: '',
      'aof-use-rdb-preamble': 'no', 'auto-aof-rewrite-percentage': 0,
    };
    const options = Object.entries(words).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const [child, lines] = await ready(REDIS, options, /Ready to accept connections/);
    return new Server(child, port, lines);
  }

  async stop() {
    this.child.kill('SIGTERM');
    if (this.child.exitCode === null) await once(this.child, 'exit');
  }

  /** Requests a second that redis-benchmark counts. */
  async rate(connections, depth, count, command) {
    const options = ['-p', this.port, '-c', connections, '-P', depth, '-n', count, '--csv'];
    const program = join(dirname(REDIS), 'redis-benchmark');
    const { stdout } = await run(program, [...options.map(String), ...command]);
    return Number(/",?"([\d.]+)"/.exec(stdout.trim().split('\n').at(-1))?.[1]);
  }

  /** Sends lines of requests one after the other, `depth` at a time; resolves to the last reply. */
  async pipeline(lines, depth) {
    const socket = connect(this.port, '127.0.0.1').setNoDelay(true);
    let heard = '';
    for (let at = 0; at < lines.length; at += depth) {
      const batch = lines.slice(at, at + depth);
      socket.write(`${batch.join('\r\n')}\r\nECHO end-${at}-\r\n`);
      heard = '';
      while (!heard.includes(`end-${at}-`)) heard += String((await once(socket, 'data'))[0]);
    }
    socket.destroy();
    return heard;
  }
}

async function ready(program, options, pattern) {
  const child = spawn(program, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const lines = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (!pattern.test(line)) continue;
    child.stdout.resume();
    return [child, lines];
  }
  throw new Error(`${program} ended before it was ready:\n${lines.join('\n')}`);
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
