/** A store that keeps a journal in memory: for tests, and for those who ask for nothing more. */
import { FencedError } from './errors.js';
import type { BaseWriter, OpenStore, Store, StoredFile } from './store.js';

/** A file: what was written into it, in order. */
interface MemoryFile {
  readonly name: string;
  readonly kind: StoredFile['kind'];
  pieces: Array<Uint8Array<ArrayBuffer>>;
}

/** Survives nothing, except that the same object can be opened again. */
export class MemoryStore implements Store {
  /** The journal: a base, if there is one, then increments. */
  files: MemoryFile[] = [];
  /** How often it was opened. The last one to open it is the one who may write. */
  epoch = 0;
  #named = 0;

  open(): Promise<OpenStore> {
    this.epoch += 1;
    return Promise.resolve(new OpenMemoryStore(this, this.epoch));
  }

  /** A new file, which is no part of the journal yet. */
  newFile(kind: StoredFile['kind']): MemoryFile {
    this.#named += 1;
    return { name: `${kind} ${this.#named} in memory`, kind, pieces: [] };
  }
}

class OpenMemoryStore implements OpenStore {
  readonly name = 'memory';
  readonly survives = 'nothing';
  readonly full = false;
  readonly files: ReadonlyArray<StoredFile>;

  constructor(
    private readonly store: MemoryStore,
    readonly epoch: number,
  ) {
    this.files = store.files.map((file) => ({
      name: file.name,
      kind: file.kind,
      bytes: lengthOf(file),
      async *read() {
        yield* file.pieces;
      },
    }));
  }

  start(_epoch: number, end: number): Promise<void> {
    const last = this.store.files.at(-1);
    if (last) cut(last, end);
    if (last?.kind !== 'increment') this.store.files.push(this.store.newFile('increment'));
    return Promise.resolve();
  }

  append(frame: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    if (this.store.epoch !== this.epoch) return Promise.reject(overtaken());
    this.store.files.at(-1)?.pieces.push(frame);
    return undefined;
  }

  beginBase(): Promise<BaseWriter> {
    if (this.store.epoch !== this.epoch) return Promise.reject(overtaken());
    const base = this.store.newFile('base');
    const increment = this.store.newFile('increment');
    this.store.files.push(increment);
    return Promise.resolve({
      write: async (bytes) => void base.pieces.push(bytes),
      commit: async () => {
        if (this.store.epoch !== this.epoch) throw overtaken();
        const { files } = this.store;
        this.store.files = [base, ...files.slice(files.indexOf(increment))];
      },
      abort: async () => undefined,
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function overtaken(): FencedError {
  return new FencedError('this store was opened again, by somebody who writes it from now on');
}

function lengthOf(file: MemoryFile): number {
  return file.pieces.reduce((sum, piece) => sum + piece.length, 0);
}

/** Cuts a file off to `end` bytes. */
function cut(file: MemoryFile, end: number): void {
  let left = end;
  file.pieces = file.pieces
    .map((piece) => {
      const kept = piece.slice(0, left);
      left -= kept.length;
      return kept;
    })
    .filter((piece) => piece.length > 0);
}
