/** What the lessons plugin provides. */
declare module 'virtual:lessons' {
  import type { Lesson } from './lesson/model.ts';
  export const lessons: readonly Lesson[];
}
