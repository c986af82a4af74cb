/** What a server has acknowledged, and whether it is there after a restart. */

/** The group that all entries are delivered to. */
export const GROUP = 'workers';

/** How many entries a question is about. */
const AT_ONCE = 10_000;

/** One stream's part of the work. */
export class Stream {
  /** Entries by ID, with the numbers in them, that XADD answered. */
  added = new Map();
  /** Numbers of entries that were sent, answered or not. */
  sent = new Set();
  /** Consumers of deliveries, by ID, that XREADGROUP answered. */
  delivered = new Map();
  /** IDs that XACK was sent for, and those that it answered. */
  acksSent = new Set();
  acked = new Set();
  /** Pairs of counters: transactions that were sent, and those that were answered. */
  pairsSent = 0;
  pairs = 0;

  constructor(key) {
    this.key = key;
    this.counters = [`${key}:one`, `${key}:other`];
  }

  /** What is missing of all that was acknowledged, and what is there that nobody did. */
  async losses(client) {
    const entries = await this.#entries(client);
    const pending = await this.#pending(client);
    const [one, other] = (await client.mget(...this.counters)).map(Number);
    const lost = { entries: 0, acks: 0, deliveries: 0, transactions: 0, strange: 0 };
    for (const [id, number] of this.added) if (entries.get(id) !== number) lost.entries++;
    for (const number of entries.values()) if (!this.sent.has(number)) lost.strange++;
    for (const id of this.acked) if (pending.has(id)) lost.acks++;
    for (const [id, consumer] of this.delivered) {
      if (!this.acksSent.has(id) && pending.get(id) !== consumer) lost.deliveries++;
    }
    lost.transactions += Math.max(0, this.pairs - one);
    if (one !== other || one > this.pairsSent) lost.strange++;
    return lost;
  }

  async #entries(client) {
    const entries = new Map();
    for (let from = '-'; ; ) {
      const page = await client.xrange(this.key, from, '+', 'COUNT', AT_ONCE);
      for (const [id, [, number]] of page) entries.set(id, Number(number));
      if (page.length < AT_ONCE) return entries;
      from = `(${page.at(-1)[0]}`;
    }
  }

  async #pending(client) {
    const pending = new Map();
    for (let from = '-'; ; ) {
      const page = await client.xpending(this.key, GROUP, from, '+', AT_ONCE);
      for (const [id, consumer] of page) pending.set(id, consumer);
      if (page.length < AT_ONCE) return pending;
      from = `(${page.at(-1)[0]}`;
    }
  }
}
