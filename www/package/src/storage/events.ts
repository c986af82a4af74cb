/** What a durable database tells of its store, to whoever asked. */

/** The events, and what their listeners are given. */
export interface StorageEvents {
  /** There is no room: commands that add data are refused; reads and deletions go on. */
  full: [];
  /** There is room again. */
  roomAgain: [];
  /** The database has stopped for good; every call rejects with this error. */
  failed: [error: Error];
  /** The journal was rewritten, and has so many bytes now. */
  rewritten: [bytes: number];
}

type Listener<E extends keyof StorageEvents> = (...details: StorageEvents[E]) => void;

/** Listeners of a database. */
export class Listeners {
  readonly #listeners: { [E in keyof StorageEvents]: Set<Listener<E>> } = {
    full: new Set(),
    roomAgain: new Set(),
    failed: new Set(),
    rewritten: new Set(),
  };

  /** Adds one; returns the function that removes it. */
  add<E extends keyof StorageEvents>(event: E, listener: Listener<E>): () => void {
    this.#listeners[event].add(listener);
    return () => void this.#listeners[event].delete(listener);
  }

  /** Tells them, soon: what they throw is nobody's business here. */
  tell<E extends keyof StorageEvents>(event: E, ...details: StorageEvents[E]): void {
    for (const listener of this.#listeners[event]) queueMicrotask(() => listener(...details));
  }
}
