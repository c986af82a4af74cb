/** The three panels: side by side where there is room, one at a time behind tabs on a phone. */
import { byId } from './dom.ts';
import { Tabs } from './tabs.ts';

/** A panel of the page. */
export type PanelName = 'lesson' | 'terminal' | 'picture';

const NAMES: readonly PanelName[] = ['lesson', 'terminal', 'picture'];
const TARGETS: Readonly<Record<PanelName, string>> = {
  lesson: 'lesson', terminal: 'terminals', picture: 'picture',
};

/** Shows panels and moves the focus between them. */
export class Panels {
  readonly #tabs: Tabs;

  constructor() {
    const tabs = NAMES.map((name) => ({
      name, button: byId(`show-${name}`), panel: byId(`panel-${name}`),
    }));
    this.#tabs = new Tabs(byId('panel-tabs'), tabs, () => undefined);
    this.#tabs.show('lesson');
    document.addEventListener('keydown', (event) => this.#shortcut(event));
    for (const link of document.querySelectorAll<HTMLAnchorElement>('.skip-links a')) {
      link.addEventListener('click', (event) => {
        event.preventDefault();
        const name = NAMES.find((each) => `#${TARGETS[each]}` === link.hash);
        if (name) this.focus(name);
      });
    }
  }

  /** Brings a panel to the front where only one fits. */
  show(name: PanelName): void {
    this.#tabs.show(name);
  }

  /** Shows a panel and puts the focus where work in it begins. */
  focus(name: PanelName): void {
    this.show(name);
    const target = byId(TARGETS[name]);
    const shown = '[data-shown="true"] :is(.prompt-line input, textarea)';
    const inner = name === 'terminal' ? target.querySelector<HTMLElement>(shown) : null;
    (inner ?? target).focus();
  }

  #shortcut(event: KeyboardEvent): void {
    if (!event.altKey || !event.shiftKey) return;
    const keys: Readonly<Record<string, PanelName>> = {
      KeyL: 'lesson', KeyT: 'terminal', KeyP: 'picture',
    };
    const name = keys[event.code];
    if (!name) return;
    event.preventDefault();
    this.focus(name);
  }
}
