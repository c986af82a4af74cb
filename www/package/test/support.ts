/** What the tests share: a clock that they move, a database, a server. */
import { Brooklet, type BrookletOptions, type Clock } from 'brooklet';

/** A clock that stands still until it is moved; timers fire when it passes them. */
export class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  readonly #timers = new Set<{ at: number; fire: () => void }>();

  now(): number {
    return this.#now;
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.size;
  }

  setTimer(at: number, fire: () => void): () => void {
    const timer = { at, fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets `ms` milliseconds pass. */
  advance(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers]) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.fire();
    }
  }
}

/** A database under a manual clock. */
export async function openDatabase(options: BrookletOptions = {}) {
  const clock = new ManualClock();
  const database = await Brooklet.create({ clock, ...options });
  return { clock, database, client: database.client() };
}

/** Whether a promise is settled after everything that is ready has run. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  const ready = new Promise((resolve) => setImmediate(resolve, pending));
  return (await Promise.race([promise.catch(() => undefined), ready])) !== pending;
}

/** UTF-8 bytes. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
