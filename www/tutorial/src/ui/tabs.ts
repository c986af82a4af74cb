/** A tab list as the ARIA practices describe it: one stop for Tab, arrows move between tabs. */

/** A tab button with the panel that it shows. */
export interface Tab {
  readonly name: string;
  readonly button: HTMLElement;
  readonly panel: HTMLElement;
}

/** Wires buttons and panels; `onShow` hears of every change. */
export class Tabs {
  readonly #tabs: readonly Tab[];
  readonly #onShow: (name: string) => void;
  #current = '';

  constructor(list: HTMLElement, tabs: readonly Tab[], onShow: (name: string) => void) {
    this.#tabs = tabs;
    this.#onShow = onShow;
    list.setAttribute('role', 'tablist');
    for (const { name, button, panel } of tabs) {
      button.setAttribute('role', 'tab');
      button.setAttribute('aria-controls', panel.id);
      panel.setAttribute('role', 'tabpanel');
      panel.setAttribute('aria-labelledby', button.id);
      button.addEventListener('click', () => this.show(name));
      button.addEventListener('keydown', (event) => this.#move(event));
    }
  }

  get current(): string {
    return this.#current;
  }

  /** Shows one tab's panel and hides the others. */
  show(name: string): void {
    if (!this.#tabs.some((tab) => tab.name === name)) return;
    this.#current = name;
    for (const tab of this.#tabs) {
      const selected = tab.name === name;
      tab.button.setAttribute('aria-selected', String(selected));
      tab.button.tabIndex = selected ? 0 : -1;
      tab.panel.dataset['shown'] = String(selected);
    }
    this.#onShow(name);
  }

  #move(event: KeyboardEvent): void {
    const at = this.#tabs.findIndex((tab) => tab.name === this.#current);
    const last = this.#tabs.length - 1;
    const targets: Readonly<Record<string, number>> = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    const target = this.#tabs[targets[event.key] ?? -1];
    if (!target) return;
    event.preventDefault();
    this.show(target.name);
    target.button.focus();
  }
}
