/** What stays: progress over a reload, places in the address, a lesson begun again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useTutorial } from './support/tutorial.mjs';

const tutorial = useTutorial();

test('a reload comes back to the same step with the same state', async () => {
  const page = await tutorial.open('#/acknowledge/1');
  for (let step = 1; step <= 2; step += 1) {
    await page.page.locator('.step[data-state=current] .solve').click();
    await page.waitForDone(step);
  }
  await page.page.reload();
  await page.ready();
  assert.equal((await page.steps()).current, 2);
  assert.match(await page.ask('alice', 'XPENDING jobs workers'), /^1\) \(integer\) 2/);
  await page.close();
});

test('without a place in the address the last one is opened', async () => {
  const page = await tutorial.open('#/acknowledge/3');
  await page.page.goto('about:blank');
  await page.page.goto(tutorial.site().url);
  await page.ready();
  assert.match(page.page.url(), /#\/acknowledge\/3$/);
  await page.close();
});

test('the list of lessons shows what was done', async () => {
  const page = await tutorial.open('#/acknowledge/3');
  const nav = page.page.getByRole('navigation', { name: 'Lessons' });
  assert.match(await nav.getByRole('link').nth(1).textContent(), /2 of \d+ steps done/);
  await nav.getByRole('link').nth(0).click();
  await page.page.waitForURL(/#\/create\/1$/);
  await page.page.getByRole('heading', { level: 2, name: /A stream, a group/ }).waitFor();
  await page.close();
});

test('resetting a lesson begins with an empty engine', async () => {
  const page = await tutorial.open('#/create/5');
  await page.page.getByRole('button', { name: 'Reset lesson' }).click();
  await page.page.waitForURL(/#\/create\/1$/);
  assert.equal(await page.ask('alice', 'DBSIZE'), '(integer) 0');
  await page.close();
});

test('nonsense in the address and in storage does no harm', async () => {
  const page = await tutorial.open('#/nowhere/99');
  assert.match(page.page.url(), /#\/create\/9$/);
  await page.page.evaluate(() => {
    for (const key of Object.keys(localStorage)) localStorage.setItem(key, '{"done":');
  });
  await page.page.goto('about:blank');
  await page.page.goto(tutorial.site().url);
  await page.ready();
  assert.match(page.page.url(), /#\/create\/1$/);
  await page.close();
});
