/** Writes a command into the engine's request buffer: `u32 n`, then n times `u32 length, bytes`. */
import type { CommandArguments } from '../reply.js';

/** Longer ASCII strings are cheaper through `encodeInto`, shorter ones through a loop. */
const LOOP_LIMIT = 32;
/** Above this the exact UTF-8 length is worth computing: the bound is three bytes a character. */
const EXACT_LIMIT = 1 << 20;

const encoder = new TextEncoder();

/** Checks the arguments and turns them into strings and bytes. */
export function checkArguments(args: CommandArguments): Array<string | Uint8Array> {
  if (args.length === 0) throw new TypeError('a command needs at least its name');
  const checked = new Array<string | Uint8Array>(args.length);
  for (let i = 0; i < args.length; i++) checked[i] = checkArgument(args[i], i);
  return checked;
}

function checkArgument(argument: unknown, index: number): string | Uint8Array {
  if (typeof argument === 'string') {
    return argument.length > EXACT_LIMIT ? encoder.encode(argument) : argument;
  }
  if (argument instanceof Uint8Array) return argument;
  if (typeof argument === 'number') return String(argument);
  const found = argument === null ? 'null' : typeof argument;
  throw new TypeError(`argument ${index} must be a string, a number or a Uint8Array, not ${found}`);
}

/** Most bytes that the packed form of these arguments can take. */
export function packedBound(args: ReadonlyArray<string | Uint8Array>): number {
  let bound = 4;
  for (const argument of args) {
    bound += 4 + (typeof argument === 'string' ? argument.length * 3 : argument.length);
  }
  return bound;
}

/** Writes the packed form at `start` of `memory` and returns its length. */
export function writePacked(
  memory: Uint8Array,
  start: number,
  args: ReadonlyArray<string | Uint8Array>,
): number {
  let at = writeU32(memory, start, args.length);
  for (const argument of args) {
    const length =
      typeof argument === 'string'
        ? writeText(memory, at + 4, argument)
        : writeBytes(memory, at + 4, argument);
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
