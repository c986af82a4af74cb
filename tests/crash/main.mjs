/**
 * Kills `brooklet serve` at random moments while clients write, read and acknowledge, and looks
 * after each restart whether all that was acknowledged is there.
 *
 *   node crash/main.mjs --kills 300 --appendfsync always
 *
 * With REDIS_SERVER, a real Redis checks and loads what was left, and both must tell the same.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Server } from './server.mjs';
import { Stream } from './model.mjs';
import { askRedis, copyOf, hasRedis, tellOf } from './redis.mjs';
import { connect, connectAll, prepare, work } from './work.mjs';

const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    appendfsync: { type: 'string', default: 'always' },
  },
});
const KILLS = Number(options.kills);
/** Kills between two streams, so that what is looked through stays short. */
const KILLS_A_STREAM = 10;
/** One of so many servers is killed while it starts, within this time. */
const KILL_EARLY_ONE_OF = 6;
const LONGEST_START_MS = 400;
/** The other servers live so long. */
const LIFE_MS = [20, 320];
/** One of so many directories is given to Redis. */
const ASK_REDIS_ONE_OF = 5;

const directory = await mkdtemp(join(tmpdir(), 'brooklet-crash-'));
const streams = [];
const count = { kills: 0, early: 0, rewrites: 0, checksByRedis: 0 };
const lost = { entries: 0, acks: 0, deliveries: 0, transactions: 0, strange: 0 };
const startMs = [];

const between = (low, high) => low + Math.random() * (high - low);

const launch = () => Server.launch(directory, options.appendfsync);

async function restart() {
  const server = launch();
  startMs.push(await server.ready());
  return server;
}

/** Lets a server live for a while, and kills it. */
async function live() {
  const server = await restart();
  const client = await connect(server.port);
  const due = count.kills >= streams.length * KILLS_A_STREAM;
  if (due) streams.push(new Stream(`s${streams.length}`));
  const stream = streams.at(-1);
  await prepare(client, stream);
  client.disconnect();
  const clients = await connectAll(server.port);
  const [rewrites] = await Promise.all([
    work(clients, stream, { rewriteAfter: between(0, 2 * LIFE_MS[1]) }),
    pause(between(...LIFE_MS)).then(() => server.kill()),
  ]);
  count.rewrites += rewrites;
  count.kills++;
}

/** Kills a server while it opens what the last one left. */
async function dieEarly() {
  const server = launch();
  await pause(between(0, LONGEST_START_MS));
  await server.kill();
  count.kills++;
  count.early++;
}

/** Whether everything is there that was acknowledged, and whether Redis says the same. */
async function lookThrough(some, withRedis) {
  const keys = some.flatMap(({ key, counters }) => [key, ...counters]);
  const copy = withRedis ? await copyOf(directory) : undefined;
  const server = await restart();
  const client = await connect(server.port);
  for (const stream of some) {
    const missing = await stream.losses(client);
    for (const what of Object.keys(lost)) lost[what] += missing[what];
  }
  if (copy) {
    assert.deepEqual(await askRedis(copy, keys), await tellOf(client, keys));
    await rm(copy, { recursive: true });
    count.checksByRedis++;
  }
  client.disconnect();
  await server.stop();
}

/** A journal that Redis goes on with, rewritten and appended to, is read as Redis left it. */
async function readWhatRedisWrote() {
  const copy = await copyOf(directory);
  const keys = streams.flatMap(({ key, counters }) => [key, ...counters]);
  const expected = await askRedis(copy, keys, async (client) => {
    await client.xadd('s0', '*', 'by', 'Redis');
    await client.bgrewriteaof();
    while (/aof_rewrite_in_progress:1/.test(await client.info('persistence'))) await pause(10);
    await client.xadd('s0', '*', 'by', 'Redis again');
  });
  const server = Server.launch(copy, 'no');
  await server.ready();
  const client = await connect(server.port);
  assert.deepEqual(await tellOf(client, keys), expected);
  client.disconnect();
  await server.stop();
  await rm(copy, { recursive: true });
}

function report() {
  const sum = (of) => streams.reduce((total, stream) => total + of(stream), 0);
  const lines = {
    policy: options.appendfsync,
    ...count,
    'entries acknowledged': sum(({ added }) => added.size),
    'deliveries acknowledged': sum(({ delivered }) => delivered.size),
    'acks acknowledged': sum(({ acked }) => acked.size),
    'transactions acknowledged': sum(({ pairs }) => pairs),
    lost: JSON.stringify(lost),
    'slowest start, ms': Math.round(Math.max(...startMs)),
  };
  for (const [name, value] of Object.entries(lines)) console.log(`${name}: ${value}`);
}

while (count.kills < KILLS) {
  if (process.stderr.isTTY) process.stderr.write(`\r${count.kills} of ${KILLS} kills `);
  if (Math.random() * KILL_EARLY_ONE_OF < 1) await dieEarly();
  await live();
  await lookThrough(streams.slice(-2), hasRedis && count.kills % ASK_REDIS_ONE_OF === 0);
}
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
await lookThrough(streams, hasRedis);
if (hasRedis) await readWhatRedisWrote();
report();
assert.deepEqual(new Set(Object.values(lost)), new Set([0]), `something is lost, see ${directory}`);
await rm(directory, { recursive: true });
