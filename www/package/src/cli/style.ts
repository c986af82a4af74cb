/** Colours for a terminal. */
import type { Segment, Style } from '../repl/index.js';

const CODES: Readonly<Record<Style, string>> = {
  plain: '',
  index: '2',
  status: '32',
  error: '31',
  integer: '33',
  string: '',
  key: '36',
  nil: '2',
  empty: '2',
};

/** Segments as text with colour codes, or without. */
export function paint(segments: ReadonlyArray<Segment>, colour: boolean): string {
  return segments
    .map(({ text, style }) => {
      const code = CODES[style];
      return colour && code !== '' ? `\x1b[${code}m${text}\x1b[0m` : text;
    })
    .join('');
}

/** Dimmed text, for hints. */
export function dim(text: string): string {
  return `\x1b[2m${text}\x1b[0m`;
}

/** Whether output to this stream should be coloured (https://no-color.org). */
export function wantsColour(stream: { isTTY?: boolean }): boolean {
  return stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}
