/** Walks every lesson by hand: a check does not hold before its step was done, and holds after. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useTutorial } from './support/tutorial.mjs';

const tutorial = useTutorial();
const LESSONS = ['create', 'acknowledge', 'recover', 'javascript'];

for (const slug of LESSONS) {
  test(`lesson "${slug}", every offer clicked and run`, async () => {
    const page = await tutorial.open(`#/${slug}/1`);
    const { total } = await page.steps();
    assert.ok(total >= 5, `${total} steps`);
    for (let step = 0; step < total; step += 1) {
      await page.looked();
      assert.deepEqual(await page.steps(), { total, done: step, current: step },
        `step ${step + 1} must not be done before anything was done`);
      await followOffers(page, step);
      await page.waitForDone(step + 1);
    }
    assert.equal(await page.page.locator('.ending').isVisible(), true);
    assert.match(page.page.url(), new RegExp(`#/${slug}/${total + 1}$`));
    await page.close();
  });

  test(`lesson "${slug}", solved step by step`, async () => {
    const page = await tutorial.open(`#/${slug}/1`);
    const { total } = await page.steps();
    for (let step = 0; step < total; step += 1) {
      await page.page.locator('.step[data-state=current] .solve').click();
      await page.waitForDone(step + 1);
    }
    await page.close();
  });
}

test('a lesson opened in its middle has the steps before performed', async () => {
  const page = await tutorial.open('#/recover/8');
  assert.deepEqual((await page.steps()).current, 7);
  assert.match(await page.ask('bob', 'XPENDING jobs workers 1-0 1-0 1'), /"carol"/);
  await page.close();
});

test('the site works from a folder below the root, and has no missing file', async () => {
  const { serveTutorial } = await import('./support/site.mjs');
  const site = await serveTutorial('/some/folder/');
  const browserPage = await tutorial.browser().newPage();
  const missing = [];
  browserPage.on('response', (response) => {
    if (!response.ok()) missing.push(response.url());
  });
  await browserPage.goto(site.url);
  await browserPage.waitForSelector('html[data-ready]', { state: 'attached' });
  assert.deepEqual(missing, []);
  await browserPage.close();
  await site.close();
});

/** Does what the step's text tells the reader to do, in its order. */
async function followOffers(page, step) {
  const offers = page.page.locator('.step').nth(step).locator('.offer');
  const count = await offers.count();
  assert.ok(count > 0, 'a step offers something');
  for (let at = 0; at < count; at += 1) {
    const offer = offers.nth(at);
    const kinds = await offer.getAttribute('class');
    await offer.click();
    if (kinds.includes('command')) await runTyped(page);
    if (kinds.includes('script')) await runScript(page);
  }
}

/** The click has typed the command and moved the focus: Enter runs it. */
async function runTyped(page) {
  const field = page.page.locator('.terminal[data-shown=true] input');
  assert.notEqual(await field.inputValue(), '');
  await page.page.keyboard.press('Enter');
  assert.equal(await field.inputValue(), '');
}

async function runScript(page) {
  await page.page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.page.locator('.output-note, .output-error').waitFor();
  assert.equal(await page.page.locator('.output-error').count(), 0,
    await page.page.locator('.output').textContent());
}
