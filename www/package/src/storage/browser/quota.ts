/** What a browser tells about its storage, and the request not to evict it. */

/** How much of its quota an origin uses. */
export interface Estimate {
  /** Bytes in use by all that this origin stores, when the browser tells. */
  readonly usage?: number;
  /** Bytes that the browser would let it use. Some browsers tell a number that is not theirs. */
  readonly quota?: number;
  /** Whether the browser has promised not to evict it without asking. */
  readonly persisted: boolean;
}

/**
 * Asks the browser not to evict what this origin stores; `true` when it promises. Some browsers ask
 * their user, so call it where the user has just done something that is worth keeping.
 * Workers cannot ask in all of them.
 */
export async function persist(): Promise<boolean> {
  const storage = manager();
  return (await storage?.persist?.()) ?? false;
}

/** What is in use, of how much, and whether it may be evicted. */
export async function estimate(): Promise<Estimate> {
  const storage = manager();
  const [numbers, persisted] = await Promise.all([storage?.estimate?.(), storage?.persisted?.()]);
  return { ...numbers, persisted: persisted ?? false };
}

/** The types say that it is always there; pages without https and old browsers have none. */
function manager(): Partial<StorageManager> | undefined {
  return globalThis.navigator?.storage as Partial<StorageManager> | undefined;
}
