/** What a terminal has printed: command lines, replies and notes, as text that can be copied. */
import { h } from '../ui/dom.ts';
import type { Segment } from './repl.ts';

/** Older lines are dropped, so that a long session stays light. */
const BLOCK_LIMIT = 400;

/** The scrolling part of a terminal. */
export class Log {
  readonly element: HTMLElement;

  constructor(label: string) {
    this.element = h('div', {
      class: 'log', role: 'log', 'aria-label': label, 'aria-live': 'polite', tabindex: 0,
    });
  }

  /** The line that was run, behind its prompt. */
  command(prompt: string, line: string): void {
    this.#add(h('div', { class: 'line command' },
      h('span', { class: 'prompt', 'aria-hidden': 'true' }, prompt), h('span', {}, line)));
  }

  /** A reply, coloured by its parts. */
  reply(segments: readonly Segment[]): void {
    const spans = segments.map(({ text, style }) => h('span', { class: `reply-${style}` }, text));
    this.#add(h('div', { class: 'line reply' }, ...spans));
  }

  /** A sentence of the page itself. */
  note(text: string): void {
    this.#add(h('div', { class: 'line note' }, text));
  }

  /** Text in columns, as `help` prints it. */
  text(text: string): void {
    this.#add(h('div', { class: 'line' }, text));
  }

  clear(): void {
    this.element.replaceChildren();
  }

  #add(block: HTMLElement): void {
    this.element.append(block);
    while (this.element.childElementCount > BLOCK_LIMIT) this.element.firstElementChild?.remove();
    this.element.scrollTop = this.element.scrollHeight;
  }
}
