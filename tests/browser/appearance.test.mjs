/** How it looks and for whom: both themes, phone and desktop, screen readers, the keyboard. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { useTutorial } from './support/tutorial.mjs';

const tutorial = useTutorial();
const SHOTS = fileURLToPath(new URL('../screenshots/', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SIZES = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};
const PANELS = ['Lesson', 'Terminal', 'Stream'];
const PLACES = ['create/7', 'recover/6', 'javascript/2'];

mkdirSync(SHOTS, { recursive: true });

for (const [size, options] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${size}, ${colorScheme}: no overflow, no accessibility fault`, async () => {
      for (const place of PLACES) {
        const page = await tutorial.open(`#/${place}`, { ...options, colorScheme });
        for (const panel of size === 'phone' ? PANELS : ['all']) {
          if (size === 'phone') await page.page.getByRole('tab', { name: panel }).tap();
          const name = [size, colorScheme, place.replace('/', '-'), panel.toLowerCase()].join('-');
          await page.looked();
          await page.page.screenshot({ path: `${SHOTS}${name}.png` });
          await assertFits(page);
          await assertAccessible(page, name);
        }
        await page.close();
      }
    });
  }
}

test('the theme can be switched, and the choice stays', async () => {
  const page = await tutorial.open('', { colorScheme: 'light' });
  const background = () =>
    page.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.page.getByRole('button', { name: 'Switch to the dark theme' }).click();
  assert.notEqual(await background(), light);
  await page.page.reload();
  await page.ready();
  assert.notEqual(await background(), light);
  await page.close();
});

test('a first step can be done with the keyboard alone', async () => {
  const page = await tutorial.open('#/create/1');
  await page.page.keyboard.press('Tab');
  await page.page.keyboard.press('Enter');
  await page.page.keyboard.press('Tab');
  await focusOn(page, '.offer.command');
  await page.page.keyboard.press('Enter');
  await page.page.keyboard.press('Enter');
  await page.waitForDone(1);
  await page.page.keyboard.press('Alt+Shift+L');
  assert.equal(await page.page.evaluate(() => document.activeElement.id), 'lesson');
  await page.close();
});

test('replies and finished steps are announced', async () => {
  const page = await tutorial.open('#/create/1');
  await page.page.locator('.step[data-state=current] .solve').click();
  await page.waitForDone(1);
  assert.match(await page.page.locator('#announcer').textContent(), /Step done: .* Next: /);
  assert.equal(await page.terminal('alice').getByRole('log').getAttribute('aria-live'), 'polite');
  await page.close();
});

test('cold start, measured', async (t) => {
  const creates = [];
  const readies = [];
  for (let run = 0; run < 5; run += 1) {
    const page = await tutorial.open('#/create/1');
    const { create, ready } = await page.page.evaluate(() => ({
      create: performance.getEntriesByName('brooklet-create')[0].duration,
      ready: performance.getEntriesByName('brooklet-ready')[0].startTime,
    }));
    creates.push(create);
    readies.push(ready);
    await page.close();
  }
  const show = (values) => values.map((ms) => ms.toFixed(0)).join(', ');
  t.diagnostic(`Brooklet.create(), fetch and compile included: ${show(creates)} ms`);
  t.diagnostic(`navigation to a usable page: ${show(readies)} ms`);
  assert.ok(creates.every((ms) => ms > 0));
});

/** The page itself never scrolls, in neither direction: its panels do. */
async function assertFits(page) {
  const { scrollWidth, clientWidth, scrollHeight, clientHeight } = await page.page.evaluate(() => {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
    return { scrollWidth, clientWidth, scrollHeight, clientHeight };
  });
  assert.ok(scrollWidth <= clientWidth, `${scrollWidth} wide in ${clientWidth}`);
  assert.ok(scrollHeight <= clientHeight, `${scrollHeight} high in ${clientHeight}`);
}

async function assertAccessible(page, name) {
  await page.page.evaluate(AXE);
  const { violations } = await page.page.evaluate(() => window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
  assert.deepEqual(found, [], name);
}

async function focusOn(page, selector) {
  for (let presses = 0; presses < 40; presses += 1) {
    const there = await page.page.evaluate(
      (wanted) => document.activeElement.matches(wanted), selector);
    if (there) return;
    await page.page.keyboard.press('Tab');
  }
  assert.fail(`Tab never reached ${selector}`);
}
