/** Encodes a command as a RESP array of bulk strings, the form that every server takes. */
import type { Argument, CommandArguments } from '../reply.js';

const encoder = new TextEncoder();

/** The bytes of one command. */
export function encodeCommand(args: CommandArguments): Uint8Array {
  if (args.length === 0) throw new TypeError('a command needs at least its name');
  const parts: Uint8Array[] = [encoder.encode(`*${args.length}\r\n`)];
  for (const argument of args) {
    const bytes = bytesOf(argument);
    parts.push(encoder.encode(`$${bytes.length}\r\n`), bytes, encoder.encode('\r\n'));
  }
  return joined(parts);
}

/** All of them, one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The bytes of one argument. */
export function bytesOf(argument: Argument): Uint8Array {
  return typeof argument === 'object' ? argument : encoder.encode(String(argument));
}
