/** The tutorial as a reader uses it: opens places, types, presses Enter, looks at steps. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { startChromium } from './chromium.mjs';
import { serveTutorial } from './site.mjs';

const PATIENCE = { timeout: 10_000 };

/** One browser and one server for the tests of a file. */
export function useTutorial() {
  const shared = {};
  before(async () => {
    [shared.browser, shared.site] = await Promise.all([startChromium(), serveTutorial()]);
  });
  after(async () => {
    await shared.browser?.close();
    await shared.site?.close();
  });
  return {
    /** A fresh profile at a place; fails the test on any error of the page. */
    open: (hash = '', options = {}) => Tutorial.open(shared, hash, options),
    site: () => shared.site,
    browser: () => shared.browser,
  };
}

/** One open page. */
export class Tutorial {
  constructor(page, context) {
    this.page = page;
    this.context = context;
    this.complaints = [];
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  static async open(shared, hash, options) {
    const context = await shared.browser.newContext({
      viewport: { width: 1280, height: 800 }, ...options,
    });
    const tutorial = new Tutorial(await context.newPage(), context);
    await tutorial.page.goto(shared.site.url + hash);
    await tutorial.ready();
    return tutorial;
  }

  async ready() {
    await this.page.waitForSelector('html[data-ready]', { state: 'attached', ...PATIENCE });
  }

  /** Ends the visit; nothing may have gone wrong unseen. */
  async close() {
    assert.deepEqual(this.complaints, [], 'errors in the page');
    await this.context.close();
  }

  /** How many steps are done, which one is open, and how many there are. */
  steps() {
    return this.page.locator('.step').evaluateAll((all) => ({
      total: all.length,
      done: all.filter((step) => step.dataset.state === 'done').length,
      current: all.findIndex((step) => step.dataset.state === 'current'),
    }));
  }

  /** Waits until the page has looked at the engine anew, so that a check had its chance. */
  async looked() {
    await this.page.evaluate(async () => {
      const clock = document.getElementById('clock');
      for (let looks = 0; looks < 2; looks += 1) {
        await new Promise((resolve) => {
          const observer = new MutationObserver(() => {
            observer.disconnect();
            resolve();
          });
          observer.observe(clock, { attributes: true, attributeFilter: ['datetime'] });
        });
      }
    });
  }

  async waitForDone(count) {
    await this.page.waitForFunction(
      (wanted) => document.querySelectorAll('.step[data-state=done]').length >= wanted,
      count, PATIENCE,
    );
  }

  terminal(name) {
    return this.page.locator(`#terminal-${name}`);
  }

  input(name) {
    return this.terminal(name).locator('input');
  }

  /** Waits until a terminal, shown or not, waits for entries or does not any more. */
  async waiting(name, wanted) {
    const line = this.terminal(name).locator(`[data-waiting=${wanted}]`);
    await line.waitFor({ state: 'attached', ...PATIENCE });
  }

  /** Shows a terminal and runs a line in it. */
  async run(name, line) {
    await this.page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
    await this.input(name).fill(line);
    await this.input(name).press('Enter');
  }

  /** What the last command of a terminal has answered. */
  async reply(name) {
    return (await this.terminal(name).locator('.line').last().textContent()).trim();
  }

  /** Runs a line and gives its answer. */
  async ask(name, line) {
    const before = await this.terminal(name).locator('.line').count();
    await this.run(name, line);
    await this.terminal(name).locator('.line').nth(before + 1).waitFor(PATIENCE);
    return this.reply(name);
  }
}
