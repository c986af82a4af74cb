/** Room that a store keeps: given up when the quota is reached, so that small frames still fit. */

/** How long it is not tried to have it back, after it was given up or that had failed. */
const PAUSE = 5_000;

/** How many bytes `getRandomValues` gives at once. */
const MOST_RANDOM = 65_536;

/** Where a reserve can lie. */
export interface ReservePlace {
  /** Whether it is there, with so many bytes. */
  held(bytes: number): Promise<boolean>;
  /** Takes the room; rejects when there is none. */
  take(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Gives it up. */
  drop(): Promise<void>;
}

/** A reserve of one open store. */
export class Reserve {
  readonly #place: ReservePlace;
  readonly #bytes: number;
  #held = false;
  #wanted = false;
  #next = 0;

  constructor(place: ReservePlace, bytes: number) {
    this.#place = place;
    this.#bytes = bytes;
  }

  /** Whether it was given up. */
  get gone(): boolean {
    return !this.#held;
  }

  /** Takes the room if it is not held. That it cannot be had is no error. */
  async take(): Promise<void> {
    this.#wanted = true;
    this.#next = Date.now() + PAUSE;
    try {
      this.#held ||= await this.#place.held(this.#bytes);
      if (this.#held) return;
      await this.#place.take(noise(this.#bytes));
      this.#held = true;
    } catch {
      this.#held = false;
    }
  }

  /** As {@link take}, once in a while after it was given up. */
  async takeAgain(): Promise<void> {
    if (!this.#held && this.#wanted && Date.now() >= this.#next) await this.take();
  }

  /** Gives the room up. */
  async drop(): Promise<void> {
    this.#held = false;
    this.#next = Date.now() + PAUSE;
    await this.#place.drop().catch(() => undefined);
  }
}

/** Bytes that do not compress: some browsers do. */
function noise(bytes: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += MOST_RANDOM) {
    crypto.getRandomValues(all.subarray(at, at + MOST_RANDOM));
  }
  return all;
}
