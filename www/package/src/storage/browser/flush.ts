/** The flush once a second that `everysec` means, and the one at the end. */
import type { Durability } from '../store.js';

const SECOND = 1_000;

/** Flushes what was written since the last time. */
export class PeriodicFlush {
  readonly #durability: Durability;
  readonly #flush: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dirty = false;

  constructor(
    durability: Durability,
    flush: () => Promise<void>,
    failed: (error: unknown) => void,
  ) {
    this.#durability = durability;
    this.#flush = flush;
    this.#failed = failed;
  }

  /** Something was written. With `always` it was flushed as well. */
  touch(): void {
    if (this.#durability === 'always') return;
    this.#dirty = true;
    if (this.#durability === 'no') return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#now().catch(this.#failed);
    }, SECOND);
  }

  /** Flushes a last time, if there is something to flush. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#now();
  }

  async #now(): Promise<void> {
    if (!this.#dirty) return;
    this.#dirty = false;
    await this.#flush();
  }
}
