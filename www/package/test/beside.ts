/**
 * The typed client beside node-redis, which is the measure of its shapes: node-redis against a
 * server, our client in process, on two engines under one clock; the replies must be equal.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Brooklet, type Client } from 'brooklet';
import { RespServer } from '#dist/serve/server.js';
import { createClient } from 'redis';
import { ManualClock } from './support.js';

/** One call, written against our types. */
export type Step = (client: Client) => Promise<unknown>;

/** Opens both sides for a test file. */
export function useBoth() {
  const clock = new ManualClock();
  const both = {} as { clock: ManualClock; ours: Client; theirs: ReturnType<typeof createClient> };
  both.clock = clock;
  const opened: Array<{ close(): unknown }> = [];
  before(async () => {
    const served = await Brooklet.create({ clock, seed: 1 });
    const options = { host: '127.0.0.1', port: 0, outputLimit: 1 << 20 };
    const server = await RespServer.listen(served, options);
    const socket = { host: '127.0.0.1', port: server.port, reconnectStrategy: false } as const;
    both.theirs = createClient({ socket });
    await both.theirs.connect();
    const database = await Brooklet.create({ clock, seed: 1 });
    both.ours = database.client();
    opened.push(server, database);
  });
  after(async () => {
    both.theirs.destroy();
    for (const each of opened) await each.close();
  });
  return both;
}

/** A test that runs the steps on both sides and compares every answer. */
export function same(
  both: ReturnType<typeof useBoth>,
  name: string,
  steps: ReadonlyArray<Step>,
): void {
  test(name, async () => {
    const { ours, theirs } = both;
    await Promise.all([theirs.flushAll(), ours.flushAll()]);
    for (const [index, step] of steps.entries()) {
      const expected = await outcome(() => step(theirs as unknown as Client));
      const actual = await outcome(() => step(ours));
      const what = `step ${index}: ${step.toString()}`;
      assert.deepEqual(actual, expected, what);
      // Both sides run our engine: a command that it lacks would fail alike.
      assert.doesNotMatch(JSON.stringify(actual), /unknown command/, what);
    }
  });
}

/** What a call answered: its reply, or the text of its error. */
async function outcome(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return { reply: normal(await call()) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : error };
  }
}

/** node-redis makes maps without a prototype in places, and tuples of its own. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (value === null || typeof value !== 'object' || value instanceof Set) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normal(item)]));
}
