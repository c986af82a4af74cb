/** The lock of a directory: who has it, who gets it, and who learns that it is lost. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemFiles, type FileSystem } from '#dist/storage/directory/files.js';
import { DirectoryStore } from '#dist/storage/directory/index.js';
import { directory, frame, refused, rejects, reread, start } from './place.js';

test('two openers in one process: the second is refused until the first closes', async () => {
  const path = directory();
  const store = await start(path);
  await refused(path, 'StoreBusyError', /held by this process itself, which is running/);
  await store.close();
  await store.close();
  await (await start(path)).close();
  assert.equal(fs.existsSync(join(path, 'brooklet.lock')), false);
});

/** Another process that holds `path`. */
async function holder(path: string) {
  const program = fileURLToPath(new URL('directory-holder.js', import.meta.url));
  const child = spawn(process.execPath, [program, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

test('a lock holds while its owner lives, stopped or not, and falls with it', async () => {
  const path = directory();
  const child = await holder(path);
  const held = new RegExp(`held by process ${child.pid}, which is running`);
  await refused(path, 'StoreBusyError', held);
  child.kill('SIGSTOP');
  await refused(path, 'StoreBusyError', held);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const store = await start(path);
  await store.append(frame('next.'));
  await store.close();
  assert.deepEqual(await reread(path), ['increment: held.next.']);
  const ended = await holder(path);
  ended.stdin.end();
  assert.deepEqual(await once(ended, 'exit'), [0, null]);
  await (await start(path)).close();
});

test('of many that find a dead owner, one gets the directory', async () => {
  const dead = spawn(process.execPath, ['-e', '']);
  await once(dead, 'exit');
  const lock = { pid: dead.pid, start: '1', host: hostname(), id: 'x' };
  for (let round = 0; round < 20; round++) {
    const path = directory({ 'brooklet.lock': JSON.stringify(lock) });
    const opened = await Promise.allSettled(
      Array.from({ length: 4 }, () => new DirectoryStore(path).open('always')),
    );
    const [first, ...others] = opened.flatMap((it) => (it.status === 'fulfilled' ? it.value : []));
    assert.ok(first && others.length === 0, `${others.length + 1} have it`);
    await first.close();
  }
});

test('a lock whose owner cannot be proved to be gone is not taken', async () => {
  const own = { pid: process.pid, start: 'another', host: hostname(), id: 'x' };
  const cases: Array<[object | string, RegExp | undefined]> = [
    [{ ...own, host: 'elsewhere' }, /on the machine elsewhere.*then remove that file/],
    ['', /cannot be read: .*remove that file/],
    ['{"pid":1', /cannot be read/],
    [{ ...own, start: null }, /is running; if that is no Brooklet: .*remove that file/],
    // Another process has the number now.
    [own, process.platform === 'linux' ? undefined : /is running/],
  ];
  for (const [lock, message] of cases) {
    const text = typeof lock === 'string' ? lock : JSON.stringify(lock);
    const path = directory({ 'brooklet.lock': text });
    if (message) await refused(path, 'StoreBusyError', message);
    else await (await start(path)).close();
  }
});

test('a file system without hard links has a lock too', async () => {
  const path = directory();
  const plain: FileSystem = {
    ...systemFiles,
    link: () => {
      throw Object.assign(new Error('EPERM: operation not permitted'), { code: 'EPERM' });
    },
  };
  const store = await start(path, plain);
  const second = new DirectoryStore(path, plain).open('always');
  await assert.rejects(second, { name: 'StoreBusyError', message: /held by this process/ });
  await store.append(frame('one.'));
  await store.close();
  assert.deepEqual(await reread(path), ['increment: one.']);
});

test('a writer whose lock was taken away is fenced, and writes nothing more', async () => {
  const path = directory();
  const older = await start(path);
  await older.append(frame('one.'));
  fs.rmSync(join(path, 'brooklet.lock'));
  const newer = await start(path);
  await newer.append(frame('two.'));
  for (let i = 0; i < 2; i++) {
    await rejects(older.append(frame('three.')), { name: 'FencedError' });
  }
  await assert.rejects(older.beginBase(), { name: 'FencedError' });
  await older.close();
  await newer.append(frame('four.'));
  await newer.close();
  assert.deepEqual(await reread(path), ['increment: one.two.four.']);
});
