/** A store that a test holds up, breaks and fills; what is written lies in a MemoryStore. */
import { MemoryStore } from '#dist/storage/memory.js';
import {
  Brooklet,
  type BaseWriter,
  type BrookletOpenOptions,
  type Database,
  type OpenStore,
  type Store,
} from 'brooklet';
import { ManualClock } from './support.js';

/** What happens to the next calls of a store. */
export class TestStore implements Store {
  /** Every frame that was given to it, in order. */
  readonly frames: string[] = [];
  /** What every step of the store waits for, before and after it. */
  delay: () => Promise<void> = async () => undefined;
  /** Appends wait for {@link release}. */
  held = false;
  full = false;
  /** What appends reject with. */
  failure: Error | undefined;
  /** What the next step of a base of this name rejects with. */
  baseFailure: { step: 'begin' | 'write' | 'commit'; error: Error } | undefined;
  aborted = 0;
  closed = 0;
  #waiting: Array<() => void> = [];

  constructor(readonly inner = new MemoryStore()) {}

  /** How many appends wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** The appends that wait are done. */
  release(): void {
    for (const done of this.#waiting.splice(0)) done();
  }

  async open(): Promise<OpenStore> {
    const open = await this.inner.open();
    const store = this;
    return {
      name: 'a test',
      survives: 'nothing',
      epoch: open.epoch,
      files: open.files,
      get full() {
        return store.full;
      },
      start: (epoch, end) => open.start(epoch, end),
      append: async (frame) => {
        store.frames.push(new TextDecoder().decode(frame));
        if (store.held) await new Promise<void>((resolve) => store.#waiting.push(resolve));
        await store.delay();
        if (store.failure) throw store.failure;
        await open.append(frame);
        await store.delay();
      },
      beginBase: async () => {
        store.#fail('begin');
        return store.#base(await open.beginBase());
      },
      close: async () => {
        store.closed += 1;
        await open.close();
      },
    };
  }

  #base(inner: BaseWriter): BaseWriter {
    return {
      write: async (bytes) => {
        await this.delay();
        this.#fail('write');
        await inner.write(bytes);
      },
      commit: async () => {
        this.#fail('commit');
        await this.delay();
        await inner.commit();
        await this.delay();
      },
      abort: async () => {
        this.aborted += 1;
        await inner.abort();
      },
    };
  }

  #fail(step: string): void {
    const failure = this.baseFailure;
    if (failure?.step !== step) return;
    this.baseFailure = undefined;
    throw failure.error;
  }
}

/** A durable database under a manual clock. */
export async function openDurable(
  storage: Store,
  options: Omit<BrookletOpenOptions, 'storage'> = {},
): Promise<Database> {
  return Brooklet.open('test', { clock: new ManualClock(), storage, ...options });
}

/** All bytes of the journal. */
export function bytesOf(store: MemoryStore): Buffer {
  return Buffer.concat(store.files.flatMap((file) => file.pieces));
}

/** A store with one increment. */
export function storeWith(bytes: Uint8Array): MemoryStore {
  const store = new MemoryStore();
  store.files = [{ ...store.newFile('increment'), pieces: [Uint8Array.from(bytes)] }];
  return store;
}
