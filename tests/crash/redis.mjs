/** A real Redis that loads what a killed server left, and the same the other way round. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, start, stop } from '../clients/support/server.mjs';
import { connect } from './work.mjs';

const SERVER = process.env.REDIS_SERVER;
const run = promisify(execFile);

/** Numbers that no command can say again, or that only Redis' index has. */
const NOT_COMPARED = new Set([
  'radix-tree-keys',
  'radix-tree-nodes',
  'seen-time',
  'active-time',
  'iids-added',
  'iids-duplicates',
  'pids-tracked',
]);

/** Whether there is a Redis to ask. */
export const hasRedis = Boolean(SERVER);

/** A copy of a directory as it is now; Redis changes what it loads. */
export async function copyOf(directory) {
  const copy = await mkdtemp(join(tmpdir(), 'brooklet-redis-'));
  await cp(directory, copy, { recursive: true });
  await rm(join(copy, 'brooklet.lock'), { force: true });
  return copy;
}

/** Has Redis check and load a directory; resolves to what it says of each key, and stops it. */
export async function askRedis(directory, keys, before = async () => undefined) {
  const manifest = join(directory, 'appendonlydir/appendonly.aof.manifest');
  await run(join(dirname(SERVER), 'redis-check-aof'), [manifest]);
  const port = await freePort();
  const options = { port, bind: '127.0.0.1', dir: directory, appendonly: 'yes', save: '' };
  const words = { ...options, 'aof-use-rdb-preamble': 'no', appendfsync: 'no' };
  const [child] = await start(
    SERVER,
    Object.entries(words).flatMap(([name, value]) => [`--${name}`, String(value)]),
    /Ready to accept connections/,
  );
  const client = await connect(port);
  try {
    await before(client);
    return await tellOf(client, keys);
  } finally {
    client.disconnect();
    await stop(child);
  }
}

/** What a server says of keys, without what is not compared. */
export async function tellOf(client, keys) {
  const told = {};
  for (const key of keys) {
    const isStream = (await client.type(key)) === 'stream';
    told[key] = isStream
      ? comparable(await client.call('XINFO', 'STREAM', key, 'FULL', 'COUNT', '0'))
      : await client.get(key);
  }
  return told;
}

function comparable(reply) {
  if (!Array.isArray(reply)) return reply;
  return reply.map((value, index) => (NOT_COMPARED.has(reply[index - 1]) ? '' : comparable(value)));
}
