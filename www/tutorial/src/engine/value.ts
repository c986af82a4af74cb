/** Reading replies whatever their depth: fields of maps, lists, and values as text. */
import type { Reply } from 'brooklet';

/** A decoded reply, as the package hands it out. */
export type Value = Reply;

/** A field of a map; `undefined` when there is none. */
export function field(value: Value | undefined, name: string): Value | undefined {
  return value instanceof Map ? value.get(name) : undefined;
}

/** The elements of an array or set; nothing for anything else. */
export function list(value: Value | undefined): readonly Value[] {
  if (Array.isArray(value)) return value;
  return value instanceof Set ? [...value] : [];
}

/** A value as text; `undefined` for null, errors and whatever has parts. */
export function text(value: Value | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (typeof value === 'number' || typeof value === 'bigint') return value.toString();
  return undefined;
}

/** A value as a number; `null` when it is none. */
export function number(value: Value | undefined): number | null {
  const digits = text(value);
  return digits === undefined ? null : Number(digits);
}
