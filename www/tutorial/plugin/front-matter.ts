/** Reads the front matter of a lesson: `key: value` lines and `- item` lists between two `---`. */
import { LessonError } from './error.ts';

/** The front matter, each value still text, and where the Markdown after it begins. */
export interface FrontMatter {
  readonly values: ReadonlyMap<string, string>;
  readonly lists: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
  readonly bodyLine: number;
}

/** Splits a lesson file; throws with file and line when the front matter is malformed. */
export function readFrontMatter(file: string, text: string): FrontMatter {
  const lines = text.split('\n');
  if (lines[0]?.trim() !== '---') throw new LessonError(file, 1, 'expected `---` on line 1');
  const end = lines.indexOf('---', 1);
  if (end < 0) throw new LessonError(file, 1, 'the front matter is not closed with `---`');
  const values = new Map<string, string>();
  const lists = new Map<string, string[]>();
  let list: string[] | null = null;
  for (let at = 1; at < end; at += 1) {
    const line = lines[at] ?? '';
    if (line.trim() === '') continue;
    const item = /^\s+- (.*)$/.exec(line);
    if (item) {
      if (!list) throw new LessonError(file, at + 1, 'a list item without a key above it');
      list.push((item[1] ?? '').trim());
      continue;
    }
    const pair = /^([a-z]+):\s*(.*)$/.exec(line);
    if (!pair) throw new LessonError(file, at + 1, `expected \`key: value\`, found \`${line}\``);
    const [, key = '', value = ''] = pair;
    if (values.has(key) || lists.has(key)) {
      throw new LessonError(file, at + 1, `\`${key}\` is given twice`);
    }
    list = value === '' ? [] : null;
    if (list) lists.set(key, list);
    else values.set(key, value.trim());
  }
  return { values, lists, body: lines.slice(end + 1).join('\n'), bodyLine: end + 2 };
}
