/** The engine's clock: the wall clock plus what the learner has skipped. */
import type { Clock } from 'brooklet';

interface Alarm {
  readonly at: number;
  readonly fire: () => void;
  handle: ReturnType<typeof setTimeout> | undefined;
}

/** setTimeout holds 31 bits; a timer further away fires early, and the engine sets it again. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** A clock that can be moved forward; timers that fall due in the skipped time fire at once. */
export class SkippableClock implements Clock {
  #skipped = 0;
  readonly #alarms = new Set<Alarm>();

  /** How far the clock has been moved forward, in milliseconds. */
  get skipped(): number {
    return this.#skipped;
  }

  now(): number {
    return Date.now() + this.#skipped;
  }

  setTimer(at: number, fire: () => void): () => void {
    const alarm: Alarm = { at, fire, handle: undefined };
    this.#alarms.add(alarm);
    this.#arm(alarm);
    return () => {
      clearTimeout(alarm.handle);
      this.#alarms.delete(alarm);
    };
  }

  /** Moves the clock forward. */
  advance(ms: number): void {
    this.#skipped += ms;
    for (const alarm of this.#alarms) this.#arm(alarm);
  }

  #arm(alarm: Alarm): void {
    clearTimeout(alarm.handle);
    const delay = Math.min(Math.max(alarm.at - this.now(), 0), LONGEST_DELAY_MS);
    alarm.handle = setTimeout(() => {
      this.#alarms.delete(alarm);
      alarm.fire();
    }, delay);
  }
}
