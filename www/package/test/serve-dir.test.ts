/** `brooklet serve --dir` as a process: what it says, what it keeps, and what it refuses. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SocketConnection } from '#dist/connection/socket.js';
import { directory } from './place.js';

const PROGRAM = fileURLToPath(new URL('../../bin/brooklet.js', import.meta.url));

const running = new Set<ChildProcess>();
after(() => running.forEach((child) => child.kill('SIGKILL')));

/** A server, and what it has said. */
class Served {
  said = '';
  readonly ended: Promise<number | null>;

  private constructor(readonly child: ChildProcess) {
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => (this.said += text.toString()));
    }
    this.ended = once(child, 'close').then(([code]) => {
      running.delete(child);
      return code as number | null;
    });
  }

  static start(...options: string[]): Served {
    return new Served(spawn(process.execPath, [PROGRAM, 'serve', '--port', '0', ...options]));
  }

  /** A connection, once the server has said all that it says at the beginning. */
  async connect(): Promise<SocketConnection> {
    while (!/Stop with Ctrl-C/.test(this.said)) {
      const more = once(this.child.stdout as fs.ReadStream, 'data').then(() => 'more');
      if ((await Promise.race([more, this.ended])) !== 'more') throw new Error(this.said);
    }
    const port = Number(/Listening on 127\.0\.0\.1:(\d+)/.exec(this.said)?.[1]);
    return new SocketConnection({ host: '127.0.0.1', port });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.ended;
  }
}

const increment = (path: string) => join(path, 'appendonlydir/appendonly.aof.1.incr.aof');

test('without --dir it says that nothing is kept', async () => {
  const server = Served.start();
  (await server.connect()).close();
  assert.match(server.said, /nothing is kept when this process ends/);
  assert.equal(await server.stop(), 0);
  const wrong = Served.start('--appendfsync', 'always');
  assert.equal(await wrong.ended, 1);
  assert.match(wrong.said, /--dir has to say where/);
});

test('what was answered is there after a good end and after a kill', async () => {
  const path = directory();
  for (const [round, [policy, signal, code]] of (
    [
      ['always', 'SIGTERM', 0],
      ['everysec', 'SIGINT', 0],
      ['no', 'SIGKILL', null],
      ['always', 'SIGKILL', null],
    ] as const
  ).entries()) {
    const server = Served.start('--dir', path, '--appendfsync', policy);
    const connection = await server.connect();
    assert.match(server.said, new RegExp(`Kept in directory ${path}, appendfsync ${policy}: `));
    assert.equal(await connection.send(['XLEN', 's']), round);
    await connection.send(['XADD', 's', '*', 'round', round]);
    assert.equal(await server.stop(signal), code);
    connection.close();
    assert.equal(fs.existsSync(join(path, 'brooklet.lock')), signal === 'SIGKILL');
  }
});

test('a torn tail is cut off and told; the second server is refused', async () => {
  const path = directory();
  const first = Served.start('--dir', path);
  const connection = await first.connect();
  assert.match(first.said, /appendfsync everysec/);
  await connection.send(['XADD', 's', '1-1', 'a', 'b']);
  const second = Served.start('--dir', path);
  assert.equal(await second.ended, 1);
  assert.match(second.said, new RegExp(`is held by process ${first.child.pid}, which is running`));
  await first.stop('SIGKILL');
  connection.close();
  fs.appendFileSync(increment(path), '#BROOKLET:1 e1 s2');
  const third = Served.start('--dir', path);
  assert.equal(await (await third.connect()).send(['XLEN', 's']), 1);
  assert.match(third.said, /Recovered 2 commands; 17 bytes of an append .* were removed/);
  await third.stop();
});

test('a damaged journal ends it, with the file, the place and what to do', async () => {
  const path = directory();
  const first = Served.start('--dir', path);
  const connection = await first.connect();
  await connection.send(['XADD', 's', '1-1', 'a', 'b']);
  await connection.send(['XADD', 's', '1-2', 'a', 'b']);
  await first.stop();
  const bytes = fs.readFileSync(increment(path));
  bytes[bytes.indexOf('1-1')] = 0x39;
  fs.writeFileSync(increment(path), bytes);
  const second = Served.start('--dir', path);
  assert.equal(await second.ended, 1);
  assert.match(second.said, /appendonly\.aof\.1\.incr\.aof is damaged at byte 0: /);
  assert.match(second.said, /Nothing was changed\. `brooklet check /);
  assert.deepEqual(fs.readFileSync(increment(path)), bytes);
  assert.equal(fs.existsSync(join(path, 'brooklet.lock')), false);
});

test('a server whose directory was taken away ends, and says so', async () => {
  const path = directory();
  const server = Served.start('--dir', path, '--appendfsync', 'always');
  const connection = await server.connect();
  await connection.send(['XADD', 's', '1-1', 'a', 'b']);
  fs.rmSync(join(path, 'brooklet.lock'));
  await assert.rejects(connection.send(['XADD', 's', '1-2', 'a', 'b']));
  assert.equal(await server.ended, 1);
  assert.match(server.said, /brooklet\.lock was removed or replaced .* writes no more/);
  const next = Served.start('--dir', path);
  assert.equal(await (await next.connect()).send(['XLEN', 's']), 1);
  await next.stop();
});
