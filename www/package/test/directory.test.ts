/** The directory store on the real file system: Redis' files, and what can go wrong with them. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { systemFiles, type FileSystem } from '#dist/storage/directory/files.js';
import { DirectoryStore } from '#dist/storage/directory/index.js';
import { formatManifest, parseManifest } from '#dist/storage/directory/manifest.js';
import { isSnapshot } from '#dist/storage/directory/snapshot.js';
import { Disk } from './disk.js';
import { contents, directory, frame, refused, rejects, reread, start } from './place.js';
import { bytes } from './support.js';

const folder = (path: string) => fs.readdirSync(join(path, 'appendonlydir')).sort();
const manifest = (path: string) =>
  fs.readFileSync(join(path, 'appendonlydir/appendonly.aof.manifest'), 'utf8');

test('a new directory gets the files that Redis would make, and is read again', async () => {
  const path = join(directory(), 'a/b');
  const store = await start(path);
  assert.equal(store.name, `directory ${path}`);
  assert.equal(store.survives, 'power loss');
  await store.append(frame('one.'));
  await store.append(frame('two.'));
  assert.equal(manifest(path), 'file appendonly.aof.1.incr.aof seq 1 type i\n');
  const base = await store.beginBase();
  await store.append(frame('three.'));
  await base.write(frame('one two.'));
  await assert.rejects(store.beginBase(), { name: 'StoreError', message: /written already/ });
  await base.commit();
  await store.append(frame('four.'));
  await store.close();
  assert.deepEqual(folder(path), [
    'appendonly.aof.1.base.aof',
    'appendonly.aof.2.incr.aof',
    'appendonly.aof.manifest',
  ]);
  assert.equal(
    manifest(path),
    'file appendonly.aof.1.base.aof seq 1 type b\n' +
      'file appendonly.aof.2.incr.aof seq 2 type i\n',
  );
  assert.deepEqual(await reread(path), ['base: one two.', 'increment: three.four.']);
});

test('a torn tail is cut off where the reader says so', async () => {
  const path = directory();
  const store = await start(path);
  await store.append(frame('whole.to'));
  await store.close();
  const again = await new DirectoryStore(path).open('always');
  await again.start(2, 6);
  await again.append(frame('new.'));
  await again.close();
  assert.deepEqual(await reread(path), ['increment: whole.new.']);
});

test('a base that is given up leaves the journal as it was', async () => {
  const path = directory();
  const store = await start(path);
  await store.append(frame('one.'));
  const base = await store.beginBase();
  await base.write(frame('half'));
  await base.abort();
  await store.append(frame('two.'));
  await assert.rejects(base.write(frame('more')), { name: 'StoreError' });
  await store.close();
  assert.deepEqual(await reread(path), ['increment: one.', 'increment: two.']);
});

test('what a crash left is removed, and nothing that is named or not ours', async () => {
  const path = directory({
    'appendonlydir/appendonly.aof.manifest':
      '# by hand\nfile "old\\x20base.aof" seq 4 type b startoffset 7 colour blue\n' +
      "file appendonly.aof.3.incr.aof seq 3 type h\nfile 'in cr.aof' type i seq 9 endoffset 12\n",
    'appendonlydir/old base.aof': 'base.',
    'appendonlydir/in cr.aof': 'one.',
    'appendonlydir/appendonly.aof.3.incr.aof': 'history',
    'appendonlydir/appendonly.aof.5.base.aof': 'whole, and named by nobody yet',
    'appendonlydir/appendonly.aof.10.incr.aof': '',
    'appendonlydir/temp-appendonly.aof.5.base.aof': 'half',
    'appendonlydir/temp-appendonly.aof.manifest': 'half',
    'appendonlydir/appendonly.aof.1.base.aof.backup': 'not ours',
    'brooklet.lock.7f3a': '{}',
  });
  const store = await start(path);
  assert.deepEqual(await contents(store), ['base: base.', 'increment: one.']);
  await store.append(frame('two.'));
  await store.close();
  const all = ['appendonly.aof.1.base.aof.backup', 'appendonly.aof.manifest'];
  assert.deepEqual(folder(path), [...all, 'in cr.aof', 'old base.aof']);
  assert.equal(
    manifest(path),
    'file "old base.aof" seq 4 type b\nfile "in cr.aof" seq 9 type i\n',
  );
  assert.deepEqual(fs.readdirSync(path).sort(), ['appendonlydir', 'brooklet.reserve']);
  assert.deepEqual(await reread(path), ['base: base.', 'increment: one.two.']);
});

test('the one file of an older Redis, and an exported one, are taken in', async () => {
  for (const [text, kind] of [
    ['*1\r\n$4\r\nPING\r\n', 'increment'],
    ['#BROOKLET:1 e5 s41 t1', 'increment'],
    ['#BROOKLET:1 e0 b0 t1', 'base'],
    ['#BROOKLET:1 e0 z0 t1', 'base'],
  ] as const) {
    const path = directory({ 'appendonly.aof': text });
    const store = await start(path);
    assert.deepEqual(await contents(store).catch(() => []), []);
    await store.append(frame('more.'));
    await store.close();
    assert.equal(fs.existsSync(join(path, 'appendonly.aof')), false);
    assert.equal(
      manifest(path),
      'file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
    );
    assert.deepEqual(await reread(path), [`${kind}: ${text}`, 'increment: more.']);
  }
});

test('missing files are data that was lost, and never a new beginning', async () => {
  const index = 'appendonlydir/appendonly.aof.manifest';
  const named = 'file appendonly.aof.1.base.aof seq 1 type b\n';
  const cases: Array<[Record<string, string>, string, RegExp]> = [
    [{ [index]: named }, 'DataLostError', /1\.base\.aof is missing/],
    [{ 'appendonlydir/appendonly.aof.1.incr.aof': 'x' }, 'DataLostError', /manifest is missing/],
    [{ 'appendonlydir/other.aof.manifest': 'x' }, 'DataLostError', /holds other\.aof\.manifest/],
    [{ [index]: '' }, 'StoreError', /manifest is empty/],
    [{ [index]: named.slice(0, -1) }, 'StoreError', /line 1: .*end/],
    [
      {
        [index]: named,
        'appendonlydir/appendonly.aof.1.base.aof': '',
        'appendonlydir/appendonly.aof.1.incr.aof': 'later data',
      },
      'DataLostError',
      /does not name it/,
    ],
    [{ 'dump.rdb': 'REDIS0012' }, 'StoreError', /dump\.rdb is a Redis snapshot.*appendonly yes/s],
  ];
  for (const [files, name, message] of cases) {
    const path = directory(files);
    const before = fs.readdirSync(path, { recursive: true }).sort();
    await refused(path, name, message);
    assert.deepEqual(fs.readdirSync(path, { recursive: true }).sort(), before);
  }
});

test('a snapshot is refused with the way out, unless there is nothing in it', async () => {
  const about =
    'REDIS0015\xfa\x09redis-ver\x068.10.2\xfa\x0aredis-bits\xc0\x40\xfa\x05ctime\xc2~f\x07k';
  const empty = Buffer.from(`${about}\xffsum.....`, 'latin1');
  const filled = Buffer.from(`${about}\xfe\x00sum.....`, 'latin1');
  assert.deepEqual([empty, filled, bytes('*1')].map(isSnapshot), ['empty', 'filled', undefined]);
  const files = (base: Uint8Array) => ({
    'appendonlydir/appendonly.aof.manifest':
      'file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
    'appendonlydir/appendonly.aof.1.base.rdb': base,
    'appendonlydir/appendonly.aof.1.incr.aof': 'one.',
  });
  await refused(directory(files(filled)), 'StoreError', /aof-use-rdb-preamble no.*BGREWRITEAOF/s);
  const path = directory(files(empty));
  const store = await start(path);
  assert.deepEqual(await contents(store), ['increment: one.']);
  await (await store.beginBase()).commit();
  await store.close();
  assert.deepEqual(folder(path)[0], 'appendonly.aof.2.base.aof');
});

test('manifests are read as Redis reads them', () => {
  const lines =
    'file a seq 1 type b\n#\nfile "b \\"c\\"\\xc3\\xa9" seq 2 type i\nfile d seq 1 type h\n';
  const read = parseManifest(lines, 'm');
  assert.deepEqual(read, {
    base: { name: 'a', sequence: 1 },
    increments: [{ name: 'b "c"é', sequence: 2 }],
    history: [{ name: 'd', sequence: 1 }],
  });
  assert.deepEqual(parseManifest(formatManifest(read), 'm'), read);
  for (const [text, message] of [
    ['file a seq 1 type i\nfile b seq 1 type i\n', /line 2: the sequence numbers do not grow/],
    ['file a seq 1 type b\nfile b seq 2 type b\n', /line 2: there is a base already/],
    ['file a/b seq 1 type b\n', /a path is no file name/],
    ['file a seq 1 type x\n', /type x/],
    ['file a seq 0 type b\n', /no file is named/],
    ['file a seq 1\n', /no file is named/],
    ['\n', /no file is named/],
    ['file "a seq 1 type b\n', /no file is named/],
    [`file ${'a'.repeat(1010)} seq 1 type b\n`, /too long/],
  ] as const) {
    assert.throws(() => parseManifest(text, 'm'), { name: 'StoreError', message }, text);
  }
});

test('a flush that fails stops the writer for good', async () => {
  for (const durability of ['always', 'everysec'] as const) {
    const path = directory();
    let flushes = 0;
    const broken = { ...systemFiles };
    const store = await new DirectoryStore(path, broken).open(durability);
    await store.start(1, 0);
    broken.flush = () => {
      flushes++;
      return Promise.reject(new Error('EIO: i/o error'));
    };
    const wrong = { name: 'StoreError', message: /could not be brought to the disk \(EIO/ };
    if (durability === 'always') {
      await rejects(store.append(frame('one.')), wrong);
    } else {
      assert.equal(store.append(frame('one.')), undefined);
      await assert.rejects(store.beginBase(), wrong);
    }
    await rejects(store.append(frame('two.')), wrong);
    await store.close();
    assert.equal(flushes, 1);
    assert.deepEqual(await reread(path), ['increment: one.']);
  }
});

test('everysec flushes once a second, and appends wait for a flush that is late', async () => {
  const path = directory();
  let done: (() => void) | undefined;
  let flushes = 0;
  const slow = { ...systemFiles };
  const store = await new DirectoryStore(path, slow).open('everysec');
  await store.start(1, 0);
  assert.equal(store.survives, 'process crash');
  slow.flush = () => {
    flushes++;
    return new Promise((resolve) => (done = resolve));
  };
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    for (const text of ['one.', 'two.']) assert.equal(store.append(frame(text)), undefined);
    mock.timers.tick(999);
    assert.equal(flushes, 0);
    mock.timers.tick(1);
    assert.equal(flushes, 1);
    mock.timers.tick(1999);
    assert.equal(store.append(frame('three.')), undefined);
    mock.timers.tick(1);
    const held = store.append(frame('four.'));
    const file = join(path, 'appendonlydir/appendonly.aof.1.incr.aof');
    assert.equal(fs.readFileSync(file, 'utf8'), 'one.two.three.');
    done?.();
    await held;
    assert.equal(fs.readFileSync(file, 'utf8'), 'one.two.three.four.');
    mock.timers.tick(1000);
    assert.equal(flushes, 2);
    done?.();
  } finally {
    mock.timers.reset();
    slow.flush = systemFiles.flush;
  }
  await store.close();
});

test('a full disk leaves its reserve to small frames, and is found roomy again', async () => {
  const path = directory();
  let room = Infinity;
  const small: FileSystem = {
    ...systemFiles,
    write(file, piece) {
      const left = room + (fs.existsSync(join(path, 'brooklet.reserve')) ? 0 : 10);
      if (left <= 0) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
      const taken = systemFiles.write(file, piece.subarray(0, left));
      room -= taken;
      return taken;
    },
  };
  const store = await start(path, small);
  await store.append(frame('one.'));
  assert.equal(store.full, false);
  room = 3;
  await store.append(frame('two.'));
  assert.equal(store.full, true);
  await store.append(frame('three.'));
  const base = await store.beginBase().catch((error: unknown) => error);
  assert.ok(base instanceof Error && base.name === 'StoreFullError', String(base));
  const full = { name: 'StoreFullError', message: /no room/ };
  await rejects(store.append(frame('this is far too long.')), full);
  await store.close();
  room = 200;
  const again = await start(path, small);
  assert.equal(again.full, true);
  room = Infinity;
  mock.method(performance, 'now', () => 1e9);
  assert.equal(again.full, false);
  mock.restoreAll();
  await again.append(frame('four.'));
  await again.close();
  assert.deepEqual(await reread(path), ['increment: one.two.three.four.']);
});

test('a base that is being written gives its room to the journal', async () => {
  const disk = new Disk();
  const store = await start('/data', disk);
  const base = await store.beginBase();
  await base.write(frame('b'.repeat(30)));
  disk.room = disk.used + 20;
  await store.append(frame('a'.repeat(40)));
  assert.equal(store.full, false);
  await assert.rejects(base.write(frame('more')), { name: 'StoreFullError', message: /needed/ });
  await assert.rejects(base.commit(), { name: 'StoreFullError' });
  await base.abort();
  await store.append(frame('!'));
  await store.close();
  const again = await new DirectoryStore('/data', disk).open('no');
  assert.deepEqual(await contents(again), ['increment: ', `increment: ${'a'.repeat(40)}!`]);
});

test('a directory on a disk that is full to the last byte can be opened', async () => {
  const disk = new Disk();
  await (await start('/data', disk)).close();
  disk.room = disk.used;
  const store = await start('/data', disk);
  assert.equal(store.full, true);
  await store.append(frame('one.'));
  await store.close();
});
