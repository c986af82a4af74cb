/** Drives one engine: gives it the time, hands its output to the right session, sets its timer. */
import { ConnectionClosedError, ReplyError } from '../errors.js';
import type { Clock } from './clock.js';
import type { EngineConfig, EngineStatistics, GlueEngine } from './glue.js';
import type { Instance } from './instance.js';
import { Output } from './output.js';
import type { CommandArguments } from '../reply.js';
import { packedBound, writePacked } from './request.js';

/** What a session does with output that came without being asked for. */
export interface SessionOwner {
  /** Copies or decodes the output. Must not call the engine. */
  take(output: Output): void;
  /** Hands on what was taken. May call the engine. */
  settle(): void;
  /** The engine is gone: nothing will come any more. */
  fail(error: Error): void;
}

/** Who brings the engine's frames to where they are kept. */
export interface Appender {
  /** The engine may have a frame. */
  changed(): void;
  /** As `changed`, and whoever sent the input has replies of it handed on at once, if it can be. */
  exchanged(): void;
  /** The engine has failed, and every session knows. */
  failed(error: Error): void;
}

/** The engine gives a request buffer back that is longer, when it is asked for a short one. */
const KEPT_BYTES = 1 << 20;
/** It makes none that is shorter. */
const SMALLEST_ROOM = 4096;

/** One engine with its clock, its sessions and its single timer. */
export class EngineHost {
  readonly output: Output;
  readonly #engine: GlueEngine;
  readonly #owners = new Map<number, SessionOwner>();
  readonly #stopWatching: () => void;
  #appender: Appender | undefined;
  #waiting = 0;
  #pumping = false;
  /** Why no input is taken any more. */
  #sealed: Error | undefined;
  #closed = false;
  #freed = false;
  /** Where the request buffer lies, and how much it is known to hold. */
  #requestAt = 0;
  #room = 0;
  #armedAt = Infinity;
  #armedKeepAlive = false;
  #disarm: (() => void) | undefined;

  constructor(
    private readonly instance: Instance,
    private readonly clock: Clock,
    config: EngineConfig,
  ) {
    this.#engine = instance.newEngine(config);
    this.output = new Output(instance.memory, this.#engine.descriptor());
    this.#stopWatching = instance.onFailure((failure) => {
      this.stop(failure);
      this.#appender?.failed(failure);
    });
  }

  /** Whoever keeps the journal is told from here on. */
  attach(appender: Appender): void {
    this.#appender = appender;
  }

  /** Calls the engine for what has nothing to do with sessions. */
  use<T>(step: (engine: GlueEngine, now: number) => T): T {
    this.#check(false);
    return this.#run(() => step(this.#engine, this.clock.now()));
  }

  /** The bytes that the descriptor tells, to keep. */
  copyBytes(): Uint8Array<ArrayBuffer> {
    this.output.refresh();
    return this.output.copyBytes();
  }

  /** Bytes of linear memory, to keep. */
  copy(at: number, length: number): Uint8Array<ArrayBuffer> {
    this.output.refresh();
    return this.output.memory.slice(at, at + length);
  }

  /** Writes into the engine's request buffer. */
  fill(bytes: Uint8Array): void {
    this.#run(() => {
      const at = this.#reserve(bytes.length);
      this.output.memory.set(bytes, at);
    });
  }

  /** The time now, in Unix milliseconds. */
  now(): number {
    return this.clock.now();
  }

  /** Calls `fire` in `ms` milliseconds, if the process is still there. */
  later(ms: number, fire: () => void): void {
    this.clock.setTimer(this.clock.now() + ms, fire, false);
  }

  /** Hands out what may go out now. */
  handOut(): void {
    if (!this.#closed) this.#pump();
  }

  /** Opens a session; throws a ReplyError when `maxclients` are connected. */
  open(kind: number, owner: SessionOwner): number {
    this.#check();
    let session: number;
    try {
      session = this.#engine.openSession(this.clock.now(), kind);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('ERR ')) {
        throw new ReplyError(error.message);
      }
      throw this.instance.fail(error);
    }
    this.#owners.set(session, owner);
    return session;
  }

  /** Names the session's two addresses for CLIENT LIST and CLIENT INFO. */
  setPeer(session: number, addr: string, laddr: string): void {
    this.#run(() => this.#engine.setPeer(session, addr, laddr));
  }

  /** Forgets a session: its blocked read, its MULTI, its WATCH. */
  close(session: number): void {
    if (!this.#owners.delete(session) || this.#closed || this.instance.failure) return;
    this.#run(() => this.#engine.closeSession(session));
    this.#pump();
  }

  /**
   * Runs one command of a packed session. READY: its reply lies in `output` now; decode it, then
   * call {@link finish}. Else its owner will be given the reply; BLOCKED: and can call nothing
   * before that.
   */
  call(session: number, args: CommandArguments): number {
    this.#check();
    const bound = packedBound(args);
    try {
      const at = this.#reserve(bound);
      const length = writePacked(this.output.memory, at, args);
      const ready = this.#engine.call(this.clock.now(), session, length);
      this.output.refresh();
      return ready;
    } catch (error) {
      throw this.instance.fail(error);
    }
  }

  /** Ends a {@link call} that was answered, and serves whoever it woke. */
  finish(session: number): void {
    this.#pump(session);
  }

  /** Counts calls that wait (+) or do not any more (-), and sets the timer for them. */
  waiting(change: number): void {
    this.#waiting += change;
    if (!this.#closed && !this.instance.failure) this.#pump();
  }

  /** Bytes arrived from a RESP session: runs what is complete, hands out every reply. */
  exchange(session: number, bytes: Uint8Array): void {
    this.#check();
    this.fill(bytes);
    this.#run(() => this.#engine.exchange(this.clock.now(), session, bytes.length));
    this.#appender?.exchanged();
    this.#pump();
  }

  /** Ends a blocked read. True: it was blocked, and has delivered nothing. */
  cancel(session: number): boolean {
    this.#check();
    return this.#run(() => this.#engine.cancel(this.clock.now(), session));
  }

  /** Counters of the engine. */
  statistics(): EngineStatistics {
    this.#check();
    return this.#run(() => this.#engine.statistics());
  }

  /** Takes no input any more; what was taken is answered. */
  seal(): void {
    this.#sealed ??= closed();
  }

  /** Fails every session, and every later call with the same error. */
  stop(error: Error): void {
    if (!this.#closed) this.#stop(error);
  }

  /** Frees the engine and fails every session. */
  dispose(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.stop(closed());
    if (!this.instance.failure) this.#engine.free();
  }

  #check(input = true): void {
    if (this.instance.failure) throw this.instance.failure;
    if (this.#sealed && (input || this.#closed)) throw this.#sealed;
  }

  #stop(error: Error): void {
    this.#sealed ??= error;
    this.#closed = true;
    this.#stopWatching();
    this.#disarm?.();
    const owners = [...this.#owners.values()];
    this.#owners.clear();
    for (const owner of owners) owner.fail(error);
  }

  /** Calls the engine. Whatever it throws is a bug of its own, and poisons the instance. */
  #run<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      throw this.instance.fail(error);
    }
  }

  /**
   * Hands out all waiting output, then sets the timer; first ends that of a session whose reply was
   * read. Whoever is handed some may call the engine, and what comes of that is handed out by the
   * same loop.
   */
  #pump(read = 0): void {
    if (this.#pumping) {
      if (read > 0) this.#run(() => this.#engine.consume(read));
      return;
    }
    this.#pumping = true;
    try {
      let next = this.#next(read);
      this.#appender?.changed();
      while (!this.#closed) {
        if (next < 0) return this.#arm(-next);
        this.#hand(next);
        next = this.#closed ? 0 : this.#next(0);
      }
    } finally {
      this.#pumping = false;
    }
  }

  /** The address of the request buffer, with room for so many bytes. */
  #reserve(bytes: number): number {
    if (bytes > this.#room || this.#room > KEPT_BYTES) {
      this.#requestAt = this.#engine.reserve(bytes);
      this.#room = Math.max(bytes, SMALLEST_ROOM);
    }
    this.output.refresh();
    return this.#requestAt;
  }

  /** Ends a session's output, if there is one; tells what is next as the engine does. */
  #next(read: number): number {
    // No closure here: this runs once a command.
    try {
      return read > 0 ? this.#engine.finish(read) : this.#engine.nextOutput();
    } catch (error) {
      throw this.instance.fail(error);
    }
  }

  #hand(session: number): void {
    const owner = this.#owners.get(session);
    this.#run(() => {
      const found = this.#engine.output(session);
      this.output.refresh();
      if (found) owner?.take(this.output);
      this.#engine.consume(session);
    });
    owner?.settle();
  }

  /** A timer that fires too early is harmless, so one that is set is left alone when it can be. */
  #arm(deadline: number): void {
    const keepAlive = this.#waiting > 0;
    const stands =
      this.#armedAt <= deadline && deadline !== Infinity && this.#armedKeepAlive === keepAlive;
    if (stands || (deadline === Infinity && this.#armedAt === Infinity)) return;
    this.#disarm?.();
    this.#armedAt = deadline;
    this.#armedKeepAlive = keepAlive;
    this.#disarm =
      deadline === Infinity
        ? undefined
        : this.clock.setTimer(deadline, () => this.#tick(), keepAlive);
  }

  #tick(): void {
    this.#disarm = undefined;
    this.#armedAt = Infinity;
    if (this.#closed || this.instance.failure) return;
    try {
      this.#run(() => this.#engine.tick(this.clock.now()));
      this.#pump();
    } catch {
      // The instance has failed and every session has been told; a timer has nobody to tell.
    }
  }
}

function closed(): ConnectionClosedError {
  return new ConnectionClosedError('The database is closed');
}
