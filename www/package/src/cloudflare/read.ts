/** A read that waits, and how it is sent again with the rest of its time. */
import type { Argument } from '../reply.js';
import { wordOf } from '../rest/commands.js';

/** Options of XREAD and XREADGROUP that have a value; GROUP has two. */
const VALUES: Readonly<Record<string, number>> = { count: 1, block: 1, claim: 1, group: 2 };

/** What a read says of waiting. */
export interface Wait {
  /** For how long, in milliseconds; 0: for ever. */
  readonly block: number;
  /** Whether it takes over what others leave lying, so that time alone can end the wait. */
  readonly claims: boolean;
}

/** Where BLOCK stands: the last one counts. */
function* options(words: readonly Argument[]): Generator<[name: string, at: number]> {
  for (let at = 1; at < words.length; ) {
    const name = wordOf(words[at]);
    if (name === 'streams') return;
    yield [name, at];
    at += 1 + (VALUES[name] ?? 0);
  }
}

/** How long a read waits; undefined when it does not. */
export function waitOf(words: readonly Argument[]): Wait | undefined {
  let block: number | undefined;
  let claims = false;
  for (const [name, at] of options(words)) {
    if (name === 'block') block = Number(wordOf(words[at + 1]));
    claims ||= name === 'claim';
  }
  return block === undefined || !(block >= 0) ? undefined : { block, claims };
}

/** The same read with so many milliseconds left, Infinity of them perhaps; with none it is over. */
export function withTimeLeft(words: readonly Argument[], left: number): Argument[] {
  const again = [...words];
  const found = [...options(words)].filter(([name]) => name === 'block');
  for (const [, at] of found.reverse()) {
    if (left <= 0) again.splice(at, 2);
    else again[at + 1] = left === Infinity ? 0 : Math.ceil(left);
  }
  return again;
}
