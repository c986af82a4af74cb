/** Numbers and names as tools print them. */
import { Buffer } from 'node:buffer';

/** Bytes as people read them: `512 bytes`, `4.1 kB`. */
export function sizeText(bytes: number): string {
  if (bytes === 1) return '1 byte';
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes / 1000, 0];
  while (value >= 999.95 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** `1 key`, `12,345 keys`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** A key or another binary name as the tools show it: in quotes, bytes that are no text escaped. */
export function nameText(name: Uint8Array): string {
  const buffer = Buffer.from(name.buffer, name.byteOffset, name.byteLength);
  const text = buffer.toString('utf8');
  if (Buffer.from(text).equals(buffer)) return JSON.stringify(text);
  const bytes = [...name].map((byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
    return `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `"${bytes.join('')}"`;
}
