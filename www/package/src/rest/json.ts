/** Commands in JSON: an array of words, or an array of those. */
import type { CommandArguments } from '../reply.js';
import { RestError } from './error.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** The JSON of a body. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body)) as unknown;
  } catch {
    throw new RestError(400, 'ERR failed to parse the body as JSON: it must be a JSON array');
  }
}

/** One command: `["XADD", "orders", "*", "item", "tea"]`. */
export function commandOf(value: unknown): CommandArguments {
  if (!Array.isArray(value)) {
    throw new RestError(400, 'ERR a command must be a JSON array: its name, then its arguments');
  }
  if (value.length === 0) throw new RestError(400, 'ERR empty command');
  return (value as unknown[]).map(argumentOf);
}

/**
 * The commands of a pipeline or a transaction. Where one of them is none, it is the error, for
 * others to be run all the same.
 */
export function commandsOf(value: unknown, most: number): Array<CommandArguments | RestError> {
  if (!Array.isArray(value)) {
    throw new RestError(400, 'ERR the body must be a JSON array of commands, each an array itself');
  }
  if (value.length === 0) throw new RestError(400, 'ERR empty pipeline');
  if (value.length > most) {
    throw new RestError(413, `ERR too many commands in one request. Limit: ${most}`);
  }
  return (value as unknown[]).map((row) => {
    try {
      return commandOf(row);
    } catch (error) {
      if (error instanceof RestError) return error;
      throw error;
    }
  });
}

function argumentOf(value: unknown, index: number): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      return String(value);
    case 'number':
      // Such a number is not the one that was written: JSON's are read as floating point.
      if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value);
      throw new RestError(400, `ERR argument ${index} is a number beyond 2^53: make it a string`);
    default: {
      const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object';
      throw new RestError(400, `ERR syntax error: argument ${index} is ${found}`);
    }
  }
}
