/** Walks over the commands of an exported file without copying them. */

const CR = 0x0d;
const LF = 0x0a;
const HASH = 0x23;

/** One command: where it lies, and its words. */
export interface FoundCommand {
  readonly start: number;
  readonly end: number;
  readonly words: ReadonlyArray<Uint8Array>;
}

/** The commands of whole frames, in order; annotations are passed over. */
export function* commandsOf(bytes: Uint8Array): Generator<FoundCommand> {
  let at = 0;
  const number = (): number => {
    let value = 0;
    // Behind the type byte come digits, then CR LF.
    for (at += 1; bytes[at] !== CR; at++) value = value * 10 + ((bytes[at] ?? 0) - 0x30);
    at += 2;
    return value;
  };
  while (at < bytes.length) {
    if (bytes[at] === HASH) {
      at = bytes.indexOf(LF, at) + 1;
      continue;
    }
    const start = at;
    const words: Uint8Array[] = [];
    for (let left = number(); left > 0; left--) {
      const length = number();
      words.push(bytes.subarray(at, at + length));
      at += length + 2;
    }
    yield { start, end: at, words };
  }
}
