/** The token by which a client sees that it reads from where it has written. */
import type { Database } from '../database.js';
import { RestError } from './error.js';

/**
 * `epoch-number`: the writer, and a number that grows with every answer of it. There is one writer,
 * and it answers when what it tells is there, so all that can be wrong is an older writer that has
 * not noticed yet that another has taken over.
 */
export class SyncToken {
  #answers = 0;

  constructor(private readonly database: Pick<Database, 'storage'>) {}

  /** The token of the next answer. */
  next(): string {
    return `${this.#epoch}-${++this.#answers}`;
  }

  /** Throws a RestError when the client has heard of a later writer than this. */
  check(headers: Headers): void {
    const [, epoch] = /^(\d+)-\d+$/.exec(headers.get('upstash-sync-token') ?? '') ?? [];
    if (epoch === undefined || this.#epoch === 0 || Number(epoch) <= this.#epoch) return;
    throw new RestError(503, 'ERR another writer has taken over: ask it', { 'retry-after': '1' });
  }

  /** 0 for a database in memory, which begins anew each time. */
  get #epoch(): number {
    return this.database.storage?.epoch ?? 0;
  }
}
