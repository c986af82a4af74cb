/** `brooklet/rest` in a service worker: Upstash's client, as it is, in its page; and what lasts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useStores } from './support/store-page.mjs';

const stores = useStores();

/** Opens the page, whose service worker answers it from then on. */
async function openClient(context) {
  const page = await context.newPage();
  await page.goto(`${stores.origin()}/rest/page.html`);
  await page.evaluate(async () => {
    const controlled = new Promise((resolve) => {
      navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true });
    });
    await navigator.serviceWorker.register('/rest/worker.js', { type: 'module' });
    if (!navigator.serviceWorker.controller) await controlled;
    const { Redis } = await import('/node_modules/@upstash/redis/cloudflare.mjs');
    const url = `${location.origin}/rest/redis`;
    globalThis.redis = new Redis({ url, token: 'secret', enableTelemetry: false });
    globalThis.info = (section) => redis.exec(['INFO', section]);
    globalThis.runId = async () => /run_id:(\w+)/.exec(await info('server'))[1];
  });
  return page;
}

/** Ends every service worker, as the browser does itself when nothing has come for a while. */
async function stopWorkers(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.stopAllWorkers');
}

test('a page works with its service worker, and finds everything after its end', () =>
  stores.inProfile(async (_, context) => {
    const page = await openClient(context);
    const first = await page.evaluate(async () => {
      const options = { MKSTREAM: true };
      await redis.xgroup('jobs', { type: 'CREATE', group: 'g', id: '$', options });
      await Promise.all([1, 2, 3].map((n) => redis.xadd('jobs', '*', { n })));
      const delivered = await redis.xreadgroup('g', 'c', 'jobs', '>', { count: 2 });
      return { delivered, life: await runId() };
    });
    const [[key, entries]] = first.delivered;
    assert.equal(key, 'jobs');
    assert.deepEqual(entries.map(([, fields]) => fields), [['n', 1], ['n', 2]]);
    await stopWorkers(page);
    const second = await page.evaluate(async () => ({
      pending: await redis.xpending('jobs', 'g', '-', '+', 10),
      length: await redis.xlen('jobs'),
      life: await runId(),
    }));
    assert.notEqual(second.life, first.life);
    assert.equal(second.length, 3);
    const ids = entries.map(([id]) => id);
    const owners = second.pending.map(([id, consumer]) => [id, consumer]);
    assert.deepEqual(owners, ids.map((id) => [id, 'c']));
  }));

test('a reader of a page is woken by a job of another page', () =>
  stores.inProfile(async (_, context) => {
    const [reader, writer] = [await openClient(context), await openClient(context)];
    const read = reader.evaluate(async () => {
      const words = ['XREAD', 'BLOCK', '20000', 'STREAMS', 'jobs', '$'];
      const response = await fetch('/rest/redis', {
        method: 'POST', headers: { authorization: 'Bearer secret' }, body: JSON.stringify(words),
      });
      return (await response.json()).result;
    });
    await writer.evaluate(async () => {
      const blocked = async () => /blocked_clients:1/.test(await info('clients'));
      while (!(await blocked())) await new Promise((resolve) => setTimeout(resolve, 10));
      await redis.xadd('jobs', '*', { n: 1 });
    });
    const [[key, [[, fields]]]] = await read;
    assert.deepEqual([key, fields], ['jobs', ['n', '1']]);
  }));
