/** Who listens to what: the listeners of one session's channels and patterns. */
import type { Connection } from '../connection.js';
import { utf8, type Argument, type WireReply } from '../reply.js';

/** Hears a message, and on which channel it came; with `bufferMode`, both as bytes. */
export type PubSubListener<B extends boolean = false> = (
  message: B extends true ? Uint8Array : string,
  channel: B extends true ? Uint8Array : string,
) => unknown;

/** How a name is listened to, by the word of the push that brings a message. */
export type ListeningKind = 'message' | 'pmessage' | 'smessage';

/** The letter before SUBSCRIBE. */
const PREFIX = { message: '', pmessage: 'P', smessage: 'S' } as const;

/** A listener, and whether it wants bytes. */
interface Entry {
  readonly listener: PubSubListener<boolean>;
  readonly bytes: boolean;
}

const encoder = new TextEncoder();

const ofConnections = new WeakMap<Connection, Subscriptions>();

/** One session's subscriptions. */
export class Subscriptions {
  readonly #kinds: Readonly<Record<ListeningKind, Map<string, Entry[]>>> = {
    message: new Map(),
    pmessage: new Map(),
    smessage: new Map(),
  };

  private constructor(private readonly connection: Connection) {
    connection.onPush((push) => this.#hear(push));
  }

  /** Those of a connection, which every client on it shares. */
  static of(connection: Connection): Subscriptions {
    let subscriptions = ofConnections.get(connection);
    if (subscriptions === undefined) {
      ofConnections.set(connection, (subscriptions = new Subscriptions(connection)));
    }
    return subscriptions;
  }

  /** Adds a listener to each name, and asks the server for all of them. */
  async subscribe(
    kind: ListeningKind,
    names: ReadonlyArray<Argument>,
    listener: PubSubListener<boolean>,
    bytes: boolean,
  ): Promise<void> {
    const all = this.#kinds[kind];
    const added: Argument[] = [];
    for (const name of names) {
      const id = nameId(name);
      let entries = all.get(id);
      // Before the server answers: a message may come in the same breath.
      if (entries === undefined) {
        all.set(id, (entries = []));
        added.push(name);
      }
      const isKnown = entries.some((it) => it.listener === listener && it.bytes === bytes);
      if (!isKnown) entries.push({ listener, bytes });
    }
    try {
      await this.connection.send([`${PREFIX[kind]}SUBSCRIBE`, ...names]);
    } catch (error) {
      for (const name of added) all.delete(nameId(name));
      throw error;
    }
  }

  /** Takes listeners away: those of all names, all of some, or one of some. */
  async unsubscribe(
    kind: ListeningKind,
    names?: ReadonlyArray<Argument>,
    listener?: PubSubListener<boolean>,
    bytes = false,
  ): Promise<void> {
    const all = this.#kinds[kind];
    const command = `${PREFIX[kind]}UNSUBSCRIBE`;
    if (names === undefined) {
      all.clear();
      await this.connection.send([command]);
      return;
    }
    const left = names.filter((name) => {
      const entries = all.get(nameId(name)) ?? [];
      const kept =
        listener === undefined
          ? []
          : entries.filter((entry) => entry.listener !== listener || entry.bytes !== bytes);
      entries.splice(0, entries.length, ...kept);
      return kept.length === 0 && all.delete(nameId(name));
    });
    if (left.length > 0) await this.connection.send([command, ...left]);
  }

  #hear(push: ReadonlyArray<WireReply>): void {
    const words = push.map((item) => (item.kind === 'bulk' ? item.bytes : new Uint8Array()));
    const kind = words[0] && utf8(words[0]);
    if (kind !== 'message' && kind !== 'pmessage' && kind !== 'smessage') return;
    const [channel, message] = words.slice(-2);
    const name = words[1];
    if (!name || !channel || !message) return;
    const entries = this.#kinds[kind].get(nameId(name)) ?? [];
    for (const { listener, bytes } of [...entries]) {
      if (bytes) (listener as PubSubListener<true>)(message, channel);
      else (listener as PubSubListener)(utf8(message), utf8(channel));
    }
  }
}

/** A name as a key of a map: each of its bytes is one character. */
function nameId(name: Argument): string {
  const bytes = name instanceof Uint8Array ? name : encoder.encode(String(name));
  let id = '';
  for (const byte of bytes) id += String.fromCharCode(byte);
  return id;
}
