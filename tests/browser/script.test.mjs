/** The editor of lesson 4: output, errors with their line, stopping, edits that stay. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useTutorial } from './support/tutorial.mjs';

const tutorial = useTutorial();

async function runCode(page, code) {
  await page.page.getByRole('tab', { name: 'JavaScript' }).click();
  await page.page.locator('#code').fill(code);
  await page.page.locator('#code').press('Control+Enter');
}

async function outputOf(page, code) {
  await runCode(page, code);
  await page.page.locator('.output-note, .output-error').waitFor();
  return (await page.page.locator('.output > div').allTextContents()).slice(0, -1);
}

test('values are printed so that they can be read', async () => {
  const page = await tutorial.open('#/javascript/1');
  const output = await outputOf(page, [
    "log('text', 1, 2n, null, undefined, true);",
    "log({ a: [1, 'two'], b: { c: null } });",
    "log(new Map([['k', 1]]), new Uint8Array([1, 2]));",
    "log(await client.sendCommand(['PING']));",
  ].join('\n'));
  assert.deepEqual(output, [
    'text 1 2n null undefined true',
    "{ a: [1, 'two'], b: { c: null } }",
    "Map { 'k' => 1 } Uint8Array(2) [1, 2]",
    'PONG',
  ]);
  await page.close();
});

test('an error names its line, whether it is thrown or answered', async () => {
  const page = await tutorial.open('#/javascript/1');
  await runCode(page, "log('before');\nnull.x;");
  const error = page.page.locator('.output-error');
  await error.waitFor();
  assert.match(await error.textContent(), /^Line 2: TypeError: /);
  await runCode(page, "\n\nawait client.xGroupCreate('none', 'g', '0');");
  await page.page.locator('.output-error', { hasText: 'MKSTREAM' }).waitFor();
  await runCode(page, 'const const');
  await page.page.locator('.output-error', { hasText: 'SyntaxError' }).waitFor();
  await page.close();
});

test('a script that waits can be stopped, and leaves no client behind', async () => {
  const page = await tutorial.open('#/javascript/1');
  const before = await page.ask('shell', 'CLIENT LIST');
  await runCode(page, [
    "await client.xGroupCreate('s', 'g', '0', { MKSTREAM: true });",
    'const other = client.duplicate();',
    "await other.xReadGroup('g', 'c', { key: 's', id: '>' }, { BLOCK: 0 });",
  ].join('\n'));
  await page.page.getByRole('button', { name: 'Stop' }).click();
  await page.page.locator('.output-note', { hasText: 'Stopped' }).waitFor();
  const connections = (text) => text.match(/\bid=/g).length;
  assert.equal(connections(await page.ask('shell', 'CLIENT LIST')), connections(before));
  await page.close();
});

test('what was edited comes back after a reload, and the original can be had again', async () => {
  const page = await tutorial.open('#/javascript/1');
  const code = page.page.locator('#code');
  const original = await code.inputValue();
  await code.fill('log(42);');
  await page.page.reload();
  await page.ready();
  assert.equal(await code.inputValue(), 'log(42);');
  await page.page.getByRole('button', { name: 'Original code' }).click();
  assert.equal(await code.inputValue(), original);
  await page.close();
});
