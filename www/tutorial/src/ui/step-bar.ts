/** The line above the panels on a phone: which step this is, and when it is done, the way on. */
import type { Lesson, Step } from '../lesson/model.ts';
import { h } from './dom.ts';

/** Shows the step; `onRead` brings the lesson to the front. */
export function showStepBar(
  root: HTMLElement, lesson: Lesson, step: number, finished: Step | null, onRead: () => void,
): void {
  const total = lesson.steps.length;
  const current = lesson.steps[step];
  const sentence = current ? `${step + 1}/${total} ${current.title}` : 'All steps are done';
  root.dataset['fresh'] = String(finished !== null);
  root.replaceChildren(
    h('span', { class: 'step-name' }, finished ? `✓ ${finished.title}` : sentence),
    h('button', { type: 'button', class: 'quiet', onclick: onRead }, finished ? 'Go on' : 'Read'));
}
