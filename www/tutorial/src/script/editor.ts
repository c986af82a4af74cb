/** The editor of a lesson's code: a plain text area over its coloured copy, with an output pane. */
import type { World } from '../engine/world.ts';
import { announce } from '../ui/announcer.ts';
import { h } from '../ui/dom.ts';
import { load, save } from '../ui/storage.ts';
import { highlight } from './highlight.ts';
import { inspect } from './inspect.ts';
import { runScript, type ScriptEnd } from './runner.ts';

const KEY = 'brooklet.code';
/** A script that logs in a loop must not fill the page. */
const OUTPUT_LINES = 500;

/** Edits and runs scripts in a world. */
export class Editor {
  readonly element: HTMLElement;
  readonly #world: World;
  readonly #onOutput: (text: string) => void;
  readonly #copy = h('pre', { class: 'code-copy', 'aria-hidden': 'true' });
  readonly #output = h('div', {
    class: 'output', role: 'log', 'aria-label': 'Output of the script', tabindex: 0,
  });
  readonly #input: HTMLTextAreaElement;
  readonly #run: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  /** Where the text is kept, and what the lesson offered there. */
  #place = '';
  #original = '';
  #running: AbortController | null = null;

  constructor(world: World, onOutput: (text: string) => void) {
    this.#world = world;
    this.#onOutput = onOutput;
    this.#input = h('textarea', {
      class: 'code-input', id: 'code', spellcheck: 'false', autocapitalize: 'none',
      autocomplete: 'off', wrap: 'off', 'aria-describedby': 'code-keys',
      oninput: () => this.#edited(), onkeydown: (event: KeyboardEvent) => this.#key(event),
    });
    this.#run = h('button', {
      type: 'button', class: 'run', onclick: () => void this.run(),
    }, 'Run');
    this.#stop = h('button', {
      type: 'button', class: 'cancel', hidden: true, onclick: () => this.cancel(),
    }, 'Stop');
    const reset = h('button', {
      type: 'button', class: 'quiet', onclick: () => this.#setText(this.#original),
    }, 'Original code');
    this.element = h('div', { class: 'editor', id: 'editor' },
      h('label', { for: 'code', class: 'visually-hidden' }, 'JavaScript of this step'),
      h('div', { class: 'code' }, this.#copy, this.#input),
      h('div', { class: 'code-bar' }, this.#run, this.#stop, reset,
        h('span', { id: 'code-keys', class: 'keys' },
          'Ctrl-Enter runs · client, db, log and sleep are given')),
      this.#output);
  }

  /** Offers a step's code; what the reader made of it before comes back. */
  offer(place: string, code: string): void {
    if (this.#place === place) return;
    this.#place = place;
    this.#original = code;
    this.#input.value = load(KEY, isTexts, {})[place] ?? code;
    this.#edited();
  }

  /** Puts code in, whatever was there. */
  restore(place: string, code: string): void {
    this.#place = place;
    this.#original = code;
    this.#setText(code);
  }

  focus(): void {
    this.#input.focus();
  }

  /** Runs what is in the editor; resolves when it has ended. */
  async run(): Promise<void> {
    if (this.#running) return;
    const running = new AbortController();
    this.#running = running;
    this.#showRunning(true);
    this.#output.replaceChildren();
    const print = (...values: readonly unknown[]): void => this.#print(values);
    const end = await runScript(this.#input.value, this.#world, print, running.signal);
    this.#running = null;
    this.#showRunning(false);
    this.#finish(end);
  }

  cancel(): void {
    this.#running?.abort();
  }

  #finish(end: ScriptEnd): void {
    if (end.kind === 'failed') {
      const place = end.line === null ? '' : `Line ${end.line}: `;
      this.#line('error', place + end.message);
    } else {
      this.#line('note', end.kind === 'done' ? 'Finished.' : 'Stopped.');
    }
    announce(end.kind === 'failed' ? 'The script failed.' : 'The script ended.');
  }

  #print(values: readonly unknown[]): void {
    const text = values.map(inspect).join(' ');
    this.#line('value', text);
    this.#onOutput(text);
  }

  #line(kind: 'value' | 'note' | 'error', text: string): void {
    this.#output.append(h('div', { class: `output-${kind}` }, text));
    while (this.#output.childElementCount > OUTPUT_LINES) this.#output.firstElementChild?.remove();
    this.#output.scrollTop = this.#output.scrollHeight;
  }

  #showRunning(running: boolean): void {
    this.#run.hidden = running;
    this.#stop.hidden = !running;
    this.element.dataset['running'] = String(running);
  }

  #setText(code: string): void {
    this.#input.value = code;
    this.#edited();
  }

  #edited(): void {
    const code = this.#input.value;
    this.#copy.replaceChildren(...highlight(`${code}\n`));
    const texts = { ...load(KEY, isTexts, {}) };
    if (code === this.#original) delete texts[this.#place];
    else texts[this.#place] = code;
    save(KEY, texts);
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void this.run();
    } else if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      this.#breakLine(event);
    }
  }

  /** A new line begins where the one before did. */
  #breakLine(event: KeyboardEvent): void {
    const { value, selectionStart, selectionEnd } = this.#input;
    const line = value.slice(value.lastIndexOf('\n', selectionStart - 1) + 1, selectionStart);
    const indent = /^ */.exec(line)?.[0] ?? '';
    if (indent === '') return;
    event.preventDefault();
    this.#input.setRangeText(`\n${indent}`, selectionStart, selectionEnd, 'end');
    this.#edited();
  }
}

function isTexts(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null
    && Object.values(value).every((text) => typeof text === 'string');
}
