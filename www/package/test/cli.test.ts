/** The `brooklet` command as people run it. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isSensitive } from '#dist/cli/history.js';
import { interact } from '#dist/cli/interactive.js';
import { Link } from '#dist/cli/link.js';

const bin = join(fileURLToPath(import.meta.resolve('brooklet/package.json')), '../bin/brooklet.js');
const running = new Set<ChildProcess>();
const killAll = (): void => {
  for (const child of running) child.kill('SIGKILL');
};
after(killAll);
// The runner ends a file that takes too long with this signal; its servers must not outlive it.
process.once('SIGTERM', () => {
  killAll();
  process.exit(1);
});

function brooklet(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [bin, ...args], { stdio: 'pipe' });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function run(args: string[], input = '') {
  const child = brooklet(...args);
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  child.stdin?.end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { code, out: out(), err: err() };
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return () => text;
}

/** Starts a server and resolves when it says where it listens. */
async function serve(...args: string[]) {
  const child = brooklet('serve', '--port', '0', ...args);
  const out = collect(child.stdout);
  while (!out().includes('Stop with Ctrl-C')) {
    await once(child.stdout as NodeJS.ReadableStream, 'data');
  }
  const port = /Listening on \S+:(\d+)/.exec(out())?.[1] ?? '';
  return { child, port, out };
}

test('one command prints values alone into a pipe, and as on a terminal when told', async () => {
  const add = ['cli', '--memory'];
  const plain = await run([...add, 'XADD', 's', '1-1', 'a', '1']);
  assert.deepEqual(plain, { code: 0, out: '1-1\n', err: '' });
  const shown = await run([...add, '--no-raw', 'XADD', 's', '1-1', 'a', '1']);
  assert.equal(shown.out, '"1-1"\n');
  const failed = await run([...add, '--no-raw', '-e', 'XADD', 's']);
  assert.equal(failed.code, 1);
  assert.equal(failed.out, "(error) ERR wrong number of arguments for 'xadd' command\n");
});

test('lines from a pipe run on one connection', async () => {
  const lines = 'XADD s 1-1 a "x y"\n\nbad "quote\nXRANGE s - +\nXLEN nothing\n';
  const { code, out, err } = await run(['cli', '--memory', '--no-raw'], lines);
  assert.equal(out, '"1-1"\n1) 1) "1-1"\n   2) 1) "a"\n      2) "x y"\n(integer) 0\n');
  assert.equal(err, 'Invalid argument(s)\n');
  assert.equal(code, 1);
});

test('serve says what it is, serves, and stops in good order on SIGTERM', async () => {
  const { child, port, out } = await serve();
  assert.match(out(), /^Brooklet: .*\nListening on 127\.0\.0\.1:\d+\nEverything is in memory/);
  assert.equal((await run(['cli', '-p', port, 'PING'])).out, 'PONG\n');
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  const gone = await run(['cli', '-p', port, 'PING']);
  assert.equal(gone.code, 1);
  assert.match(gone.err, /^Could not reach 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
});

test('a password is asked of every client', async () => {
  const { child, port, out } = await serve('--requirepass', 'secret');
  assert.match(out(), /password required/);
  assert.match((await run(['cli', '-p', port, 'XLEN', 's'])).out, /^NOAUTH/);
  assert.equal((await run(['cli', '-p', port, '-a', 'secret', 'XLEN', 's'])).out, '0\n');
  const wrong = await run(['cli', '-p', port, '-a', 'wrong', 'XLEN', 's']);
  assert.match(wrong.err, /^AUTH failed: WRONGPASS/);
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('the socket file of a server that was killed is no obstacle', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'brooklet-')), 'brooklet.sock');
  const killed = await serve('--unixsocket', path);
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  assert.ok(statSync(path).isSocket());
  const { child } = await serve('--unixsocket', path);
  assert.equal((await run(['cli', '-s', path, 'PING'])).out, 'PONG\n');
  child.kill('SIGTERM');
  await once(child, 'exit');
});

test('a taken port, an open address and nonsense end with a clear word', async () => {
  const { child, port } = await serve();
  const taken = await run(['serve', '--port', port]);
  assert.equal(taken.code, 1);
  assert.match(taken.err, new RegExp(`^brooklet serve: port ${port} is taken on 127.0.0.1`));
  const open = await run(['serve', '--host', '0.0.0.0', '--port', '0']);
  assert.equal(open.code, 1);
  assert.match(open.err, /needs a password/);
  const nonsense = await run(['serve', '--port', 'many']);
  assert.equal(nonsense.code, 1);
  assert.match(nonsense.err, /whole number from 0 to 65535/);
  assert.equal((await run(['no-such'])).code, 1);
  child.kill('SIGTERM');
  await once(child, 'exit');
});

test('help and version', async () => {
  const { version } = JSON.parse(readFileSync(join(bin, '../../package.json'), 'utf8')) as {
    version: string;
  };
  assert.equal((await run(['version'])).out, `brooklet ${version}\n`);
  const help = await run(['help']);
  assert.equal(help.code, 0);
  assert.match(help.out, /serve[^]*cli \[options\] \[command\.\.\.\]/);
});

/** A terminal made of two streams. */
class Terminal {
  readonly input = Object.assign(new PassThrough(), { isTTY: true });
  readonly output = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
  #text = '';

  constructor() {
    this.output.setEncoding('utf8').on('data', (chunk: string) => (this.#text += chunk));
  }

  /** Resolves when the text has been printed since the last call. */
  async sees(text: string): Promise<void> {
    while (!this.#text.includes(text)) await once(this.output, 'data');
    this.#text = '';
  }

  type(keys: string): void {
    this.input.write(keys);
  }
}

// Colours and hints are for terminals that can show them.
process.env['TERM'] = 'xterm';
delete process.env['NO_COLOR'];

test('the prompt hints, completes, follows the database, and keeps a history', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'brooklet-')), 'history');
  process.env['BROOKLET_CLI_HISTORY'] = file;
  const terminal = new Terminal();
  const ended = interact(await Link.toMemory(), terminal);
  await terminal.sees('memory> ');
  terminal.type('xle');
  await terminal.sees('xle');
  terminal.type('\t');
  await terminal.sees('\x1b[2m key\x1b[0m');
  terminal.type(' ');
  await terminal.sees('\x1b[2mkey\x1b[0m');
  terminal.type('s\r');
  await terminal.sees('(integer) 0');
  terminal.type('select 2\r');
  await terminal.sees('memory[2]> ');
  terminal.type('auth secret\r');
  await terminal.sees('(error) ERR');
  terminal.type('quit\r');
  assert.equal(await ended, 0);
  assert.equal(readFileSync(file, 'utf8'), 'xlen s\nselect 2\nquit\n');
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('Ctrl-C ends a blocked command and gives the prompt back', async () => {
  process.env['BROOKLET_CLI_HISTORY'] = '/dev/null';
  const terminal = new Terminal();
  const ended = interact(await Link.toMemory(), terminal);
  await terminal.sees('memory> ');
  terminal.type('xread block 0 streams s $\r');
  await terminal.sees('$');
  await new Promise((resolve) => setImmediate(resolve));
  terminal.type('\x03');
  await terminal.sees('(interrupted)');
  terminal.type('ping\r');
  await terminal.sees('PONG');
  terminal.type('\x03');
  assert.equal(await ended, 0);
});

test('lines that hold a password are known', () => {
  for (const line of ['AUTH x', ' auth u x', 'HELLO 3 AUTH u x', 'config set requirepass x']) {
    assert.equal(isSensitive(line), true, line);
  }
  for (const line of ['xadd auth * a 1', 'author', 'config get requirepass']) {
    assert.equal(isSensitive(line), false, line);
  }
});
