/** The work itself: put yours here. It may be done twice, when a worker ends before it says so. */

/** A job as it was added. */
export interface Job {
  readonly name: string;
  readonly behaviour: string;
  /** 1 for the first time. */
  readonly attempt: number;
}

/** Pretends to work for a moment; throws as real work does. */
export async function perform({ name, behaviour, attempt }: Job): Promise<void> {
  await scheduler.wait(200);
  if (behaviour === 'fails') throw new Error(`${name} does not work`);
  if (behaviour === 'fails once' && attempt === 1) throw new Error(`${name} did not work at first`);
  // As if this Worker came to its end here: the job stays pending until somebody claims it.
  if (behaviour === 'is abandoned' && attempt === 1) await new Promise(() => undefined);
}
