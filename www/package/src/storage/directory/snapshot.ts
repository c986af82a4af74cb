/** Tells a Redis snapshot from a file of commands, and one that holds nothing from others. */

const MAGIC = [...'REDIS'].map((letter) => letter.charCodeAt(0));
/** `REDIS` and a version of four digits. */
const HEADER_BYTES = 9;
/** Something about the snapshot: a name and a value. */
const ABOUT = 0xfa;
const END = 0xff;

/**
 * A Redis that was started with an empty directory writes a snapshot of nothing as its first base.
 * `head` is the beginning of a file; what does not fit into it holds data.
 */
export function isSnapshot(head: Uint8Array): 'empty' | 'filled' | undefined {
  if (!MAGIC.every((byte, index) => head[index] === byte)) return undefined;
  let at: number | undefined = HEADER_BYTES;
  while (at !== undefined && head[at] === ABOUT) {
    const name: number | undefined = skipString(head, at + 1);
    at = name === undefined ? undefined : skipString(head, name);
  }
  return at !== undefined && head[at] === END ? 'empty' : 'filled';
}

/** Where a string ends; undefined for the long forms, which what is said of nothing never takes. */
function skipString(bytes: Uint8Array, at: number): number | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  const low = first & 0x3f;
  switch (first >> 6) {
    case 0:
      return at + 1 + low;
    case 1:
      return at + 2 + (low << 8) + (bytes[at + 1] ?? 0);
    case 3:
      return low <= 2 ? at + 1 + (1 << low) : undefined;
    default:
      return undefined;
  }
}
