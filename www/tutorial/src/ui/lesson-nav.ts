/** The lessons in the header, each with how far the reader has come. */
import type { Lesson } from '../lesson/model.ts';
import type { Progress } from '../lesson/progress.ts';
import { writePlace } from '../lesson/route.ts';
import { h } from './dom.ts';

/** Draws the list anew; `current` is the slug of the open lesson. */
export function showLessons(
  root: HTMLElement, lessons: readonly Lesson[], progress: Progress, current: string,
): void {
  const items = lessons.map((lesson) => {
    const done = Math.min(progress.done(lesson.slug), lesson.steps.length);
    const all = done === lesson.steps.length;
    const state = all ? 'done' : `${done} of ${lesson.steps.length} steps done`;
    return h('li', {}, h('a', {
      href: writePlace({ slug: lesson.slug, step: all ? 0 : done }),
      'aria-current': lesson.slug === current ? 'page' : null,
      'data-done': String(all),
      title: `${lesson.title}: ${state}`,
      style: `--part: ${done / lesson.steps.length}`,
    }, h('span', { class: 'ring', 'aria-hidden': 'true' }, all ? '✓' : String(lesson.order)),
      h('span', { class: 'name' }, lesson.title),
      h('span', { class: 'visually-hidden' }, `, ${state}`)));
  });
  root.replaceChildren(h('ol', {}, ...items));
}
