/** Clients that write, read and acknowledge until their server is gone, and note what it said. */
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { GROUP } from './model.mjs';

const PRODUCERS = 3;
const CONSUMERS = 3;
/** One of so many deliveries stays pending. */
const KEEP_ONE_OF = 4;

let numbers = 0;

/** A connection that ends when its server does. */
export async function connect(port) {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: null,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Makes the stream, its group and its counters, where they are not there. */
export async function prepare(client, stream) {
  const made = client.xgroup('CREATE', stream.key, GROUP, '0', 'MKSTREAM');
  await made.catch((error) => {
    if (!/^BUSYGROUP/.test(error.message)) throw error;
  });
  for (const counter of stream.counters) await client.setnx(counter, '0');
}

/** As many connections as `work` needs. */
export function connectAll(port) {
  return Promise.all(Array.from({ length: PRODUCERS + CONSUMERS + 2 }, () => connect(port)));
}

/** Works on `stream` until the connections break; resolves to how many rewrites were begun. */
export async function work(clients, stream, { rewriteAfter }) {
  const [pairs, rewriter, ...others] = clients;
  let rewrites = 0;
  const rewrite = async () => {
    await pause(rewriteAfter);
    await rewriter.bgrewriteaof();
    rewrites++;
    throw new Error('Connection is closed: one rewrite is enough.');
  };
  const jobs = others.map((client, index) =>
    index < PRODUCERS ? () => produce(client, stream) : () => consume(client, stream, `c${index}`),
  );
  const all = [...jobs, () => countPairs(pairs, stream), rewrite];
  await Promise.all(all.map(untilBroken));
  for (const client of clients) client.disconnect();
  return rewrites;
}

/** What a client says when its connection breaks. */
const BROKEN = /Connection is closed|connection close|ECONNRESET|EPIPE|Stream isn't writeable/;

/** Repeats a job until its connection breaks; other errors are failures of the server. */
async function untilBroken(job) {
  try {
    for (;;) await job();
  } catch (error) {
    if (!BROKEN.test(error.message)) throw error;
  }
}

async function produce(client, stream) {
  const batch = Array.from({ length: 1 + Math.floor(Math.random() * 8) }, async () => {
    const number = ++numbers;
    stream.sent.add(number);
    const padding = '.'.repeat(Math.floor(Math.random() * 120));
    const id = await client.xadd(stream.key, '*', 'number', number, 'padding', padding);
    stream.added.set(id, number);
  });
  await allOf(batch);
}

async function consume(client, stream, consumer) {
  const count = 1 + Math.floor(Math.random() * 20);
  const read = await client.xreadgroup(
    'GROUP', GROUP, consumer, 'COUNT', count, 'BLOCK', 5, 'STREAMS', stream.key, '>',
  );
  if (read === null) return;
  const ids = read[0][1].map(([id]) => id);
  for (const id of ids) {
    if (stream.delivered.has(id)) throw new Error(`${id} was delivered twice`);
    stream.delivered.set(id, consumer);
  }
  const done = ids.filter((_, index) => index % KEEP_ONE_OF !== 0);
  if (done.length === 0) return;
  for (const id of done) stream.acksSent.add(id);
  const acked = await client.xack(stream.key, GROUP, ...done);
  if (acked !== done.length) throw new Error(`XACK of ${done.length} answered ${acked}`);
  for (const id of done) stream.acked.add(id);
}

async function countPairs(client, stream) {
  const [one, other] = stream.counters;
  stream.pairsSent++;
  await client.multi().incr(one).incr(other).exec();
  stream.pairs++;
}

/** As Promise.all, but nothing is left on its way when it rejects. */
async function allOf(promises) {
  const failed = (await Promise.allSettled(promises)).find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
}
