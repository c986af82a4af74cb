/** The lines that were typed, oldest first, kept in localStorage and walked with the arrow keys. */
import { load, save } from '../ui/storage.ts';

const KEY = 'brooklet.history';
const LIMIT = 200;

/** One terminal's walk through the shared history. */
export class History {
  #lines: readonly string[] = load(KEY, isLines, []);
  #at: number | null = null;
  #draft = '';

  /** Adds a line and ends the walk. Passwords are not kept. */
  add(line: string): void {
    this.#at = null;
    const known = load(KEY, isLines, []);
    const secret = /^\s*(auth|hello)\b/i.test(line);
    const repeats = known.at(-1) === line;
    this.#lines = secret || repeats ? known : [...known, line].slice(-LIMIT);
    save(KEY, this.#lines);
  }

  /** The line before; the first step back keeps what was being typed. */
  back(current: string): string {
    if (this.#at === null) {
      this.#lines = load(KEY, isLines, []);
      this.#draft = current;
      this.#at = this.#lines.length;
    }
    this.#at = Math.max(this.#at - 1, 0);
    return this.#lines[this.#at] ?? current;
  }

  /** The line after; after the last one, what was being typed. */
  forward(current: string): string {
    if (this.#at === null) return current;
    this.#at += 1;
    if (this.#at < this.#lines.length) return this.#lines[this.#at] ?? current;
    this.#at = null;
    return this.#draft;
  }
}

function isLines(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((line) => typeof line === 'string');
}
