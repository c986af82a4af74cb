/** Splits a command line into arguments by redis-cli's rules of quoting. */
import type { Argument } from '../reply.js';

const ESCAPES: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, b: 8, a: 7 };

const encoder = new TextEncoder();

/** An argument as it was typed: its value, and whether it was quoted. */
interface Parsed {
  readonly bytes: number[];
  readonly next: number;
}

/**
 * The arguments of a line, or null when its quotes are not balanced (or text follows a closing
 * quote). `"…"` knows `\n \r \t \b \a \\ \"` and `\xHH`, `'…'` only `\'`. An argument is a
 * `Uint8Array` when its bytes are no UTF-8 text.
 */
export function splitCommandLine(line: string): Argument[] | null {
  const args: Argument[] = [];
  let at = 0;
  for (;;) {
    while (isSpace(line[at])) at++;
    if (at >= line.length) return args;
    const parsed = argumentAt(line, at);
    if (parsed === null) return null;
    args.push(fromBytes(parsed.bytes));
    at = parsed.next;
  }
}

/** Whether the line ends inside an argument that is still being typed. */
export function endsInArgument(line: string): boolean {
  return line.length > 0 && !isSpace(line.at(-1));
}

function argumentAt(line: string, start: number): Parsed | null {
  const bytes: number[] = [];
  let at = start;
  while (at < line.length && !isSpace(line[at])) {
    const character = line[at] as string;
    if (character === '"' || character === "'") {
      const quoted = character === '"' ? doubleQuoted(line, at + 1) : singleQuoted(line, at + 1);
      if (quoted === null) return null;
      bytes.push(...quoted.bytes);
      at = quoted.next;
      // A closing quote must be followed by a space or by nothing at all.
      if (at < line.length && !isSpace(line[at])) return null;
    } else {
      at = pushCharacter(bytes, line, at);
    }
  }
  return { bytes, next: at };
}

function doubleQuoted(line: string, start: number): Parsed | null {
  const bytes: number[] = [];
  let at = start;
  while (at < line.length) {
    const character = line[at] as string;
    if (character === '"') return { bytes, next: at + 1 };
    const hex = /^\\x([0-9a-fA-F]{2})/.exec(line.slice(at, at + 4));
    if (hex) {
      bytes.push(parseInt(hex[1] as string, 16));
      at += 4;
    } else if (character === '\\' && at + 1 < line.length) {
      const escape = ESCAPES[line[at + 1] as string];
      if (escape !== undefined) {
        bytes.push(escape);
        at += 2;
      } else {
        at = pushCharacter(bytes, line, at + 1);
      }
    } else {
      at = pushCharacter(bytes, line, at);
    }
  }
  return null;
}

function singleQuoted(line: string, start: number): Parsed | null {
  const bytes: number[] = [];
  let at = start;
  while (at < line.length) {
    if (line[at] === "'") return { bytes, next: at + 1 };
    if (line[at] === '\\' && line[at + 1] === "'") at++;
    at = pushCharacter(bytes, line, at);
  }
  return null;
}

/** Pushes the whole character at `at` and returns the place after it. */
function pushCharacter(bytes: number[], line: string, at: number): number {
  const character = String.fromCodePoint(line.codePointAt(at) as number);
  bytes.push(...encoder.encode(character));
  return at + character.length;
}

function fromBytes(bytes: number[]): Argument {
  const array = Uint8Array.from(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(array);
  } catch {
    return array;
  }
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && /[ \t\n\r\v\f\0]/.test(character);
}
