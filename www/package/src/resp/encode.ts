/** Encodes a command as a RESP array of bulk strings, the form that every server takes. */
import type { CommandArguments } from '../reply.js';

const encoder = new TextEncoder();

/** The bytes of one command. */
export function encodeCommand(args: CommandArguments): Uint8Array {
  if (args.length === 0) throw new TypeError('a command needs at least its name');
  const parts: Uint8Array[] = [encoder.encode(`*${args.length}\r\n`)];
  for (const argument of args) {
    const bytes = typeof argument === 'object' ? argument : encoder.encode(String(argument));
    parts.push(encoder.encode(`$${bytes.length}\r\n`), bytes, encoder.encode('\r\n'));
  }
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
