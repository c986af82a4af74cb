/** Shows a value of a script as readable text: maps, typed arrays and nested objects included. */

const LINE_WIDTH = 72;

/** Strings at the top level are printed as they are, everything else as it would be written. */
export function inspect(value: unknown): string {
  return typeof value === 'string' ? value : show(value, 0, new Set());
}

function show(value: unknown, depth: number, seen: Set<object>): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof Uint8Array) return `Uint8Array(${value.length}) [${value.join(', ')}]`;
  if (value instanceof Date) return value.toISOString();
  if (seen.has(value)) return '[circular]';
  const deeper = new Set(seen).add(value);
  const nested = (each: unknown): string => show(each, depth + 1, deeper);
  if (Array.isArray(value)) return wrap('[', value.map(nested), ']', depth);
  if (value instanceof Map) {
    const pairs = [...value].map(([key, each]) => `${nested(key)} => ${nested(each)}`);
    return wrap('Map {', pairs, '}', depth);
  }
  if (value instanceof Set) return wrap('Set {', [...value].map(nested), '}', depth);
  const pairs = Object.entries(value).map(([key, each]) => `${name(key)}: ${nested(each)}`);
  return wrap('{', pairs, '}', depth);
}

function wrap(open: string, parts: readonly string[], close: string, depth: number): string {
  if (parts.length === 0) return open + close;
  const blank = open === '[' ? '' : ' ';
  const line = `${open}${blank}${parts.join(', ')}${blank}${close}`;
  if (line.length + depth * 2 <= LINE_WIDTH && !line.includes('\n')) return line;
  const indent = '  '.repeat(depth + 1);
  const lines = parts.map((part) => indent + part).join(',\n');
  return `${open}\n${lines}\n${'  '.repeat(depth)}${close}`;
}

function quote(text: string): string {
  return text.includes("'") ? JSON.stringify(text) : `'${text.replaceAll('\n', '\\n')}'`;
}

function name(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
}
