/** What the reader has done, kept in localStorage: steps per lesson and the last place. */
import { load, save } from '../ui/storage.ts';
import type { Place } from './route.ts';

const KEY = 'brooklet.progress';

interface Saved {
  /** The furthest step reached in each lesson: so many steps from the first were done. */
  readonly done: Readonly<Record<string, number>>;
  readonly last: Place | null;
}

/** The reader's progress through all lessons. */
export class Progress {
  #saved: Saved = load(KEY, isSaved, { done: {}, last: null });

  /** How many steps of a lesson were done, at most. */
  done(slug: string): number {
    return this.#saved.done[slug] ?? 0;
  }

  /** Where the reader was. */
  get last(): Place | null {
    return this.#saved.last;
  }

  /** Remembers where the reader is, and that all steps before were done. */
  visit(place: Place): void {
    const done = Math.max(this.done(place.slug), place.step);
    this.#saved = { done: { ...this.#saved.done, [place.slug]: done }, last: place };
    save(KEY, this.#saved);
  }
}

function isSaved(value: unknown): value is Saved {
  if (typeof value !== 'object' || value === null) return false;
  const { done, last } = value as Partial<Record<keyof Saved, unknown>>;
  return isCounts(done) && (last === null || isPlace(last));
}

function isCounts(value: unknown): value is Record<string, number> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((count) => Number.isInteger(count))
  );
}

function isPlace(value: unknown): value is Place {
  if (typeof value !== 'object' || value === null) return false;
  const { slug, step } = value as Partial<Record<keyof Place, unknown>>;
  return typeof slug === 'string' && typeof step === 'number' && Number.isInteger(step);
}
