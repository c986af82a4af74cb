/** When what was appended is brought to the disk: Redis' `appendfsync`. */
import type { Durability } from '../store.js';
import { StoreError } from '../errors.js';
import { messageOf, type FileSystem } from './files.js';

/** How long after an append its flush begins, with `everysec`. */
const EVERY_MS = 1_000;
/** As Redis does: appends wait for a flush that takes longer. */
const PATIENCE_MS = 2_000;

/** Flushes a file. A flush that fails is never tried again. */
export class Flusher {
  #failure: StoreError | undefined;
  /** Whether something was appended that no flush has begun for. */
  #dirty = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flushing: Promise<void> | undefined;
  /** The flush that goes on takes too long. */
  #late = false;
  #stopped = false;

  constructor(
    private readonly files: FileSystem,
    private readonly durability: Durability,
    private readonly file: number,
    private readonly path: string,
  ) {}

  /** Why nothing may be appended any more. */
  get failure(): StoreError | undefined {
    return this.#failure;
  }

  /** Resolves when an append may go on; undefined when it may at once. */
  room(): Promise<void> | undefined {
    return this.#late ? this.#flushing : undefined;
  }

  /** Something was appended. Resolves when it is as safe as was asked for; undefined: it is. */
  appended(): Promise<void> | undefined {
    this.#dirty = true;
    if (this.durability === 'always') return this.flush();
    if (this.durability === 'everysec') this.#arm();
    return undefined;
  }

  /** Brings everything to the disk, or rejects for good. */
  async flush(): Promise<void> {
    await this.#flushing;
    if (this.#failure) throw this.#failure;
    if (this.#dirty) await this.#begin();
    if (this.#failure) throw this.#failure;
  }

  /** Begins no flush by itself any more; resolves when none goes on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#flushing;
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#flushing || this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#dirty && !this.#flushing) void this.#begin();
    }, EVERY_MS);
    // The system has the bytes: a process that ends loses nothing.
    this.#timer.unref();
  }

  /** Settles always; what went wrong is kept. */
  #begin(): Promise<void> {
    this.#dirty = false;
    const patience = setTimeout(() => (this.#late = true), PATIENCE_MS);
    patience.unref();
    this.#flushing = this.files
      .flush(this.file)
      .catch((error: unknown) => {
        this.#failure = new StoreError(
          `${this.path} could not be brought to the disk (${messageOf(error)}). What was ` +
            'written last may be lost: nothing more is written, and what the disk has is seen ' +
            'when the directory is opened again',
          { cause: error },
        );
      })
      .finally(() => {
        clearTimeout(patience);
        this.#flushing = undefined;
        this.#late = false;
        if (this.#dirty && this.durability === 'everysec') this.#arm();
      });
    return this.#flushing;
  }
}
