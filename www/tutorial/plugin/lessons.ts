/** A Vite plugin: `virtual:lessons` is every `lessons/*.md`, read and checked at build time. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import type { Lesson } from '../src/lesson/model.ts';
import { LessonError } from './error.ts';
import { readLesson } from './read-lesson.ts';

const ID = 'virtual:lessons';
const RESOLVED = `\0${ID}`;

/** Serves the lessons of `directory`; a malformed one fails the build with file and line. */
export function lessons(directory: string): Plugin {
  return {
    name: 'brooklet-lessons',
    resolveId: (id) => (id === ID ? RESOLVED : null),
    load(id) {
      if (id !== RESOLVED) return null;
      try {
        const all = readAll(directory, (file) => this.addWatchFile(file));
        return `export const lessons = ${JSON.stringify(all)};`;
      } catch (error) {
        if (!(error instanceof LessonError)) throw error;
        return this.error({ message: error.message, loc: locationOf(error) });
      }
    },
  };
}

/** Every lesson of a directory, in their order. */
export function readAll(directory: string, onFile: (file: string) => void): Lesson[] {
  const files = readdirSync(directory).filter((name) => name.endsWith('.md')).sort();
  const all = files.map((name) => {
    const file = join(directory, name);
    onFile(file);
    return readLesson(`lessons/${name}`, readFileSync(file, 'utf8'));
  });
  const taken = new Map<number, string>();
  for (const { order, slug } of all) {
    const other = taken.get(order);
    if (other !== undefined) {
      throw new LessonError(`lessons/${slug}`, 1, `order ${order} is that of \`${other}\` already`);
    }
    taken.set(order, slug);
  }
  return all.sort((one, other) => one.order - other.order);
}

function locationOf(error: LessonError): { file: string; line: number; column: number } {
  return { file: error.file, line: error.line, column: 0 };
}
