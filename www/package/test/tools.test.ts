/** `brooklet check`, `export` and `import`, on files that are whole and on files that are not. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Brooklet } from 'brooklet';
import { check } from '#dist/tools/check.js';
import { silent } from '#dist/tools/reporter.js';
import { directory } from './place.js';
import { HISTORY, journal, lastFile, play, run, snapshot, stateOf } from './tools-support.js';

const whole = (path: string) => check(path, { fix: false }, silent);
const fixed = (path: string) => check(path, { fix: true }, silent);

/** That a journal is not whole, and what is said of it; nothing is changed, even with --fix. */
async function refused(path: string, message: RegExp, exitCode = 1): Promise<void> {
  const before = exitCode === 1 ? snapshot(path) : undefined;
  for (const checked of [whole, fixed]) {
    await assert.rejects(checked(path), (error: Error & { exitCode?: number }) => {
      assert.match(error.message, message);
      assert.equal(error.name, 'ToolError');
      assert.equal(error.exitCode, exitCode);
      return true;
    });
  }
  if (before) assert.deepEqual(snapshot(path), before);
}

test('a journal that is whole is said to be, while its writer goes on as well', async () => {
  const path = await journal();
  const text = await whole(path);
  assert.match(
    text,
    /^\S+ is whole: \d+ commands\n {2}\S+\.base\.aof {2}\d.*\n {2}\S+\.incr\.aof {2}/,
  );
  const db = await Brooklet.open(path);
  await play(db, ['XADD jobs 10-0 n more']);
  assert.match(await whole(path), /is whole/);
  await assert.rejects(fixed(path), { message: /is held by this process itself/, exitCode: 2 });
  await db.close();
  assert.match(await whole(join(path, 'appendonlydir')), /is whole/);
  assert.match(await whole(lastFile(path)), /is whole: \d+ commands\n.*\.base\.aof/);
});

test('a torn tail is told, and cut off when that is asked for', async () => {
  const path = await journal();
  const [state, file] = [await stateOf(path), lastFile(path)];
  const good = fs.readFileSync(file);
  // The only frame, cut short; and zeros, which a file system may leave behind it.
  const torn = [
    { content: good.subarray(0, 30), end: 0 },
    { content: good.subarray(0, good.length - 1), end: 0 },
    { content: Buffer.concat([good, Buffer.alloc(4096)]), end: good.length },
  ];
  for (const { content, end } of torn) {
    fs.writeFileSync(file, content);
    await assert.rejects(whole(path), {
      exitCode: 1,
      message: new RegExp(`\\.incr\\.aof is torn at byte ${end}: the last [\\d.]+ (bytes|kB) `),
    });
    assert.equal(fs.statSync(file).size, content.length, 'nothing was changed yet');
    assert.match(await fixed(path), new RegExp(`cut off .* behind byte ${end}\n.* is whole`));
    assert.equal(fs.statSync(file).size, end);
    assert.match(await whole(path), /is whole/);
  }
  fs.writeFileSync(file, good);
  assert.equal(await stateOf(path), state);
});

test('a byte that is not as it was written is found, wherever it is', async () => {
  const path = await journal();
  for (const file of [join(path, 'appendonlydir/appendonly.aof.1.base.aof'), lastFile(path)]) {
    const good = fs.readFileSync(file);
    for (const at of [0, 20, good.length >> 1, good.length - 1]) {
      const damaged = Buffer.from(good);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      fs.writeFileSync(file, damaged);
      await refused(
        path,
        /aof is damaged at byte \d+: .*\nNothing was changed, and --fix does not/,
      );
    }
    fs.writeFileSync(file, good);
  }
});

test('a base that ends too early is no torn tail', async () => {
  const path = await journal();
  const base = join(path, 'appendonlydir/appendonly.aof.1.base.aof');
  fs.truncateSync(base, fs.statSync(base).size - 5);
  await refused(path, /base\.aof is damaged at byte \d+: .*ends too early/);
});

test('a file that is missing is named', async () => {
  const path = await journal();
  const base = join(path, 'appendonlydir/appendonly.aof.1.base.aof');
  fs.renameSync(base, `${base}.away`);
  await refused(path, /base\.aof is missing, and the manifest/);
  fs.rmSync(join(path, 'appendonlydir/appendonly.aof.manifest'));
  await refused(path, /manifest is missing/);
});

test('a snapshot of Redis is no file of commands', async () => {
  const folder = 'appendonlydir/appendonly.aof';
  const manifest =
    'file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n';
  const files = { [`${folder}.manifest`]: manifest, [`${folder}.1.incr.aof`]: '' };
  const filled = directory({ ...files, [`${folder}.1.base.rdb`]: 'REDIS0011\xfe\x00more' });
  await refused(filled, /is a Redis snapshot \(RDB\)/);
});

test('a newer format names itself', async () => {
  const path = await journal();
  const file = lastFile(path);
  const line = '#BROOKLET:2 whatever it says';
  const checksum = crc32c(line).toString(16).padStart(8, '0');
  const end = fs.statSync(file).size;
  fs.appendFileSync(file, `${line} h${checksum}\r\nbytes`);
  await refused(path, new RegExp(`damaged at byte ${end}: a newer Brooklet .* 2\n`));
});

test('what is no journal at all ends with 2', async () => {
  await refused(directory(), /holds no journal: there is no appendonlydir in it/, 2);
  await refused(directory({ 'notes.txt': 'hello' }), /holds no journal/, 2);
  await refused(join(directory(), 'gone'), /gone does not exist/, 2);
  const closed = await journal();
  await withoutPermission(closed, () => refused(closed, /cannot be read: EACCES/, 2));
});

test('the directory of a Redis is checked and mended like ours', async () => {
  const command = (...words: string[]) =>
    `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
  const begin = `#TS:1795312615\r\n${command('SELECT', '0')}`;
  const added = `${begin}${command('XADD', 's', '1-0', 'f', 'v')}`;
  const transaction = `${command('MULTI')}${command('SET', 'a', '1')}`;
  const path = directory({
    'appendonlydir/appendonly.aof.manifest': 'file appendonly.aof.1.incr.aof seq 1 type i\n',
    'appendonlydir/appendonly.aof.1.incr.aof': added + transaction,
  });
  await assert.rejects(whole(path), { message: new RegExp(`torn at byte ${added.length}: `) });
  assert.match(await fixed(path), /is whole: 2 commands/);
  assert.equal(fs.readFileSync(lastFile(path), 'latin1'), added);
});

test('the command line says it and ends accordingly', async () => {
  const path = await journal();
  const good = await run(['check', path]);
  assert.deepEqual([good.code, good.err], [0, '']);
  assert.match(good.out, /is whole/);
  assert.deepEqual(
    await run(['check', '-q', path]).then(({ code, out, err }) => [code, out, err]),
    [0, '', ''],
  );
  fs.truncateSync(lastFile(path), 40);
  const torn = await run(['check', path]);
  assert.deepEqual([torn.code, torn.out], [1, '']);
  assert.match(torn.err, /^brooklet check: \S+ is torn at byte 0: the last 40 bytes/);
  assert.equal((await run(['check', '--fix', path])).code, 0);
  const missing = await run(['check', join(path, 'no')]);
  assert.deepEqual(
    [missing.code, missing.err],
    [2, `brooklet check: ${join(path, 'no')} does not exist\n`],
  );
});

test('what is exported is what a new directory begins with', async () => {
  const path = await journal();
  const state = await stateOf(path);
  const file = join(directory(), 'everything.aof');
  const written = await run(['export', path, file]);
  assert.deepEqual([written.code, written.out], [0, '']);
  assert.match(written.err, /^5 keys, [\d.]+ kB, for Redis 8\.10 and later\n$/);
  assert.match(await whole(file), /is whole/);
  const again = await run(['export', path, file]);
  assert.deepEqual([again.code], [1]);
  assert.match(again.err, /is there already: choose another name, or add --force\n/);
  assert.equal((await run(['export', '-q', '--force', path, file])).err, '');

  const copy = join(directory(), 'new');
  const read = await run(['import', copy, file]);
  assert.deepEqual([read.code, read.out], [0, '']);
  assert.match(read.err, /^5 keys from \d+ commands: /);
  assert.equal(await stateOf(copy), state);
  const before = snapshot(copy);
  const twice = await run(['import', copy, file]);
  assert.equal(twice.code, 1);
  assert.match(twice.err, /holds data already, and nothing was changed/);
  assert.deepEqual(snapshot(copy), before);
});

test('pipes carry an export from one directory to another', async () => {
  const path = await journal();
  const { code, bytes } = await run(['export', path]);
  assert.equal(code, 0);
  const copy = join(directory(), 'new');
  assert.equal((await run(['import', copy, '-'], bytes)).code, 0);
  assert.equal(await stateOf(copy), await stateOf(path));
  const damaged = join(directory(), 'new');
  bytes[200] = (bytes[200] ?? 0) ^ 1;
  const refused = await run(['import', damaged], bytes);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /damaged at byte 0: .*\nNothing was written to /);
  assert.equal((await run(['import', damaged, '-'], (await run(['export', path])).bytes)).code, 0);
});

test('an export for an older Redis tells what it could not say', async () => {
  const path = await journal();
  const { code, err, out } = await run(['export', '--profile', '7.0', path]);
  assert.equal(code, 0);
  assert.match(err, /Given back by XNACK, which Redis 7\.0 has not: 1 pending entry, now of /);
  assert.match(err, /Left out, since Redis 7\.0 has none: 1 idempotent ID\n/);
  assert.doesNotMatch(out, /XNACK|XIDMPRECORD/);
  const wrong = await run(['export', '--profile', '6.2', path]);
  assert.match(wrong.err, /Allowed choices are 7\.0, 8\.2, 8\.6, 8\.10/);
});

test('a file with what is not kept here tells what to do', async () => {
  const file = join(
    directory({ 'r.aof': '*4\r\n$4\r\nHSET\r\n$1\r\nh\r\n$1\r\na\r\n$1\r\nb\r\n' }),
    'r.aof',
  );
  const { code, err } = await run(['import', join(directory(), 'new'), file]);
  assert.equal(code, 1);
  assert.match(
    err,
    /r\.aof is damaged at byte 0: .*unknown command 'HSET'.*\n.* `brooklet pull` takes/,
  );
});

test('a journal can be read while it is rewritten again and again', async () => {
  const path = directory();
  const db = await Brooklet.open(path, { durability: 'no' });
  await play(db, HISTORY);
  let isOver = false;
  const rewriting = (async () => {
    while (!isOver) await db.rewrite();
  })();
  for (let times = 0; times < 20; times++) assert.match(await whole(path), /is whole/);
  isOver = true;
  await rewriting;
  await db.close();
});

/** Nobody may read a directory meanwhile. Root may all the same, so it is not root then. */
async function withoutPermission(path: string, step: () => Promise<void>): Promise<void> {
  fs.chmodSync(path, 0);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    await step();
  } finally {
    if (isRoot) process.seteuid?.(0);
    fs.chmodSync(path, 0o700);
  }
}

function crc32c(text: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}
