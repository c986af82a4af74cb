/** Drives one engine: gives it the time, hands its output to the right session, sets its timer. */
import { ConnectionClosedError, ReplyError } from '../errors.js';
import type { Clock } from './clock.js';
import { READY, type EngineConfig, type EngineStatistics, type GlueEngine } from './glue.js';
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

/** One engine with its clock, its sessions and its single timer. */
export class EngineHost {
  readonly output: Output;
  readonly #engine: GlueEngine;
  readonly #owners = new Map<number, SessionOwner>();
  readonly #stopWatching: () => void;
  #blocked = 0;
  #closed = false;
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
    this.#stopWatching = instance.onFailure((failure) => this.#stop(failure));
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
   * Runs one command of a packed session. True: its reply lies in `output` now; decode it, then
   * call {@link finish}. False: the session is blocked, its owner will be given the reply.
   */
  call(session: number, args: CommandArguments): boolean {
    this.#check();
    const bound = packedBound(args);
    try {
      const at = this.#engine.reserve(bound);
      this.output.refresh();
      const length = writePacked(this.output.memory, at, args);
      const ready = this.#engine.call(this.clock.now(), session, length);
      this.output.refresh();
      return ready === READY;
    } catch (error) {
      throw this.instance.fail(error);
    }
  }

  /** Ends a {@link call} that was answered, and serves whoever it woke. */
  finish(session: number): void {
    try {
      this.#engine.consume(session);
    } catch (error) {
      throw this.instance.fail(error);
    }
    this.#pump();
  }

  /** Counts a packed session as waiting (+1) or not any more (-1), and sets the timer for it. */
  waiting(change: 1 | -1): void {
    this.#blocked += change;
    if (!this.#closed && !this.instance.failure) this.#pump();
  }

  /** Bytes arrived from a RESP session: runs what is complete, hands out every reply. */
  exchange(session: number, bytes: Uint8Array): void {
    this.#check();
    this.#run(() => {
      const at = this.#engine.reserve(bytes.length);
      this.output.refresh();
      this.output.memory.set(bytes, at);
      this.#engine.exchange(this.clock.now(), session, bytes.length);
    });
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

  /** Frees the engine and fails every session. */
  dispose(): void {
    if (this.#closed) return;
    this.#stop(new ConnectionClosedError('The database is closed'));
    if (!this.instance.failure) this.#engine.free();
  }

  #check(): void {
    if (this.instance.failure) throw this.instance.failure;
    if (this.#closed) throw new ConnectionClosedError('The database is closed');
  }

  #stop(error: Error): void {
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

  /** Hands out all waiting output, then sets the timer. */
  #pump(): void {
    while (!this.#closed) {
      let session: number;
      let deadline = Infinity;
      // No closure here: this runs once a command.
      try {
        session = this.#engine.nextOutput();
        if (session === 0) deadline = this.#engine.deadline();
      } catch (error) {
        throw this.instance.fail(error);
      }
      if (session === 0) return this.#arm(deadline);
      this.#hand(session);
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
    const keepAlive = this.#blocked > 0;
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
