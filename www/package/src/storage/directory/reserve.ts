/** Room that is kept for deletions and acknowledgements when the disk is full. */
import { join } from 'node:path';
import { codeOf, writeAll, type FileSystem } from './files.js';

/** The reserve's name in the directory. */
export const RESERVE_NAME = 'brooklet.reserve';

const RESERVE_BYTES = 1 << 20;
/** How often it is tried to get the room back. */
const BETWEEN_MS = 1_000;

/** Whether an error says that there is no room: on the disk, in a quota, under a limit. */
export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error) ?? '');
}

/** A file that gives its room away when it is needed. */
export class Reserve {
  readonly #path: string;
  #held = false;
  #triedAt = -Infinity;

  constructor(
    private readonly files: FileSystem,
    directory: string,
  ) {
    this.#path = join(directory, RESERVE_NAME);
    this.#held = files.size(this.#path) === RESERVE_BYTES;
  }

  /** Whether the room is still there. */
  get isHeld(): boolean {
    return this.#held;
  }

  /** Gives the room away. False: it was already. */
  release(): boolean {
    if (!this.#held) return false;
    this.files.remove(this.#path);
    this.#held = false;
    return true;
  }

  /** Takes the room, if it is to be had; asks the system no more often than it makes sense. */
  renew(now: number): void {
    if (this.#held || now - this.#triedAt < BETWEEN_MS) return;
    this.#triedAt = now;
    try {
      this.#fill();
      this.#held = true;
    } catch {
      this.files.remove(this.#path);
    }
  }

  #fill(): void {
    const file = this.files.open(this.#path, 'w');
    try {
      writeAll(this.files, file, new Uint8Array(RESERVE_BYTES).fill(0x2e));
    } finally {
      this.files.close(file);
    }
  }
}
