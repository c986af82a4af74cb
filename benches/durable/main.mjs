/**
 * What durability costs: throughput by policy, bytes a job, opening and rewriting a million.
 *
 * Run by `cargo xtask bench durable`, or alone once the package is built:
 * `REDIS_SERVER=PATH node benches/durable/main.mjs [throughput|life|million]`.
 */
import { jobLives } from './life.mjs';
import { million } from './million.mjs';
import { REDIS } from './servers.mjs';
import { digits } from './table.mjs';
import { flushMs, inProcess, servers } from './throughput.mjs';

const ROUNDS = 3;
const wanted = process.argv[2] ?? '';
const parts = [];

if ('throughput'.includes(wanted)) {
  parts.push(`A write of 100 bytes and a flush take this disk ${digits(flushMs())} ms (median).`);
  if (REDIS) parts.push(await servers(ROUNDS));
  parts.push(await inProcess(ROUNDS));
}
if ('life'.includes(wanted) && REDIS) parts.push(await jobLives());
if ('million'.includes(wanted)) parts.push(await million());
console.log(parts.join('\n\n'));
