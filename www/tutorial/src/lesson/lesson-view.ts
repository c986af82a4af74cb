/** Shows a lesson: its prose, its steps as a list that unfolds, and what each step offers. */
import { duration } from '../picture/duration.ts';
import { h, prefersStillness } from '../ui/dom.ts';
import type { Lesson, Step, Suggestion } from './model.ts';
import { writePlace } from './route.ts';

/** What the reader can ask for. */
export interface LessonActions {
  /** Types a command in, puts code into the editor, or does the thing at once. */
  offer(suggestion: Suggestion, step: number): void;
  solve(): void;
  reset(): void;
}

/** The article of one lesson. */
export class LessonView {
  readonly #root: HTMLElement;
  readonly #actions: LessonActions;
  #lesson: Lesson | null = null;
  #steps: readonly HTMLElement[] = [];
  #ending: HTMLElement | null = null;

  constructor(root: HTMLElement, actions: LessonActions) {
    this.#root = root;
    this.#actions = actions;
  }

  /** Draws a lesson; `next` is the one after it. */
  show(lesson: Lesson, next: Lesson | undefined): void {
    this.#lesson = lesson;
    this.#steps = lesson.steps.map((step, at) => this.#step(step, at));
    this.#ending = this.#end(lesson, next);
    this.#root.replaceChildren(
      h('header', { class: 'lesson-head' },
        h('p', { class: 'kicker' }, `Lesson ${lesson.order}`),
        h('h2', {}, lesson.title),
        prose(lesson.intro)),
      h('ol', { class: 'steps' }, ...this.#steps),
      this.#ending,
      h('p', { class: 'lesson-foot' },
        h('button', { type: 'button', class: 'quiet', onclick: () => this.#actions.reset() },
          'Reset lesson')));
    this.#root.scrollTop = 0;
  }

  /** Marks the steps before `current` done and unfolds `current`. */
  setCurrent(current: number): void {
    const inside = this.#steps.some((element) => element.contains(document.activeElement));
    this.#steps.forEach((element, at) => {
      const state = at < current ? 'done' : at === current ? 'current' : 'later';
      element.dataset['state'] = state;
      const details = element.querySelector('details');
      if (details) details.open = state === 'current';
      const mark = element.querySelector('.mark');
      if (mark) mark.textContent = state === 'done' ? '✓' : String(at + 1);
      const word = element.querySelector('.state-word');
      if (word) word.textContent = state === 'done' ? ' (done)' : '';
    });
    if (this.#ending) this.#ending.hidden = current < this.#steps.length;
    const behavior = prefersStillness() ? 'auto' : 'smooth';
    const target = this.#steps[current] ?? this.#ending;
    if (current === 0) return;
    target?.scrollIntoView({ block: 'nearest', behavior });
    // What had the focus may just have been folded away.
    if (inside) target?.querySelector<HTMLElement>('summary, a')?.focus({ preventScroll: true });
  }

  #step(step: Step, at: number): HTMLElement {
    const slug = this.#lesson?.slug ?? '';
    return h('li', { class: 'step' },
      h('details', {},
        h('summary', {},
          h('span', { class: 'mark', 'aria-hidden': 'true' }),
          h('span', { class: 'step-title' }, step.title),
          h('span', { class: 'state-word visually-hidden' })),
        h('div', { class: 'step-body' },
          ...step.blocks.map((block) => {
            if (block.kind === 'prose') return prose(block.html);
            const suggestion = step.suggestions[block.index];
            return suggestion ? this.#offer(suggestion, at) : null;
          }),
          h('p', { class: 'step-foot' },
            h('button', {
              type: 'button', class: 'quiet solve', onclick: () => this.#actions.solve(),
            }, 'Solve'),
            h('a', { class: 'jump', href: writePlace({ slug, step: at }) },
              'Start here: do the steps before for me')))));
  }

  #offer(suggestion: Suggestion, step: number): HTMLElement {
    const onclick = (): void => this.#actions.offer(suggestion, step);
    if (suggestion.kind === 'command') {
      const { consumer, text } = suggestion;
      const at = this.#lesson?.consumers.indexOf(consumer) ?? 0;
      return h('button', {
        type: 'button', class: 'offer command', 'data-consumer': at % 4, onclick,
        title: `Type this into the terminal of ${consumer}`,
      }, h('span', { class: 'who' }, `${consumer}>`), h('code', {}, text));
    }
    return h('button', { type: 'button', class: `offer ${suggestion.kind}`, onclick },
      labelOf(suggestion));
  }

  #end(lesson: Lesson, next: Lesson | undefined): HTMLElement {
    const onward = next
      ? h('a', { class: 'run', href: writePlace({ slug: next.slug, step: 0 }) },
        `Next: ${next.title}`)
      : null;
    return h('section', { class: 'ending', 'aria-label': 'End of the lesson' },
      h('p', { class: 'kicker' }, `Lesson ${lesson.order} is done`), prose(lesson.outro), onward);
  }
}

function labelOf(suggestion: Exclude<Suggestion, { kind: 'command' }>): string {
  if (suggestion.kind === 'advance') return `Let ${duration(suggestion.ms)} pass`;
  if (suggestion.kind === 'kill') return `End ${suggestion.consumer}’s connection`;
  return 'Put the code into the editor';
}

/** Prose comes from our own Markdown, turned into HTML when the page was built. */
function prose(html: string): HTMLElement {
  const element = h('div', { class: 'prose' });
  element.innerHTML = html;
  for (const code of element.querySelectorAll('pre')) code.tabIndex = 0;
  return element;
}
