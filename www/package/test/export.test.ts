/** Exports: everything in a database as one file, and databases that begin with one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Brooklet,
  JournalDamagedError,
  StoreError,
  type Database,
  type ExportLosses,
} from 'brooklet';
import { MemoryStore } from '#dist/storage/memory.js';
import type { OpenStore, Store } from 'brooklet';
import { ManualClock } from './support.js';

/** A database with something of everything that a journal keeps. */
async function filled(options: { storage?: Store } = {}): Promise<Database> {
  const clock = new ManualClock();
  const db = options.storage
    ? await Brooklet.open('test', { ...options, clock })
    : await Brooklet.create({ clock });
  const connection = db.connect();
  for (const line of [
    'XADD jobs 1-0 n 1',
    'XADD jobs 2-0 n 2',
    'XADD jobs 3-0 n 3',
    'XGROUP CREATE jobs workers 0',
    'XREADGROUP GROUP workers alice COUNT 3 STREAMS jobs >',
    'XDEL jobs 2-0',
    'XNACK jobs workers FAIL IDS 1 3-0',
    'XADD once IDMP p i * n 1',
    'SET greeting hello',
    'PEXPIREAT greeting 4102444800000',
    'SELECT 3',
    'XADD elsewhere 5-0 n 1',
  ]) {
    await connection.send(line.split(' '));
  }
  return db;
}

async function bytesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** What an export says, without its annotations. */
async function commandsOf(db: Database): Promise<string> {
  const text = new TextDecoder().decode(await bytesOf(db.export()));
  return text.replaceAll(/^#.*\r\n/gm, '');
}

test('a database begins with what another exported, and keeps it', async () => {
  const original = await filled();
  const expected = await commandsOf(original);
  const blob = await new Response(original.export()).blob();
  const store = new MemoryStore();
  const copy = await Brooklet.open('copy', { storage: store, import: blob });
  assert.equal(await commandsOf(copy), expected);
  const journal = store.files.map(({ kind }) => kind);
  assert.deepEqual(journal, ['base', 'increment'], 'all of it is in the store by then');
  await copy.client().xAdd('jobs', '9-0', { n: '9' });
  await copy.close();
  const again = await Brooklet.open('copy', { storage: store });
  assert.equal(await again.client().xLen('jobs'), 3);
  await Promise.all([original.close(), again.close()]);
});

test('an export holds one moment, whatever happens while it is read', async () => {
  const db = await filled();
  const before = await commandsOf(db);
  const [first, second] = [db.export(), db.export()];
  await db.client().xAdd('jobs', '9-0', { n: '9' });
  const [one, other] = await Promise.all([bytesOf(first), bytesOf(second)]);
  assert.deepEqual(one, other);
  const copy = await Brooklet.open('copy', { storage: 'memory', import: one });
  assert.equal(await commandsOf(copy), before);
  await db.export().cancel();
  await Promise.all([db.close(), copy.close()]);
});

test('a durable database exports as one in memory does', async () => {
  const db = await filled({ storage: new MemoryStore() });
  const plain = await filled();
  assert.equal(await commandsOf(db), await commandsOf(plain));
  await Promise.all([db.close(), plain.close()]);
});

test('an older Redis gets what it has words for, and what it has none for is told', async () => {
  const db = await filled();
  for (const [profile, givenBack, idempotentIds] of [
    ['7.0', 1, 1],
    ['8.2', 1, 1],
    ['8.6', 1, 0],
  ] as const) {
    const losses: ExportLosses[] = [];
    const bytes = await bytesOf(db.export({ profile, onLosses: (it) => losses.push(it) }));
    assert.deepEqual(losses, [{ givenBack, idempotentIds }], profile);
    assert.doesNotMatch(new TextDecoder().decode(bytes), /XNACK/);
  }
  await bytesOf(db.export({ onLosses: () => assert.fail('nothing is lost') }));
  assert.throws(() => db.export({ profile: '6.0' as '7.0' }), /one of 7\.0, 8\.2, 8\.6, 8\.10/);
  await db.close();
});

test('a file of commands is imported as well, up to its last whole command', async () => {
  const words = ['XADD', 's', '1-0', 'a', 'b'];
  const command = `*5\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
  const file = new TextEncoder().encode(`${command}*3\r\n$3\r\nSET\r\n$1\r\n`);
  const db = await Brooklet.open('copy', { storage: 'memory', import: file });
  assert.equal(await db.client().xLen('s'), 1);
  assert.deepEqual(db.storage?.recovered, { commands: 1, torn: file.length - command.length });
  await db.close();
});

test('what is damaged is refused, and nothing of it is kept', async () => {
  const original = await filled();
  const bytes = await bytesOf(original.export());
  const damaged = bytes.slice();
  damaged[300] = (damaged[300] ?? 0) ^ 1;
  for (const source of [damaged, bytes.subarray(0, bytes.length - 1)]) {
    const store = new MemoryStore();
    const opened = Brooklet.open('copy', { storage: store, import: source });
    await assert.rejects(opened, JournalDamagedError);
    assert.deepEqual(store.files, []);
  }
  await original.close();
});

test('a store that holds data is not begun anew', async () => {
  const store = new MemoryStore();
  const original = await filled({ storage: store });
  const blob = await new Response(original.export()).blob();
  await original.close();
  const before = structuredClone(store.files);
  const opened = Brooklet.open('test', { storage: store, import: blob });
  await assert.rejects(opened, (error) => {
    assert.ok(error instanceof StoreError);
    assert.match(error.message, /holds data already, and nothing was changed/);
    return true;
  });
  assert.deepEqual(store.files, before);
});

test('a base that cannot be written leaves an empty store, which can be filled then', async () => {
  const original = await filled();
  const blob = await new Response(original.export()).blob();
  const store = new MemoryStore();
  let fails = true;
  const failing: Store = {
    async open(): Promise<OpenStore> {
      const open = await store.open();
      const beginBase = open.beginBase.bind(open);
      open.beginBase = async () => {
        const base = await beginBase();
        if (fails) base.commit = () => Promise.reject(new StoreError('no room'));
        return base;
      };
      return open;
    },
  };
  await assert.rejects(Brooklet.open('copy', { storage: failing, import: blob }), /no room/);
  assert.ok(
    store.files.every(({ pieces }) => pieces.length === 0),
    'nothing is in it',
  );
  fails = false;
  const copy = await Brooklet.open('copy', { storage: failing, import: blob });
  assert.equal(await commandsOf(copy), await commandsOf(original));
  await Promise.all([original.close(), copy.close()]);
});

test('an export ends with its database', async () => {
  const db = await filled();
  const stream = db.export();
  await db.close();
  await assert.rejects(bytesOf(stream), /closed/);
});
