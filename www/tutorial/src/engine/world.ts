/** One engine with its clock and the sessions of a lesson; a lesson begun again is a new world. */
import {
  Brooklet, ReplyError, type Argument, type Connection, type WireReply,
} from 'brooklet';
import { SkippableClock } from './clock.ts';
import { Session } from './session.ts';
import { takeSnapshot, type Snapshot } from './snapshot.ts';
import type { Value } from './value.ts';

/** An engine and everyone connected to it. */
export class World {
  readonly db: Brooklet;
  readonly clock: SkippableClock;
  readonly sessions: readonly Session[];
  /** A connection of our own, so that looking never disturbs a learner's MULTI or blocked read. */
  readonly #observer: Connection;

  private constructor(db: Brooklet, clock: SkippableClock, names: readonly string[]) {
    this.db = db;
    this.clock = clock;
    this.#observer = db.connect();
    this.sessions = names.map((name) => new Session(db, name));
  }

  /** Starts an empty engine, connects the consumers and runs the setup commands. */
  static async open(
    names: readonly string[],
    setup: readonly (readonly Argument[])[],
  ): Promise<World> {
    const clock = new SkippableClock();
    const start = performance.now();
    const db = await Brooklet.create({ clock });
    performance.measure('brooklet-create', { start });
    const world = new World(db, clock, names);
    for (const session of world.sessions) await session.open();
    for (const args of setup) await world.#observer.send(args);
    return world;
  }

  /** Runs a reading command; `undefined` when the engine answers with an error. */
  async ask(args: readonly string[]): Promise<Value | undefined> {
    try {
      return await this.#observer.send(args);
    } catch (error) {
      if (error instanceof ReplyError) return undefined;
      throw error;
    }
  }

  /** Runs a command and keeps the types of the wire; an error is a reply. */
  askWire(args: readonly string[]): Promise<WireReply> {
    return this.#observer.sendWire(args);
  }

  /** The streams as they are now. */
  snapshot(): Promise<Snapshot> {
    return takeSnapshot((args) => this.ask(args), this.clock.now());
  }

  session(name: string): Session | undefined {
    return this.sessions.find((each) => each.name === name);
  }

  /** Ends every connection and the engine. */
  close(): void {
    for (const session of this.sessions) session.kill();
    this.#observer.close();
    this.db.close();
  }
}
