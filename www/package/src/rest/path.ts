/** Commands in URLs: a word a segment, more of them in the query, binary ones percent-encoded. */
import type { Argument } from '../reply.js';
import { RestError } from './error.js';

const encoder = new TextEncoder();

/** The path behind `mount`, without its first slash; undefined when it lies elsewhere. */
export function pathBehind(mount: string, pathname: string): string | undefined {
  if (mount !== '' && !pathname.startsWith(`${mount}/`) && pathname !== mount) return undefined;
  return pathname.slice(mount.length).replace(/^\//, '');
}

/** The words of a path. */
export function wordsOfPath(path: string): Argument[] {
  return path.split('/').map((segment) => unescape(segment, segment));
}

/**
 * The channels of a path. Upstash's client does not encode them, so a percent sign that begins no
 * escape is one.
 */
export function channelsOfPath(path: string): Argument[] {
  return path.split('/').map((segment) => {
    try {
      return unescape(segment, segment);
    } catch {
      return segment;
    }
  });
}

/** The words of a query: `?NX&EX=100` are three. The token is none. */
export function wordsOfQuery(search: string): Argument[] {
  const words: Argument[] = [];
  for (const pair of search.replace(/^\?/, '').split('&')) {
    const [, name = '', value] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    if (pair === '' || name === '_token') continue;
    words.push(unescape(name.replaceAll('+', ' '), pair));
    if (pair.includes('=')) words.push(unescape((value ?? '').replaceAll('+', ' '), pair));
  }
  return words;
}

/** Text where it is text; bytes when they are not UTF-8. */
function unescape(text: string, whole: string): Argument {
  if (!text.includes('%')) return text;
  const bytes = encoder.encode(text);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    let byte = bytes[i] as number;
    if (byte === 0x25) {
      const digits = String.fromCharCode(...bytes.subarray(i + 1, i + 3));
      if (!/^[\da-f]{2}$/i.test(digits)) {
        throw new RestError(400, `ERR bad percent-encoding in '${whole}'`);
      }
      byte = Number.parseInt(digits, 16);
      i += 2;
    }
    bytes[length++] = byte;
  }
  return bytes.slice(0, length);
}
