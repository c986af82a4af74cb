/** Writes a command into the engine's request buffer: `u32 n`, then n times `u32 length, bytes`. */
import type { Argument, CommandArguments } from '../reply.js';

/** Longer ASCII strings are cheaper through `encodeInto`, shorter ones through a loop. */
const LOOP_LIMIT = 32;
/** Above this the exact UTF-8 length is worth computing: the bound is three bytes a character. */
const EXACT_LIMIT = 1 << 20;
/** The longest decimal text of a JavaScript number: `-1.2345678901234567e-100`. */
const LONGEST_NUMBER = 24;

const encoder = new TextEncoder();

/**
 * Most bytes that the packed form of these arguments can take. Throws a TypeError when one of
 * them is no argument at all, so that nothing else needs to look at their types again.
 */
export function packedBound(args: CommandArguments): number {
  if (args.length === 0) throw new TypeError('a command needs at least its name');
  let bound = 4;
  for (let i = 0; i < args.length; i++) {
    const argument: unknown = args[i];
    if (typeof argument === 'string') bound += 4 + textBound(argument);
    else if (argument instanceof Uint8Array) bound += 4 + argument.length;
    else if (typeof argument === 'number') bound += 4 + LONGEST_NUMBER;
    else throw new TypeError(wrongArgument(argument, i));
  }
  return bound;
}

/** UTF-8 has at most three bytes a UTF-16 unit. */
function textBound(text: string): number {
  return text.length > EXACT_LIMIT ? encoder.encode(text).length : text.length * 3;
}

function wrongArgument(argument: unknown, index: number): string {
  const found = argument === null ? 'null' : typeof argument;
  return `argument ${index} must be a string, a number or a Uint8Array, not ${found}`;
}

/** Writes the packed form at `start` of `memory` and returns its length. */
export function writePacked(
  memory: Uint8Array,
  start: number,
  args: CommandArguments,
): number {
  let at = writeU32(memory, start, args.length);
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] as Argument;
    const length =
      typeof argument === 'object'
        ? writeBytes(memory, at + 4, argument)
        : writeText(memory, at + 4, typeof argument === 'string' ? argument : String(argument));
    writeU32(memory, at, length);
    at += 4 + length;
  }
  return at - start;
}

function writeU32(memory: Uint8Array, at: number, value: number): number {
  memory[at] = value;
  memory[at + 1] = value >>> 8;
  memory[at + 2] = value >>> 16;
  memory[at + 3] = value >>> 24;
  return at + 4;
}

function writeBytes(memory: Uint8Array, at: number, bytes: Uint8Array): number {
  memory.set(bytes, at);
  return bytes.length;
}

function writeText(memory: Uint8Array, at: number, text: string): number {
  if (text.length <= LOOP_LIMIT) {
    let i = 0;
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) break;
      memory[at + i] = code;
    }
    if (i === text.length) return i;
  }
  return encoder.encodeInto(text, memory.subarray(at)).written;
}
