/** Where the reader is, as the address after `#`: `#/acknowledge/3` is a lesson's third step. */

/** A place in the course; steps count from 0 here and from 1 in the address. */
export interface Place {
  readonly slug: string;
  readonly step: number;
}

/** The place that an address names; `null` when it names none. */
export function readPlace(hash: string): Place | null {
  const match = /^#\/([a-z0-9-]+)(?:\/(\d{1,3}))?$/.exec(hash);
  if (!match) return null;
  return { slug: match[1] ?? '', step: Math.max(Number(match[2] ?? 1) - 1, 0) };
}

/** The address of a place. */
export function writePlace({ slug, step }: Place): string {
  return `#/${slug}/${step + 1}`;
}
