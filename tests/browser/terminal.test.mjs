/** The terminal: what redis-cli users type, help while typing, waiting and cancelling. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useTutorial } from './support/tutorial.mjs';

const tutorial = useTutorial();

test('free commands are answered as redis-cli prints them', async () => {
  const page = await tutorial.open('#/create/1');
  assert.equal(await page.ask('alice', 'PING'), 'PONG');
  assert.equal(await page.ask('alice', 'set greeting "hello \\"brook\\" \\x41"'), 'OK');
  assert.equal(await page.ask('alice', 'GET greeting'), '"hello \\"brook\\" A"');
  assert.equal(await page.ask('alice', "ECHO 'one word'"), '"one word"');
  assert.equal(await page.ask('alice', 'XADD s 1-1 a 1 b 2'), '"1-1"');
  assert.equal(await page.ask('alice', 'XRANGE s - +'),
    ['1) 1) "1-1"', '   2) 1) "a"', '      2) "1"', '      3) "b"', '      4) "2"'].join('\n'));
  assert.equal(await page.ask('alice', 'XLEN s'), '(integer) 1');
  assert.equal(await page.ask('alice', 'XRANGE nothing - +'), '(empty array)');
  assert.equal(await page.ask('alice', 'GET nothing'), '(nil)');
  await page.close();
});

test('errors are shown as errors and the terminal goes on', async () => {
  const page = await tutorial.open('#/create/1');
  assert.match(await page.ask('alice', 'XADD s'), /^\(error\) ERR wrong number of arguments/);
  assert.match(await page.ask('alice', 'NOSUCH x'), /^\(error\) ERR unknown command/);
  assert.equal(await page.terminal('alice').locator('.reply-error').count(), 2);
  assert.equal(await page.ask('alice', 'GET "unbalanced'), 'Invalid argument(s)');
  assert.equal(await page.ask('alice', 'PING'), 'PONG');
  await page.close();
});

test('two consumers are two connections, and the prompt follows SELECT and MULTI', async () => {
  const page = await tutorial.open('#/create/1');
  assert.notEqual(await page.ask('alice', 'CLIENT ID'), await page.ask('bob', 'CLIENT ID'));
  assert.equal(await page.ask('bob', 'CLIENT GETNAME'), '"bob"');
  await page.ask('alice', 'SELECT 3');
  assert.equal(await page.terminal('alice').locator('label').textContent(), 'alice[3]>');
  await page.ask('bob', 'MULTI');
  assert.equal(await page.terminal('bob').locator('label').textContent(), 'bob(TX)>');
  assert.equal(await page.ask('bob', 'PING'), 'QUEUED');
  assert.equal(await page.ask('bob', 'EXEC'), '1) PONG');
  await page.close();
});

test('hints, completion and help come from the engine', async () => {
  const page = await tutorial.open('#/create/1');
  const input = page.input('alice');
  await input.fill('XACK');
  assert.match(await page.terminal('alice').locator('.ghost-hint').textContent(), /key group id/i);
  await input.fill('xautoc');
  await input.press('Tab');
  assert.equal(await input.inputValue(), 'xautoclaim');
  await input.fill('');
  assert.match(await page.ask('alice', 'help xack'), /XACK key group id/i);
  assert.match(await page.ask('alice', 'help'), /Ctrl-C/);
  await page.run('alice', 'clear');
  assert.equal(await page.terminal('alice').locator('.line').count(), 0);
  await page.close();
});

test('Tab leaves an empty line, and any line after Escape: nobody is trapped', async () => {
  const page = await tutorial.open('#/create/1');
  const input = page.input('alice');
  await input.focus();
  await page.page.keyboard.press('Tab');
  assert.equal(await input.evaluate((element) => element === document.activeElement), false);
  await input.fill('xa');
  await page.page.keyboard.press('Escape');
  await page.page.keyboard.press('Tab');
  assert.equal(await input.evaluate((element) => element === document.activeElement), false);
  await page.close();
});

test('the history survives a reload, without passwords', async () => {
  const page = await tutorial.open('#/create/1');
  await page.ask('alice', 'ECHO first');
  await page.ask('alice', 'AUTH secret');
  await page.ask('alice', 'ECHO second');
  await page.page.reload();
  await page.ready();
  const input = page.input('bob');
  await page.page.getByRole('tab', { name: /^bob/ }).click();
  await input.fill('draft');
  await input.press('ArrowUp');
  assert.equal(await input.inputValue(), 'ECHO second');
  await input.press('ArrowUp');
  assert.equal(await input.inputValue(), 'ECHO first');
  await input.press('ArrowDown');
  await input.press('ArrowDown');
  assert.equal(await input.inputValue(), 'draft');
  await page.close();
});

const READ = 'XREADGROUP GROUP workers alice BLOCK 0 STREAMS jobs >';

test('a blocked read shows that it waits; Ctrl-C cancels it, nothing was delivered', async () => {
  const page = await tutorial.open('#/create/4');
  await page.ask('alice', 'XREADGROUP GROUP workers alice STREAMS jobs >');
  await page.run('alice', READ);
  await page.waiting('alice', true);
  assert.match(await page.page.getByRole('tab', { name: /alice/ }).textContent(), /waiting/);
  await page.page.keyboard.press('Control+c');
  await page.waiting('alice', false);
  assert.match(await page.reply('alice'), /Nothing was delivered/);
  await page.ask('bob', 'XADD jobs 9999999999999-1 a b');
  const pending = await page.ask('bob', 'XPENDING jobs workers 9999999999999-1 + 1');
  assert.equal(pending, '(empty array)');
  assert.match(await page.ask('bob', 'XREADGROUP GROUP workers bob STREAMS jobs >'), /"a"/);
  await page.close();
});

test('the button cancels too, and a waiting read is answered by another consumer', async () => {
  const page = await tutorial.open('#/create/4');
  await page.ask('alice', 'XREADGROUP GROUP workers alice STREAMS jobs >');
  await page.run('alice', READ);
  await page.terminal('alice').getByRole('button', { name: 'Cancel' }).click();
  await page.waiting('alice', false);
  await page.run('alice', READ);
  await page.waiting('alice', true);
  await page.ask('bob', 'XADD jobs * task woken');
  await page.waiting('alice', false);
  assert.match(await page.reply('alice'), /"woken"/);
  await page.close();
});

test('skipped time ends a wait', async () => {
  const page = await tutorial.open('#/create/4');
  await page.ask('alice', 'XREADGROUP GROUP workers alice STREAMS jobs >');
  await page.run('alice', READ.replace('BLOCK 0', 'BLOCK 50000'));
  await page.waiting('alice', true);
  await page.page.getByRole('button', { name: '+1 min' }).click();
  await page.waiting('alice', false);
  assert.equal(await page.reply('alice'), '(nil)');
  await page.close();
});

test('a connection that was closed can be opened again', async () => {
  const page = await tutorial.open('#/create/1');
  const id = (await page.ask('alice', 'CLIENT ID')).replace('(integer) ', '');
  await page.ask('bob', `CLIENT KILL ID ${id}`);
  await page.run('alice', 'PING');
  await page.terminal('alice').getByRole('button', { name: 'Connect again' }).click();
  assert.equal(await page.ask('alice', 'CLIENT GETNAME'), '"alice"');
  await page.close();
});
