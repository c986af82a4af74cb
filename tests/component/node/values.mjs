/**
 * Values of the contract as JSON, as `tests/notation/src/typed/json.rs` writes them: numbers as
 * `n1`, bytes as `x616263`, names as `=name`, tuples as `{"tuple": […]}`, nothing as null.
 */

/** JSON as the value that jco wants. */
export function value(json) {
  if (typeof json === 'string') return scalar(json[0], json.slice(1));
  if (Array.isArray(json)) return json.map(value);
  if (json === null) return undefined;
  if (typeof json !== 'object') return json;
  if ('tuple' in json) return json.tuple.map(value);
  return mapped(json, camel, value);
}

/** A value of jco's as JSON. */
export function json(value) {
  switch (typeof value) {
    case 'bigint':
      return `n${value}`;
    case 'string':
      return `=${value}`;
    case 'undefined':
      return null;
    case 'object':
      if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('hex')}`;
      return Array.isArray(value) ? value.map(json) : mapped(value, kebab, json);
    default:
      return value;
  }
}

/** A name of the contract as jco has it. */
export function camel(name) {
  return name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
}

const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function scalar(kind, rest) {
  if (kind === 'n') return BigInt(rest);
  return kind === 'x' ? Buffer.from(rest, 'hex') : rest;
}

function mapped(fields, name, change) {
  return Object.fromEntries(Object.entries(fields).map(([key, it]) => [name(key), change(it)]));
}
