/** The line being typed: hint behind the cursor, completion, history and the terminal's keys. */
import { h } from '../ui/dom.ts';
import { History } from './history.ts';

/** What the prompt needs from its terminal. */
export interface PromptActions {
  run(line: string): void;
  cancel(): void;
  clear(): void;
  /** The arguments still expected, to be shown behind the cursor. */
  hint(line: string): string;
  /** Whole lines that the typed one could become. */
  complete(line: string): readonly string[];
}

/** The input line of a terminal. */
export class Prompt {
  readonly element: HTMLFormElement;
  readonly #input: HTMLInputElement;
  readonly #typed = h('span', { class: 'ghost-typed' });
  readonly #hint = h('span', { class: 'ghost-hint' });
  readonly #label: HTMLLabelElement;
  readonly #cancel: HTMLButtonElement;
  readonly #actions: PromptActions;
  readonly #history = new History();
  #candidates: readonly string[] = [];
  #candidate = -1;
  /** After Escape the next Tab leaves the field, so that nobody is trapped in it. */
  #tabLeaves = false;

  constructor(name: string, actions: PromptActions) {
    this.#actions = actions;
    const inputId = `prompt-${name}`;
    this.#input = h('input', {
      id: inputId, type: 'text', autocomplete: 'off', autocapitalize: 'none', autocorrect: 'off',
      spellcheck: 'false', enterkeyhint: 'send', 'aria-describedby': 'prompt-keys',
      oninput: () => this.#edited(),
      onkeydown: (event: KeyboardEvent) => this.#key(event),
    });
    this.#cancel = h('button', {
      type: 'button', class: 'cancel', hidden: true, onclick: () => actions.cancel(),
    }, 'Cancel');
    this.#label = h('label', { for: inputId, class: 'prompt' }, `${name}>`);
    this.element = h('form', { class: 'prompt-line', onsubmit: (event: Event) => {
      event.preventDefault();
      this.#submit();
    } },
      this.#label,
      h('span', { class: 'field' },
        h('span', { class: 'ghost', 'aria-hidden': 'true' }, this.#typed, this.#hint),
        this.#input),
      h('span', { class: 'waiting-mark', role: 'status' }),
      this.#cancel,
      h('button', { class: 'send', 'aria-label': `Run as ${name}` }, 'Run'));
  }

  /** Puts a line in for the reader to run. */
  type(line: string): void {
    this.#input.value = line;
    this.#edited();
    this.focus();
    this.#input.setSelectionRange(line.length, line.length);
  }

  /** Shows another prompt, after SELECT or MULTI. */
  setLabel(prompt: string): void {
    this.#label.textContent = prompt.trimEnd();
  }

  focus(): void {
    this.#input.focus({ preventScroll: true });
  }

  /** Shows that a command waits, and offers to cancel it. */
  setWaiting(waiting: boolean): void {
    this.element.dataset['waiting'] = String(waiting);
    this.#cancel.hidden = !waiting;
    const mark = this.element.querySelector('.waiting-mark');
    if (mark) mark.textContent = waiting ? 'waiting for entries…' : '';
    this.#input.readOnly = waiting;
  }

  /** Shows that the connection has ended. */
  setDead(dead: boolean): void {
    this.element.dataset['dead'] = String(dead);
    this.#input.disabled = dead;
  }

  #submit(): void {
    const line = this.#input.value.trim();
    if (line === '' || this.#input.readOnly) return;
    this.#history.add(line);
    this.#replace('');
    this.#actions.run(line);
  }

  #key(event: KeyboardEvent): void {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const line = this.#input.value;
    const selects = this.#input.selectionStart !== this.#input.selectionEnd;
    if (event.ctrlKey && event.key === 'c' && !selects) {
      event.preventDefault();
      this.#actions.cancel();
      if (!this.#input.readOnly) this.#replace('');
    } else if (event.ctrlKey && event.key === 'l') {
      event.preventDefault();
      this.#actions.clear();
    } else if (this.#input.readOnly) {
      if (event.key === 'Escape') this.#actions.cancel();
    } else if (plain && event.key === 'ArrowUp') {
      event.preventDefault();
      this.#replace(this.#history.back(line));
    } else if (plain && event.key === 'ArrowDown') {
      event.preventDefault();
      this.#replace(this.#history.forward(line));
    } else if (plain && event.key === 'Tab' && !event.shiftKey) {
      this.#completeOn(event);
    } else if (event.key === 'Escape') {
      this.#tabLeaves = true;
    }
  }

  /** Tab walks through the completions; without any it moves the focus on, as everywhere. */
  #completeOn(event: KeyboardEvent): void {
    if (this.#tabLeaves || this.#input.value === '') return;
    if (this.#candidate < 0) this.#candidates = this.#actions.complete(this.#input.value);
    if (this.#candidates.length === 0) return;
    event.preventDefault();
    const next = (this.#candidate + 1) % this.#candidates.length;
    this.#replace(this.#candidates[next] ?? '');
    this.#candidate = next;
  }

  #replace(line: string): void {
    this.#input.value = line;
    this.#edited();
  }

  #edited(): void {
    this.#candidate = -1;
    this.#tabLeaves = false;
    const line = this.#input.value;
    this.#typed.textContent = line;
    const hint = line === '' ? '' : this.#actions.hint(line);
    this.#hint.textContent = hint;
  }
}
