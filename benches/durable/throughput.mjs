/** Appends a second, by policy: a writer alone, and 64 that can share a flush. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { Brooklet } from '../../www/package/dist/env/node.js';
import { newDirectory, Server } from './servers.mjs';
import { digits, median, table } from './table.mjs';

const POLICIES = ['always', 'everysec', 'no'];
const COMMAND = ['XADD', 's', '*', 'f', '0123456789abcdef'];
// redis-benchmark says that its clients are gone when a count is no multiple of the depth.
const MIX = [
  { name: '1 client', connections: 1, depth: 1, counts: { always: 1_500, others: 8_000 } },
  { name: '64 clients', connections: 64, depth: 1, counts: { always: 10_000, others: 40_000 } },
  { name: '64 piped', connections: 1, depth: 64, counts: { always: 19_200, others: 80_000 } },
];

/** What the disk takes for 100 bytes and a flush, in milliseconds. */
export function flushMs() {
  const file = fs.openSync(join(newDirectory(), 'probe'), 'a');
  const took = Array.from({ length: 300 }, () => {
    const begun = performance.now();
    fs.writeSync(file, Buffer.alloc(100, 46));
    fs.fdatasyncSync(file);
    return performance.now() - begun;
  });
  fs.closeSync(file);
  return median(took);
}

/** Over loopback, beside Redis, in turns. */
export async function servers(rounds) {
  const rows = [];
  for (const policy of POLICIES) {
    const both = [
      await Server.redis(newDirectory(), policy),
      await Server.brooklet(newDirectory(), policy),
    ];
    for (const { name, connections, depth, counts } of MIX) {
      const count = counts[policy] ?? counts.others;
      const rates = both.map(() => []);
      for (let round = 0; round <= rounds; round++) {
        for (const [at, server] of both.entries()) {
          const rate = await server.rate(connections, depth, count, COMMAND);
          if (round > 0) rates[at].push(rate);
        }
      }
      const [redis, brooklet] = rates.map(median);
      rows.push([`${policy}, ${name}`, ...[redis, brooklet, brooklet / redis].map(digits)]);
    }
    for (const server of both) await server.stop();
  }
  return table(['XADD a second', 'Redis', 'brooklet serve', '×'], rows);
}

/** In the process, by the typed client. */
export async function inProcess(rounds) {
  const rows = [];
  for (const policy of [...POLICIES, 'memory']) {
    const row = [policy];
    for (const writers of [1, 64]) {
      const database = await (policy === 'memory'
        ? Brooklet.create()
        : Brooklet.open(newDirectory(), { durability: policy }));
      const client = database.client();
      const count = policy === 'always' ? 1_000 * Math.min(writers, 20) : 40_000;
      const rates = [];
      for (let round = 0; round <= rounds; round++) {
        const begun = performance.now();
        await Promise.all(
          Array.from({ length: writers }, async () => {
            for (let i = 0; i < count / writers; i++) {
              await client.xAdd('s', '*', { f: '0123456789abcdef' });
            }
          }),
        );
        if (round > 0) rates.push((1_000 * count) / (performance.now() - begun));
      }
      row.push(digits(median(rates)));
      await database.close();
    }
    rows.push(row);
  }
  return table(['XADD a second, in process', '1 at a time', '64 at a time'], rows);
}
