/** A database that adds, delivers and acknowledges until it is killed, and tells its answers. */
import { Brooklet } from '/dist/index.js';

const JOBS = 'jobs';
const GROUP = { key: JOBS, group: 'workers' };

/** Begins, and goes on for ever; what the database has answered is sent to the server. */
export async function begin({ kind, durability, round }) {
  const db = await Brooklet.open('killed', { storage: kind, durability });
  const client = db.client();
  await client.xGroupCreate(GROUP.key, GROUP.group, '0', { MKSTREAM: true }).catch(() => undefined);
  const news = teller(kind);
  for (let writer = 0; writer < 4; writer += 1) void add(db.client(), news, round, writer);
  void consume(db.client(), news);
  void rewrite(db);
}

async function add(client, news, round, writer) {
  for (let count = 0; ; count += 1) {
    const number = `${round}-${writer}-${count}`;
    const id = await client.xAdd(JOBS, '*', { number, body: 'x'.repeat(count % 200) });
    news.added.push([id, number]);
    // A store that is done at once leaves no turn to anybody else.
    if (count % 8 === 0) await turn();
  }
}

/** Acknowledges every second entry. */
async function consume(client, news) {
  for (let isOdd = false; ; ) {
    const streams = await client.xReadGroup(
      GROUP.group, 'alice', { key: JOBS, id: '>' }, { COUNT: 7, BLOCK: 50 },
    );
    for (const { id } of streams?.[0]?.messages ?? []) {
      isOdd = !isOdd;
      if (isOdd) {
        news.delivered.push(id);
      } else {
        await client.xAck(GROUP.key, GROUP.group, id);
        news.acked.push(id);
      }
    }
    await turn();
  }
}

async function rewrite(db) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 120));
    await db.rewrite();
  }
}

/** Sends what it is told in one request after the other. */
function teller(kind) {
  const news = { added: [], delivered: [], acked: [] };
  const tell = async () => {
    for (;;) {
      const { added, delivered, acked } = news;
      [news.added, news.delivered, news.acked] = [[], [], []];
      const body = JSON.stringify({ kind, added, delivered, acked });
      await fetch('/told', { method: 'POST', body });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  void tell();
  return news;
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

/** Compares what is there with what was told; tells how much there is, and what is wrong. */
export async function check({ kind, added, delivered, acked }) {
  const db = await Brooklet.open('killed', { storage: kind });
  const client = db.client();
  const entries = await client.xRange(JOBS, '-', '+');
  const numbers = new Map(entries.map(({ id, message }) => [id, message.number]));
  const pending = new Set();
  for (let from = '-'; ; ) {
    const some = await client.xPendingRange(GROUP.key, GROUP.group, from, '+', 1000);
    for (const { id } of some) pending.add(id);
    if (some.length < 1000) break;
    from = `(${some.at(-1).id}`;
  }
  const [group] = await client.xInfoGroups(JOBS);
  const { recovered, survives } = db.storage;
  await db.close();
  const number = (id) => id.split('-').map(Number);
  const isDelivered = (id) => {
    const [[ms, seq], [lastMs, lastSeq]] = [number(id), number(group['last-delivered-id'])];
    return ms < lastMs || (ms === lastMs && seq <= lastSeq);
  };
  return {
    entries: entries.length,
    pending: pending.size,
    recovered,
    survives,
    lost: added.filter(([id, told]) => numbers.get(id) !== told),
    undelivered: delivered.filter((id) => !pending.has(id)),
    unacked: acked.filter((id) => pending.has(id) || !isDelivered(id)),
    twice: entries.length - new Set(numbers.values()).size,
  };
}
