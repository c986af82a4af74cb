/** Durable databases as an application uses them, in a page or a worker. */
import { currentInstance } from '/dist/engine/instance.js';
import { Brooklet } from '/dist/index.js';
import { forgetIndexedDb } from '/dist/storage/indexeddb.js';
import { forgetOpfs } from '/dist/storage/opfs.js';
import { equal, failure } from './kit.js';

const GROUP = { key: 'jobs', group: 'workers' };
let db;
const events = [];

/** Opens a database and says what is known of its store. */
export async function open(options = {}) {
  db = await Brooklet.open('app', options);
  for (const event of ['full', 'roomAgain', 'failed', 'rewritten']) {
    db.on(event, () => events.push(event));
  }
  const { name, survives, durability, epoch, full } = db.storage;
  return { name, survives, durability, epoch, full };
}

export const close = () => db.close();

/** Adds, delivers and acknowledges some entries. */
export async function work() {
  const client = db.client();
  await client.xGroupCreate(GROUP.key, GROUP.group, '0', { MKSTREAM: true });
  for (let number = 0; number < 20; number += 1) {
    await client.xAdd(GROUP.key, '*', { number: String(number) });
  }
  const [{ messages }] = await client.xReadGroup(
    GROUP.group, 'alice', { key: GROUP.key, id: '>' }, { COUNT: 10 },
  );
  await client.xAck(GROUP.key, GROUP.group, messages.slice(0, 4).map(({ id }) => id));
  await client.set('name', 'value');
}

/** Everything that can be told of the state. */
export async function look() {
  const client = db.client();
  const all = await client.sendCommand(['XINFO', 'STREAM', GROUP.key, 'FULL', 'COUNT', '0']);
  // A consumer was last seen when the frame was written, which may be a moment later.
  const text = JSON.stringify([all, await client.get('name')]);
  return text.replaceAll(/"(seen|active)-time":\d+,/g, '');
}

/** Whether the next change is refused, by an error with which name. */
export async function change() {
  const client = db.client();
  const names = [(await failure(client.set('late', '1'))).name];
  names.push((await failure(client.get('name'))).name, db.storage.failure?.name);
  return { names, events };
}

/** Has the engine trap, its whole memory destroyed; what a command and the store say of it. */
export async function trap() {
  new Uint8Array(currentInstance().memory.buffer).fill(0xff);
  const ping = async () => db.client().ping();
  return [(await failure(ping())).name, db.storage.failure?.name];
}

/** What opening says where it cannot be. */
export async function refused(options) {
  const error = await failure(Brooklet.open('app', options));
  return `${error.name}: ${error.message}`;
}

/** Fills the quota through commands, and makes room again. */
export async function fillUp({ kind }) {
  await open({ storage: kind });
  const client = db.client();
  await client.xGroupCreate(GROUP.key, GROUP.group, '0', { MKSTREAM: true });
  const added = [];
  const addUntilFull = async () => {
    for (let number = 0; ; number += 1) {
      const body = `${number}`.padEnd(20_000, String(Math.random()));
      added.push(await client.xAdd(GROUP.key, '*', { body }));
    }
  };
  const error = await failure(addUntilFull());
  equal(error.message, 'MISCONF Errors writing to the AOF file: No space left on device');
  // IndexedDB may find that there is room yet, for some more.
  equal([events[0], events.at(-1)], ['full', 'full']);
  equal(await client.xLen(GROUP.key), added.length, 'acknowledged entries');
  const [{ messages }] = await client.xReadGroup(
    GROUP.group, 'alice', { key: GROUP.key, id: '>' }, { COUNT: 10 },
  );
  equal(await client.xAck(GROUP.key, GROUP.group, messages.map(({ id }) => id)), 10);
  equal((await client.xRange(GROUP.key, '-', '+', { COUNT: 3 })).length, 3);
  equal(await client.xDel(GROUP.key, added[0]), 1);
  await client.xTrim(GROUP.key, 'MAXLEN', 2);
  return added.length;
}

/** After a rewrite there is room, and everything goes on. */
export async function roomAgain({ kind }) {
  // One that was begun before may be on its way, and find none.
  for (let tries = 0; db.storage.full || tries === 0; tries += 1) {
    await db.rewrite().catch((error) => {
      if (error.name !== 'StoreFullError' || tries === 20) throw error;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  equal([events.includes('roomAgain'), db.storage.full], [true, false]);
  const client = db.client();
  await client.xAdd(GROUP.key, '*', { body: 'more' });
  await db.close();
  await open({ storage: kind });
  equal(await db.client().xLen(GROUP.key), 3);
  equal((await db.client().xPending(GROUP.key, GROUP.group)).pending, 0);
  await db.close();
}

/** Gives everything up. */
export async function forget({ kind }) {
  await (kind === 'opfs' ? forgetOpfs : forgetIndexedDb)('app');
  const { epoch } = await open({ storage: kind });
  equal([epoch, await db.client().dbSize()], [1, 0]);
  await db.close();
}
