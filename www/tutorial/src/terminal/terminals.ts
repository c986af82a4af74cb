/** The tabs of the lower panel: one terminal a consumer, and the editor where a lesson has code. */
import type { Assistant } from 'brooklet/repl';
import type { World } from '../engine/world.ts';
import { h } from '../ui/dom.ts';
import { Tabs, type Tab } from '../ui/tabs.ts';
import { Terminal, type TerminalEvents } from './terminal.ts';

/** The name of the editor's tab; consumers cannot be called so, because names have no blank. */
export const EDITOR_TAB = 'Java Script';

/** All terminals of a world. */
export class Terminals {
  readonly #terminals: readonly Terminal[];
  readonly #tabs: Tabs;
  readonly #buttons = new Map<string, HTMLElement>();

  constructor(
    root: HTMLElement,
    world: World,
    assistant: Assistant,
    editor: HTMLElement | null,
    events: Pick<TerminalEvents, 'onExchange'>,
  ) {
    const onState = (): void => this.#showStates();
    this.#terminals = world.sessions.map(
      (session) => new Terminal(session, assistant, { ...events, onState }),
    );
    const panels = this.#terminals.map((each): [string, HTMLElement] => [
      each.session.name, each.element,
    ]);
    if (editor) panels.push([EDITOR_TAB, editor]);
    const tabs = panels.map(([name, panel], at) => this.#tab(name, panel, at));
    const bar = h('div', { class: 'tab-bar', 'aria-label': 'Terminals' },
      ...tabs.map((tab) => tab.button));
    root.replaceChildren(bar, ...tabs.map((tab) => tab.panel));
    this.#tabs = new Tabs(bar, tabs, () => undefined);
    this.show(editor ? EDITOR_TAB : (this.#terminals[0]?.session.name ?? ''));
  }

  show(name: string): void {
    this.#tabs.show(name);
  }

  /** A consumer's terminal. */
  of(name: string): Terminal | undefined {
    return this.#terminals.find((each) => each.session.name === name);
  }

  #tab(name: string, panel: HTMLElement, at: number): Tab {
    const isEditor = name === EDITOR_TAB;
    const button = h('button', {
      type: 'button', id: `tab-${at}`, class: 'tab',
      'data-consumer': isEditor ? null : at % 4,
    }, h('span', { class: 'tab-name' }, isEditor ? 'JavaScript' : name),
      h('span', { class: 'tab-state' }));
    this.#buttons.set(name, button);
    return { name, button, panel };
  }

  #showStates(): void {
    for (const terminal of this.#terminals) {
      const state = this.#buttons.get(terminal.session.name)?.querySelector('.tab-state');
      const word = terminal.session.alive ? (terminal.waiting ? 'waiting' : '') : 'gone';
      if (state) state.textContent = word;
    }
  }
}
