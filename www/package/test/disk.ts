/** A disk in memory that forgets, when power is lost, what nobody brought to it. */
import { dirname, basename } from 'node:path';
import type { FileIdentity, FileSystem } from '#dist/storage/directory/files.js';

/** Numbers that look random and are the same for the same seed. */
export class Dice {
  constructor(private state: number) {}

  /** A whole number below `bound`. */
  below(bound: number): number {
    this.state = (Math.imul(this.state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return Math.floor((this.state / 0x8000_0000) * bound);
  }
}

/** What a step throws once the machine has stopped. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

interface Node {
  readonly id: number;
  /** What reads see. */
  bytes: Uint8Array;
  /** What is on the disk for sure. */
  flushed: Uint8Array;
}

/** A change of names, which a disk has as a whole or not at all. */
interface Change {
  readonly names: ReadonlyArray<readonly [path: string, node: Node | 'directory' | undefined]>;
}

type Names = Map<string, Node | 'directory'>;

/** A disk and the machine at it, which can be stopped after any step. */
export class Disk implements FileSystem {
  /** Steps that changed something, since the machine was started. */
  steps = 0;
  /** The step at which the machine stops. */
  stopAt = Infinity;
  /** How many bytes there is room for. */
  room = Infinity;
  #names: Names = new Map([['/', 'directory']]);
  #durable: Names = new Map(this.#names);
  #changes: Change[] = [];
  #open = new Map<number, Node>();
  #starts = 1;
  #next = 1;

  /** Puts a file there that was flushed long ago. */
  put(path: string, bytes: Uint8Array): void {
    this.makeDirectory(dirname(path));
    set(this.#names, path, { id: this.#next++, bytes, flushed: bytes });
    [this.#durable, this.#changes, this.steps] = [new Map(this.#names), [], 0];
  }

  /** The process is killed: the system keeps everything. */
  kill(): void {
    this.#restart();
  }

  /** Power is lost: what was not flushed is there, or not, or in part. */
  losePower(dice: Dice): void {
    const names: Names = new Map(this.#durable);
    for (const { names: changed } of this.#changes) {
      if (dice.below(2) === 0) continue;
      for (const [path, node] of changed) set(names, path, node);
    }
    for (const node of new Set(names.values())) {
      if (node === 'directory') continue;
      node.bytes = leftOf(node, dice);
      node.flushed = node.bytes;
    }
    for (const path of [...names.keys()]) {
      if (path !== '/' && names.get(dirname(path)) !== 'directory') names.delete(path);
    }
    [this.#names, this.#durable, this.#changes] = [names, new Map(names), []];
    this.#restart();
  }

  #restart(): void {
    [this.steps, this.stopAt] = [0, Infinity];
    this.#open = new Map();
    this.#starts++;
  }

  /** Whether the machine has stopped. */
  get hasStopped(): boolean {
    return this.steps >= this.stopAt;
  }

  /** How many bytes there are. */
  get used(): number {
    const nodes = new Set(this.#names.values());
    return [...nodes].reduce((sum, it) => sum + (it === 'directory' ? 0 : it.bytes.length), 0);
  }

  makeDirectory(path: string): string | undefined {
    if (path === '/' || this.#names.get(path) === 'directory') return undefined;
    const above = this.makeDirectory(dirname(path));
    this.#change([path, 'directory']);
    return above ?? path;
  }

  list(path: string): string[] | undefined {
    if (this.#names.get(path) !== 'directory') return undefined;
    const below = [...this.#names.keys()].filter((it) => it !== '/' && dirname(it) === path);
    return below.map((it) => basename(it));
  }

  size(path: string): number | undefined {
    const found = this.#names.get(path);
    return found === 'directory' ? 0 : found?.bytes.length;
  }

  identity(path: string): FileIdentity | undefined {
    const found = this.#names.get(path);
    if (found === undefined || found === 'directory') return undefined;
    return { device: 1n, inode: BigInt(found.id) };
  }

  readText(path: string): string | undefined {
    // Every start of the machine is another process, whatever its number.
    if (path.startsWith('/proc/')) return `1 (node) S ${'0 '.repeat(18)}${this.#starts}`;
    const found = this.#names.get(path);
    if (found === undefined || found === 'directory') return undefined;
    return new TextDecoder().decode(found.bytes);
  }

  open(path: string, flags: 'r' | 'a' | 'ax' | 'w'): number {
    const found = this.#names.get(path);
    if (found === 'directory') throw problem('EISDIR');
    if (flags === 'r' && !found) throw problem('ENOENT');
    if (flags === 'ax' && found) throw problem('EEXIST');
    const node = found ?? { id: this.#next++, bytes: new Uint8Array(), flushed: new Uint8Array() };
    if (!found) this.#change([path, node]);
    if (flags === 'w' && node.bytes.length > 0) this.#rewrite(node, new Uint8Array());
    this.#open.set(this.#next, node);
    return this.#next++;
  }

  read(file: number, into: Uint8Array, offset: number): Promise<number> {
    const piece = this.#node(file).bytes.subarray(offset, offset + into.length);
    into.set(piece);
    return Promise.resolve(piece.length);
  }

  /** Takes at most half of what it is given, where that is a few bytes or more. */
  write(file: number, bytes: Uint8Array): number {
    const node = this.#node(file);
    const wanted = bytes.length > 8 && bytes.length < 200 ? bytes.length >> 1 : bytes.length;
    const taken = Math.min(wanted, this.room - this.used);
    if (taken <= 0) throw problem('ENOSPC');
    this.#rewrite(node, Buffer.concat([node.bytes, bytes.subarray(0, taken)]));
    return taken;
  }

  async writeBeside(file: number, bytes: Uint8Array): Promise<number> {
    await Promise.resolve();
    return this.write(file, bytes);
  }

  truncate(file: number, length: number): void {
    const node = this.#node(file);
    this.#rewrite(node, node.bytes.slice(0, length));
  }

  async flush(file: number): Promise<void> {
    const node = this.#node(file);
    const { bytes } = node;
    await Promise.resolve();
    this.#step();
    node.flushed = bytes;
  }

  async flushNames(directory: string): Promise<void> {
    const before = this.#changes.length;
    await Promise.resolve();
    this.#step();
    const isHere = ([path]: Change['names'][number]) => dirname(path) === directory;
    const flushed = this.#changes.slice(0, before).filter(({ names }) => names.some(isHere));
    for (const [path, node] of flushed.flatMap(({ names }) => names)) {
      set(this.#durable, path, node);
    }
    this.#changes = this.#changes.filter((change) => !flushed.includes(change));
  }

  close(file: number): void {
    this.#open.delete(file);
  }

  rename(from: string, to: string): void {
    const node = this.#names.get(from);
    if (node === undefined) throw problem('ENOENT');
    this.#change([from, undefined], [to, node]);
  }

  link(from: string, to: string): void {
    const node = this.#names.get(from);
    if (node === undefined) throw problem('ENOENT');
    if (this.#names.has(to)) throw problem('EEXIST');
    this.#change([to, node]);
  }

  remove(path: string): void {
    if (this.#names.has(path)) this.#change([path, undefined]);
  }

  #node(file: number): Node {
    const node = this.#open.get(file);
    if (node === undefined) throw this.hasStopped ? new Stopped() : problem('EBADF');
    return node;
  }

  #change(...names: Array<readonly [string, Node | 'directory' | undefined]>): void {
    this.#step();
    for (const [path, node] of names) set(this.#names, path, node);
    this.#changes.push({ names });
  }

  #rewrite(node: Node, bytes: Uint8Array): void {
    this.#step();
    node.bytes = bytes;
  }

  #step(): void {
    if (this.hasStopped) throw new Stopped();
    this.steps++;
  }
}

/** What is left of a file: what was flushed, and of the rest a part, which may be zeros. */
function leftOf({ bytes, flushed }: Node, dice: Dice): Uint8Array {
  const safe = flushed.length;
  const grew = Buffer.compare(bytes.subarray(0, safe), flushed) === 0;
  if (!grew) return dice.below(2) === 0 ? bytes : flushed;
  const left = bytes.slice(0, safe + dice.below(bytes.length - safe + 1));
  if (dice.below(2) === 0) left.fill(0, safe + dice.below(left.length - safe + 1));
  return left;
}

function set(names: Names, path: string, node: Node | 'directory' | undefined): void {
  if (node === undefined) names.delete(path);
  else names.set(path, node);
}

function problem(code: string): Error {
  return Object.assign(new Error(`${code}: on the disk of the test`), { code });
}
