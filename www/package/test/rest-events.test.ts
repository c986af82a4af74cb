/** The REST handler and server-sent events: streams, groups and channels, cut off and resumed. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { openRest, READ_ONLY } from './rest-support.js';

type Rest = Awaited<ReturnType<typeof openRest>>;

/** One event as a browser would dispatch it. */
interface Told {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** What an EventSource hears. */
class Listener {
  readonly #events: Told[] = [];
  readonly #gone = new AbortController();
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  comments = 0;

  private constructor(response: Response, gone: AbortController) {
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    this.#gone = gone;
    this.#reader = (response.body as ReadableStream<Uint8Array>).getReader();
  }

  static async open(rest: Rest, path: string, lastEventId?: string): Promise<Listener> {
    const gone = new AbortController();
    const headers = {
      accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    };
    const request = rest.request(path, { headers, signal: gone.signal });
    return new Listener(await rest.handle(request), gone);
  }

  /** The next event; undefined at the end. */
  async next(): Promise<Told | undefined> {
    while (this.#events.length === 0) {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      for (const block of new TextDecoder().decode(value).split('\n\n')) this.#hear(block);
    }
    return this.#events.shift();
  }

  /** The next entry and the ID of its event. */
  async entry(): Promise<[string, unknown]> {
    const told = await this.next();
    return [told?.id ?? '', JSON.parse(told?.data ?? 'null')];
  }

  /** The client hangs up. */
  hangUp(): void {
    this.#gone.abort();
  }

  #hear(block: string): void {
    if (block === ':') this.comments++;
    const lines = block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]);
    const of = (name: string) => lines.filter(([it]) => it === name).map(([, value]) => value);
    const [event = ''] = of('event');
    const [id = ''] = of('id');
    if (of('data').length > 0) this.#events.push({ event, id, data: of('data').join('\n') });
  }
}

async function untilGone(rest: Rest): Promise<void> {
  while (rest.database.statistics().sessions > 0) await setImmediate();
}

test('entries as they come, and from where they were heard last', async () => {
  const rest = await openRest();
  await rest.run('XADD', 's', '1-0', 'a', '1');
  const listener = await Listener.open(rest, 'xread/streams/s/$');
  await rest.run('XADD', 's', '2-0', 'a', '2', 'b', 'x\ny');
  const entry = { stream: 's', id: '2-0', fields: ['a', '2', 'b', 'x\ny'] };
  assert.deepEqual(await listener.entry(), ['2-0', entry]);
  listener.hangUp();
  await untilGone(rest);
  await rest.run('XADD', 's', '3-0', 'a', '3');
  await rest.run('XADD', 's', '4-0', 'a', '4');
  const again = await Listener.open(rest, 'xread/streams/s/$', '2-0');
  assert.equal((await again.entry())[0], '3-0');
  assert.equal((await again.entry())[0], '4-0');
  again.hangUp();
  assert.equal(await again.next(), undefined);
  await untilGone(rest);
});

test('several streams have one position', async () => {
  const rest = await openRest();
  await rest.run('XADD', 'a', '1-0', 'f', 'v');
  const listener = await Listener.open(rest, 'xread/count/1/streams/a/b/0/$');
  assert.equal((await listener.entry())[0], '1-0,0-0');
  await rest.post('multi-exec', [['XADD', 'b', '7-0', 'f', 'v'], ['XADD', 'b', '8-0', 'f', 'v']]);
  assert.equal((await listener.entry())[0], '1-0,7-0');
  assert.equal((await listener.entry())[0], '1-0,8-0');
  listener.hangUp();
  const again = await Listener.open(rest, 'xread/streams/a/b/0/$', '0,7-0');
  const events = [await again.entry(), await again.entry()].map(([id]) => id);
  assert.deepEqual(events, ['1-0,7-0', '1-0,8-0']);
  again.hangUp();
});

test('a consumer that lost its connection is delivered what it has not heard', async () => {
  const rest = await openRest();
  await rest.run('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
  const path = 'xreadgroup/group/g/c/streams/s/';
  const listener = await Listener.open(rest, `${path}>`);
  for (const id of ['1-0', '2-0', '3-0']) await rest.run('XADD', 's', id, 'a', 'b');
  assert.deepEqual(await listener.entry(), ['1-0', { stream: 's', id: '1-0', fields: ['a', 'b'] }]);
  await setImmediate(); // What else was delivered is on its way, and never arrives.
  listener.hangUp();
  await untilGone(rest);
  assert.deepEqual(await rest.run('XACK', 's', 'g', '1-0'), { result: 1 });
  const again = await Listener.open(rest, `${path}>`, '1-0');
  assert.equal((await again.entry())[0], '2-0');
  assert.equal((await again.entry())[0], '3-0');
  await rest.run('XADD', 's', '4-0', 'a', 'b');
  assert.equal((await again.entry())[0], '4-0');
  again.hangUp();
  // A new process that has heard nothing begins with what is pending, then with what is new.
  const fresh = await Listener.open(rest, `${path}0`);
  for (const id of ['2-0', '3-0', '4-0']) assert.equal((await fresh.entry())[0], id);
  await rest.run('XADD', 's', '5-0', 'a', 'b');
  assert.equal((await fresh.entry())[0], '5-0');
  await rest.run('XGROUP', 'DESTROY', 's', 'g');
  const failed = await fresh.next();
  assert.equal(failed?.event, 'failed');
  assert.match(failed?.data ?? '', /NOGROUP/);
  assert.equal(await fresh.next(), undefined);
  await untilGone(rest);
});

test('claimed entries say how long and how often they were delivered', async () => {
  const rest = await openRest();
  await rest.run('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
  await rest.run('XADD', 's', '1-0', 'a', 'b');
  await rest.run('XREADGROUP', 'GROUP', 'g', 'other', 'STREAMS', 's', '>');
  const listener = await Listener.open(rest, 'xreadgroup/group/g/c/claim/0/streams/s/>');
  const [, entry] = await listener.entry();
  assert.deepEqual(Object.keys(entry as object), ['stream', 'id', 'fields', 'idle', 'deliveries']);
  assert.equal((entry as { deliveries: number }).deliveries, 1);
  listener.hangUp();
});

test('messages of channels and patterns', async () => {
  const rest = await openRest();
  const channels = await Listener.open(rest, 'subscribe/news/100%');
  assert.equal((await channels.next())?.data, 'subscribe,news,1');
  assert.equal((await channels.next())?.data, 'subscribe,100%,2');
  const patterns = await Listener.open(rest, 'psubscribe/n*');
  assert.equal((await patterns.next())?.data, 'psubscribe,n*,1');
  assert.deepEqual(await rest.run('PUBLISH', 'news', 'a, b\nc'), { result: 2 });
  assert.equal((await channels.next())?.data, 'message,news,a, b\nc');
  assert.equal((await patterns.next())?.data, 'pmessage,n*,news,a, b\nc');
  patterns.hangUp();
  await rest.database.close();
});

test('a subscriber that does not read is cut off', async () => {
  const rest = await openRest({ limits: { unreadBytes: 1000 } });
  const listener = await Listener.open(rest, 'subscribe/news');
  assert.equal((await listener.next())?.data, 'subscribe,news,1');
  for (let i = 0; i < 50; i++) await rest.run('PUBLISH', 'news', 'x'.repeat(100));
  let last: Told | undefined;
  for (let told = await listener.next(); told; told = await listener.next()) last = told;
  assert.equal(last?.event, 'failed');
  await untilGone(rest);
});

test('a silent stream says that it is there, and ends with its database', async () => {
  const rest = await openRest({ limits: { silenceMs: 5 } });
  const listener = await Listener.open(rest, 'subscribe/news');
  await listener.next();
  const next = listener.next();
  while (listener.comments < 4) await setImmediate();
  await rest.database.close();
  assert.equal((await next)?.event, 'failed');
  assert.equal(await listener.next(), undefined);
});

test('what cannot be streamed is answered at once', async () => {
  const rest = await openRest({ limits: { waiting: 1 } });
  await rest.run('SET', 'k', 'v');
  const refused: Array<[string, string | undefined, RegExp]> = [
    ['xreadgroup/group/g/c/streams/s/>', undefined, /NOGROUP/],
    ['xread/streams/k/0', undefined, /WRONGTYPE/],
    ['xread/streams/s', undefined, /wrong number of arguments|Unbalanced/],
    ['xread/streams/s/+', undefined, /'\+' does not go with events/],
    ['xread/streams/s/$', '1-0,2-0', /Last-Event-ID/],
    ['xread/streams/s/$', 'x', /Last-Event-ID/],
    ['subscribe', undefined, /wrong number of arguments/],
  ];
  for (const [path, last, error] of refused) {
    const headers = { accept: 'text/event-stream', ...(last ? { 'last-event-id': last } : {}) };
    const { status, body } = await rest.ask(path, { headers });
    assert.equal(status, 400, path);
    assert.match(JSON.stringify(body), error);
  }
  const headers = { accept: 'text/event-stream', authorization: `Bearer ${READ_ONLY}` };
  const group = await rest.ask('xreadgroup/group/g/c/streams/s/>', { headers });
  assert.match(JSON.stringify(group.body), /NOPERM/);
  assert.deepEqual((await rest.ask('get/k', { headers })).body, { result: 'v' });
  // A caller's BLOCK does not hold the stream up, and there is one at a time here.
  const one = await Listener.open(rest, 'xread/block/0/streams/s/$');
  const second = await rest.ask('xread/streams/s/$', { headers });
  assert.equal(second.status, 503);
  one.hangUp();
  await untilGone(rest);
});
