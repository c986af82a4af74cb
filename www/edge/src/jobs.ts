/** Jobs: how one is added, how they are worked off, what is told of them. */
import type { Client } from 'brooklet';
import { perform } from './perform';

const STREAM = 'jobs';
const GROUP = 'workers';
/** Jobs that are done, and those that were given up: the last hundred of each. */
const DONE = 'done';
const FAILED = 'failed';
const KEPT = { strategy: 'MAXLEN', strategyModifier: '~', threshold: 100 } as const;

/** Jobs that one read takes. */
const BATCH = 10;
/** Then a job is given up. */
const MOST_ATTEMPTS = 3;
/** Workers may go on for 30 seconds when a request has been answered; a job needs some of them. */
const WORKS_FOR_MS = 20_000;
/** Rows of a list on the page. */
const SHOWN = 50;

/** What was sent is no job. */
export class JobError extends Error {}

/** Adds a job, once for each `Idempotency-Key`. */
export async function add(client: Client, job: unknown, headers: Headers): Promise<string | null> {
  const { name, behaviour = 'succeeds' } = (job ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string' || name === '' || name.length > 200) {
    throw new JobError('a job has a "name" of 1 to 200 characters');
  }
  if (typeof behaviour !== 'string') throw new JobError('a "behaviour" is a string');
  const iid = headers.get('idempotency-key');
  const once = iid ? { IDMP: { pid: 'jobs', iid } } : {};
  return client.xAdd(STREAM, '*', { name, behaviour }, once);
}

/**
 * Works until nothing is left. A job is acknowledged when it is done; one that fails, or whose
 * Worker ends before that, stays pending, and whoever works so much later takes it up again.
 */
export async function workOff(client: Client, consumer: string, laterMs: number): Promise<void> {
  const end = Date.now() + WORKS_FOR_MS;
  await makeGroup(client);
  while (Date.now() < end) {
    const from = { key: STREAM, id: '>' };
    const read = await client.xReadGroup(GROUP, consumer, from, { COUNT: BATCH, CLAIM: laterMs });
    if (read === null) return;
    for (const { id, message, deliveriesCounter = 0 } of read[0]?.messages ?? []) {
      const attempt = deliveriesCounter + 1;
      const job = { name: message['name'] ?? '', behaviour: message['behaviour'] ?? '', attempt };
      try {
        await perform(job);
        await finish(client, id, DONE, { name: job.name, consumer, attempt: `${attempt}` });
      } catch (error) {
        if (attempt < MOST_ATTEMPTS) continue;
        const why = error instanceof Error ? error.message : String(error);
        await finish(client, id, FAILED, { name: job.name, consumer, why });
      }
    }
  }
}

/** A job leaves the stream in the same step in which it is told what became of it. */
async function finish(
  client: Client,
  id: string,
  list: string,
  fields: Record<string, string>,
): Promise<void> {
  await client
    .multi()
    .xAdd(list, '*', { ...fields, job: id }, { TRIM: KEPT })
    .xAckDel(STREAM, GROUP, id)
    .exec();
}

/** What the page shows. */
export async function status(client: Client) {
  await makeGroup(client);
  const [groups, consumers, pending, entries, done, failed, givenUp] = await client
    .multi()
    .xInfoGroups(STREAM)
    .xInfoConsumers(STREAM, GROUP)
    .xPendingRange(STREAM, GROUP, '-', '+', SHOWN)
    .xRange(STREAM, '-', '+', { COUNT: SHOWN })
    .xRevRange(DONE, '+', '-', { COUNT: 10 })
    .xRevRange(FAILED, '+', '-', { COUNT: 10 })
    .xLen(FAILED)
    .exec();
  const names = new Map(entries.map(({ id, message }) => [id, message['name']]));
  return {
    groups,
    consumers,
    pending: pending.map((it) => ({ ...it, name: names.get(it.id) ?? '' })),
    done,
    failed,
    givenUp,
  };
}

async function makeGroup(client: Client): Promise<void> {
  try {
    await client.xGroupCreate(STREAM, GROUP, '0', { MKSTREAM: true });
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error;
  }
}
