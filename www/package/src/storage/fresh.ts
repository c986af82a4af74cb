/** A store that begins with something: all of it becomes the first base, or nothing of it. */
import { StoreError } from './errors.js';
import type { BaseWriter, Durability, OpenStore, Store, StoredFile } from './store.js';

/**
 * Wraps a store that must be empty. The state comes from `source`, or from commands; nothing is
 * written before the first rewrite, which holds it all.
 */
export class FreshStore implements Store {
  constructor(
    private readonly store: Store,
    private readonly source?: StoredFile,
  ) {}

  async open(durability: Durability): Promise<OpenStore> {
    const open = await this.store.open(durability);
    if (open.files.every((file) => file.bytes === 0)) return new OpenFresh(open, this.source);
    await open.close();
    throw new StoreError(
      `${open.name} holds data already, and nothing was changed: choose a new place, or remove ` +
        'what is there',
    );
  }
}

class OpenFresh implements OpenStore {
  readonly files: ReadonlyArray<StoredFile>;
  #state: 'empty' | 'filled' | 'failed' = 'empty';

  constructor(
    private readonly open: OpenStore,
    source: StoredFile | undefined,
  ) {
    this.files = source ? [source] : [];
  }

  get name(): string {
    return this.open.name;
  }

  get survives(): OpenStore['survives'] {
    return this.open.survives;
  }

  get epoch(): number {
    return this.open.epoch;
  }

  get full(): boolean {
    return this.open.full;
  }

  start(epoch: number): Promise<void> {
    return this.open.start(epoch, 0);
  }

  append(frame: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    if (this.#state === 'filled') return this.open.append(frame);
    if (this.#state === 'empty') return undefined; // The base will hold it.
    return Promise.reject(new StoreError(`${this.name} could not be filled`));
  }

  async beginBase(): Promise<BaseWriter> {
    const isFirst = this.#state === 'empty';
    const base = await this.open.beginBase();
    this.#state = 'filled';
    if (!isFirst) return base;
    return {
      write: (bytes) => base.write(bytes),
      commit: () => base.commit(),
      abort: () => {
        // What would be appended now has nothing to follow.
        this.#state = 'failed';
        return base.abort();
      },
    };
  }

  close(): Promise<void> {
    return this.open.close();
  }
}
