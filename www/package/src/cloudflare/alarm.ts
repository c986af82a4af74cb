/** The object's one alarm, and its clock: what may wait for time without anybody's request open. */
import type { Clock } from '../engine/clock.js';
import type { BlockedRead } from './socket.js';
import type { ObjectStorage } from './storage.js';

type AlarmStorage = Pick<ObjectStorage, 'getAlarm' | 'setAlarm'>;

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/**
 * The system's time. Timers are only for those whose request is open, and keeps the object awake
 * anyway; for all others there is the alarm, a row each time it is moved.
 */
export class Alarm implements Clock {
  /** When it goes off. Too early is harmless, so it is moved only to be earlier. */
  #at = Infinity;
  /** What the engine waits for. */
  #timer: Timer | undefined;
  /** It is time to rewrite the journal. */
  #rewrites = false;
  /** Somebody waits for something that only the engine knows the time of. */
  #follows = false;

  private constructor(private readonly storage: AlarmStorage) {}

  /** The alarm as it is set; when it rings none has to be set until {@link rang}. */
  static async of(storage: AlarmStorage, rings: boolean): Promise<Alarm> {
    const alarm = new Alarm(storage);
    alarm.#at = rings ? -Infinity : ((await storage.getAlarm()) ?? Infinity);
    return alarm;
  }

  now(): number {
    return Date.now();
  }

  setTimer(at: number, fire: () => void, keepAlive: boolean): () => void {
    const timer = { at, fire };
    this.#timer = timer;
    if (this.#follows) this.by(at);
    const handle = keepAlive ? setTimeout(fire, Math.max(at - Date.now(), 1)) : undefined;
    return () => {
      clearTimeout(handle);
      if (this.#timer === timer) this.#timer = undefined;
    };
  }

  /** A read waits, and no request is open: the object must be awake when its time is over. */
  waits({ until, claims }: Pick<BlockedRead, 'until' | 'claims'>): void {
    this.#follows ||= claims;
    this.by(Math.min(until, claims ? (this.#timer?.at ?? Infinity) : Infinity));
  }

  /** The journal should be rewritten: that is for the alarm to do, and for no request. */
  rewriteDue(): void {
    this.#rewrites = true;
    this.by(Date.now());
  }

  /** It has gone off: the engine does what is due. Whoever waits on has to say so again. */
  rang(): void {
    this.#at = Infinity;
    this.#follows = false;
    this.#timer?.fire();
  }

  /** Rewrites the journal if it is time. When that fails, so must the object's `alarm`. */
  async rewrite(run: () => Promise<void>): Promise<void> {
    if (!this.#rewrites) return;
    this.#rewrites = false;
    try {
      await run();
    } catch (error) {
      this.#rewrites = true;
      throw error;
    }
  }

  /** Sees to it that the object is awake at that time; it may be so before. */
  by(at: number): void {
    if (at >= this.#at) return;
    this.#at = at;
    // When this fails so does the object: workerd resets it.
    this.storage.setAlarm(at).catch(() => undefined);
  }
}
