/** The page of `www/edge`, the example to copy: by keyboard, on a phone, in the dark. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start, TOKEN } from '../../www/edge/test/start.mjs';
import { startChromium } from './support/chromium.mjs';

const SHOTS = fileURLToPath(new URL('../screenshots/', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PLACES = {
  desktop: { viewport: { width: 1280, height: 800 } },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  phone: { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true },
};

mkdirSync(SHOTS, { recursive: true });

let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([start(), startChromium()]);
});
after(() => Promise.all([browser.close(), server.close()]));

async function open(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(server.url);
  return { page, errors, close: () => context.close() };
}

/** Presses Tab until the focus is there. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 20; presses++) {
    if (await page.evaluate((it) => document.activeElement.matches(it), selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${selector} is out of reach`);
}

async function signIn(page) {
  await tabTo(page, '#token');
  await page.keyboard.type(TOKEN);
  await page.keyboard.press('Enter');
  await page.getByText('Live', { exact: true }).waitFor();
}

async function assertFits(page, name) {
  await page.screenshot({ path: `${SHOTS}edge-${name}.png`, fullPage: true });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${name} is ${wide} pixels too wide`);
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
  assert.deepEqual(found, [], name);
}

test('whoever has the wrong token is asked again', async () => {
  const { page, close } = await open();
  await page.getByLabel('Token').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('a valid token is needed').waitFor();
  assert.ok(await page.getByLabel('Token').evaluate((it) => it === document.activeElement));
  assert.equal(await page.locator('#board').isVisible(), false);
  await close();
});

test('jobs are added by keyboard, and the page follows what becomes of them', async () => {
  const { page, errors, close } = await open();
  await signIn(page);
  await page.keyboard.type('<b>tea</b>');
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('Added <b>tea</b>.').waitFor();
  await page.getByRole('table', { name: 'Done lately' }).getByText('<b>tea</b>').waitFor();
  await tabTo(page, '#name');
  await page.keyboard.type('forgotten');
  await tabTo(page, '#behaviour');
  await page.keyboard.type('is');
  await tabTo(page, '#add button');
  await page.keyboard.press('Enter');
  const pending = page.getByRole('table', { name: 'Pending entries' });
  await pending.getByText('forgotten').waitFor();
  assert.equal(await page.locator('#pending-count').textContent(), '1');
  await tabTo(page, '#sign-out');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#board').isVisible(), false);
  assert.deepEqual(errors, []);
  await close();
});

for (const [name, options] of Object.entries(PLACES)) {
  test(`${name}: nothing overflows, no accessibility fault`, async () => {
    const { page, close } = await open(options);
    await assertFits(page, `${name}-sign-in`);
    await signIn(page);
    await page.getByRole('table', { name: 'Pending entries' }).getByText('forgotten').waitFor();
    await assertFits(page, name);
    await close();
  });
}
