/** Brings an engine's frames to a store: when replies go out, when it rewrites, when it stops. */
import { FRAME_PENDING, FSYNC, REWRITE_DUE } from '../engine/glue.js';
import type { Appender, EngineHost } from '../engine/host.js';
import { FencedError, StoreError, StoreFullError } from './errors.js';
import { Listeners } from './events.js';
import type { Recovery } from './recovery.js';
import { writeBase } from './rewrite.js';
import type { BaseWriter, Durability, OpenStore, Survives } from './store.js';
import { nextTurn, turn } from './turn.js';

/** What is known of a database's store. */
export interface StorageInfo {
  /** What people see in messages: `directory ./data`, `IndexedDB jobs`. */
  readonly name: string;
  /** When a change is safe, and when its reply is handed out. */
  readonly durability: Durability;
  /** The worst that what was acknowledged comes through whole. */
  readonly survives: Survives;
  /** The number of this writer, higher than that of every one before. */
  readonly epoch: number;
  /** Bytes of the journal. */
  readonly bytes: number;
  /** What was found when it was opened: commands that ran, and bytes of an append cut short. */
  readonly recovered: { readonly commands: number; readonly torn: number };
  /** There is no room: commands that add data are refused. */
  readonly full: boolean;
  /** Why the database has stopped for good. */
  readonly failure: Error | undefined;
}

/**
 * Frames before timers get their turn: who only waits for replies, one after the other, would hold
 * them all up, and with them the flush that `everysec` promises.
 */
const MOST_BETWEEN_TURNS = 64;
/** How often a store that is full is asked again: who is refused appends nothing. */
const ASK_AGAIN_MS = 1_000;
/** Between attempts to make room by a rewrite, while there is none. */
const MAKE_ROOM_EVERY_MS = 10_000;

/**
 * The journal of a running database.
 *
 * A reply waits until `append` is done with the frame of everything that it could tell of. While
 * one is on its way, everything that happens is gathered for the next: that is the group commit.
 */
export class Journal implements Appender {
  readonly listeners = new Listeners();
  #bytes: number;
  /** So many of them a rewrite takes the place of. */
  #replaced = 0;
  #scheduled = false;
  #sinceTurn = 0;
  /** The append on its way. */
  #appending: Promise<void> | undefined;
  /** No append may begin: the store is about to begin a new increment. */
  #held = false;
  #rewriting: Promise<void> | undefined;
  #full = false;
  #asksAgain = false;
  #madeRoomAt = -Infinity;
  #closing: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(
    private readonly host: EngineHost,
    private readonly store: OpenStore,
    private readonly durability: Durability,
    private readonly epoch: number,
    private readonly recovered: Recovery,
  ) {
    this.#bytes = recovered.bytes;
    const fsync = FSYNC.indexOf(durability);
    host.use((engine) => engine.startJournal(epoch, recovered.sequence, fsync));
    host.attach(this);
    this.#checkRoom();
    host.handOut();
  }

  /** What is known of the store. */
  get info(): StorageInfo {
    const { durability, epoch } = this;
    const { name, survives } = this.store;
    const { commands, torn } = this.recovered;
    return {
      name,
      durability,
      survives,
      epoch,
      bytes: this.#bytes,
      recovered: { commands, torn },
      full: this.#full,
      failure: this.#failure,
    };
  }

  /** Appends soon. Where it costs a flush, everything of one turn of the event loop is one frame. */
  changed(): void {
    if (this.#isBusy()) return;
    const pending = this.#pending();
    if (pending & REWRITE_DUE) this.#rewriteSoon();
    if (this.#scheduled || !(pending & FRAME_PENDING)) return;
    this.#scheduled = true;
    const run = (): void => {
      this.#scheduled = false;
      this.#append();
    };
    if (!this.#gathers && this.#sinceTurn < MOST_BETWEEN_TURNS) {
      this.#sinceTurn += 1;
      queueMicrotask(run);
    } else {
      this.#sinceTurn = 0;
      nextTurn(run);
    }
  }

  /** Appends at once where that costs no flush: a server sends its replies before it reads on. */
  exchanged(): void {
    if (!this.#gathers) this.#append();
  }

  /** Rewrites the journal as the state that it comes to. Rejects when that is not possible. */
  rewrite(): Promise<void> {
    this.#rewriting ??= turn()
      .then(() => this.#rewrite())
      .finally(() => (this.#rewriting = undefined));
    return this.#rewriting;
  }

  /** Nothing is written any more. */
  failed(error: Error): void {
    this.#fail(error);
  }

  /** Brings everything to the store and lets it go. */
  close(): Promise<void> {
    const before = this.#failure;
    this.#closing ??= turn().then(() => this.#close(before));
    return this.#closing;
  }

  async #close(before: Error | undefined): Promise<void> {
    await this.#rewriting?.catch(() => undefined);
    while (this.#failure === undefined && (this.#appending || this.#pending() & FRAME_PENDING)) {
      this.#append();
      await this.#appending;
    }
    try {
      await this.store.close();
    } catch (error) {
      if (!this.#failure) throw error;
    }
    if (this.#failure && !before) throw this.#failure;
  }

  get #gathers(): boolean {
    return this.durability === 'always' && !this.store.atOnce;
  }

  #isBusy(): boolean {
    return this.#appending !== undefined || this.#held || this.#failure !== undefined;
  }

  #pending(): number {
    return this.#try(() => this.host.use((engine) => engine.pending())) ?? 0;
  }

  #rewriteSoon(): void {
    if (this.#closing) return;
    // Whether it can be done shows in `INFO persistence`.
    this.rewrite().catch(() => undefined);
  }

  /** Begins to append what there is. */
  #append(): void {
    if (this.#isBusy()) return;
    const frame = this.#frame();
    if (frame === undefined) return;
    const done = this.#send(frame);
    if (done === undefined) return this.#confirm();
    this.#appending = done.then((sent) => {
      this.#appending = undefined;
      if (sent) this.#confirm();
    });
  }

  #frame(): Uint8Array<ArrayBuffer> | undefined {
    return this.#try(() => {
      const found = this.host.use((engine, now) => engine.nextFrame(now));
      return found ? this.host.copyBytes() : undefined;
    });
  }

  /** Undefined: it was appended at once. Else resolves to whether it was, and never rejects. */
  #send(frame: Uint8Array<ArrayBuffer>): Promise<boolean> | undefined {
    this.#bytes += frame.length;
    const done = this.#try(() => this.store.append(frame));
    const failed = (error: unknown): boolean => (this.#fail(error), false);
    if (done === undefined) return this.#failure && Promise.resolve(false);
    return done.then(() => true, failed);
  }

  /** The frame is safe: what waited for it goes out. */
  #confirm(): void {
    this.#try(() => this.host.use((engine) => engine.confirmFrame()));
    this.#checkRoom();
    this.host.handOut();
  }

  /** Follows the store in what it says of room. */
  #checkRoom(): void {
    const { full } = this.store;
    if (full !== this.#full) {
      this.#full = full;
      this.#try(() => this.host.use((engine) => engine.setFull(full)));
      this.listeners.tell(full ? 'full' : 'roomAgain');
    }
    if (full) this.#askAgain();
    const now = this.host.now();
    if (!full || now - this.#madeRoomAt < MAKE_ROOM_EVERY_MS) return;
    this.#madeRoomAt = now;
    this.#rewriteSoon();
  }

  #askAgain(): void {
    if (this.#asksAgain) return;
    this.#asksAgain = true;
    this.host.later(ASK_AGAIN_MS, () => {
      this.#asksAgain = false;
      if (!this.#failure && !this.#closing) this.#checkRoom();
    });
  }

  async #rewrite(): Promise<void> {
    while (this.#appending) await this.#appending;
    if (this.#failure) throw this.#failure;
    if (this.#closing) throw new StoreError('the database is closed');
    let done = false;
    try {
      const base = await this.#beginBase();
      await this.#writeBase(base);
      done = true;
    } finally {
      this.#try(() => this.host.use((engine, now) => engine.endRewrite(now, done)));
    }
    this.#checkRoom();
    this.listeners.tell('rewritten', this.#bytes);
  }

  /** The base will hold what is in frames now; the last one belongs into the old increment. */
  async #beginBase(): Promise<BaseWriter> {
    this.#held = true;
    try {
      const frame = this.#frame();
      if (!this.host.use((engine, now) => engine.beginRewrite(now))) {
        throw new StoreError('the journal is being rewritten already');
      }
      if (frame) {
        const sent = this.#send(frame);
        if (sent === undefined || (await sent)) this.#confirm();
      }
      if (this.#failure) throw this.#failure;
      this.#replaced = this.#bytes;
      return await this.store.beginBase();
    } catch (error) {
      if (!(error instanceof StoreFullError)) this.#fail(error);
      throw error;
    } finally {
      this.#held = false;
      this.changed();
    }
  }

  async #writeBase(base: BaseWriter): Promise<void> {
    let committing = false;
    try {
      const bytes = await writeBase(this.host, base, () => this.#closing !== undefined);
      committing = true;
      await base.commit();
      this.#bytes += bytes - this.#replaced;
    } catch (error) {
      const isFatal = error instanceof FencedError || committing;
      if (isFatal && !(error instanceof StoreFullError)) this.#fail(error);
      await base.abort().catch((aborting: unknown) => this.#fail(aborting));
      throw error;
    }
  }

  /** Nothing is written any more, and every call rejects with this error. */
  #fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = error instanceof Error ? error : new StoreError(String(error));
    this.host.stop(this.#failure);
    this.listeners.tell('failed', this.#failure);
  }

  #try<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }
}
