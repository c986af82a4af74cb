/** A Worker without an engine that calls a StreamsObject: `/<name>` runs one of these. */
import { clientOf } from '../../../www/package/dist/cloudflare/client.js';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What an error says, for the test to see. */
const told = ({ name, code, message }) => ({ name, code, message });
const refused = (promise) => promise.then(() => 'was not refused', told);

const scenarios = {
  /** One command, as it is given. */
  command: ({ client, body }) => client.sendCommand(body),

  async typed({ client }) {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const text = new TextEncoder().encode('abc');
    await client.xGroupCreate('s', 'g', '$', { MKSTREAM: true });
    const id = await client.xAdd('s', '1-1', { part: text.subarray(1), n: 1 });
    await client.set('binary', bytes.subarray(1, 255));
    const read = await client.xReadGroup('g', 'c', { key: 's', id: '>' }, { COUNT: 10 });
    return {
      id,
      read,
      isWhole: (await client.withBuffers().get('binary')).every((byte, i) => byte === i + 1),
      length: await client.xLen('s'),
      pending: await client.xPending('s', 'g'),
      acknowledged: await client.xAck('s', 'g', id),
      nothing: await client.get('nothing'),
      large: String(await client.sendCommand(['INCRBY', 'n', '9007199254740993'])),
      wrongType: await refused(client.xAdd('binary', '*', { a: '1' })),
      noGroup: await refused(client.xReadGroup('none', 'c', { key: 's', id: '>' })),
      unsendable: await refused(client.sendCommand(['GET', null])),
    };
  },

  async transactions({ client, counts }) {
    const before = counts.runCommands;
    const replies = await client.multi().xAdd('t', '1-1', { a: '1' }).xLen('t').exec();
    const calls = counts.runCommands - before;
    const failed = client.multi().set('x', '1').xLen('x').get('x').exec();
    const pipeline = await client.multi().get('x').xLen('t').execAsPipeline();
    return {
      replies,
      calls,
      failed: await failed.then(String, ({ name, replies }) => [name, replies.map(String)]),
      pipeline,
      multi: await refused(client.sendCommand(['MULTI'])),
      exec: await refused(client.sendCommand(['EXEC'])),
      watch: await refused(client.watch('x')),
      subscribe: await refused(client.subscribe('x', () => undefined)),
      quit: await refused(client.sendCommand(['QUIT'])),
    };
  },

  async calls({ client, counts }) {
    const before = counts.runCommands;
    await Promise.all(Array.from({ length: 100 }, (_, i) => client.set(`k${i}`, `${i}`)));
    const together = counts.runCommands - before;
    const answers = [client.select(1), client.get('k1'), client.set('k1', 'one')];
    return {
      together,
      answers: (await Promise.all(answers)).map((it) => it ?? null),
      there: await client.get('k1'),
      elsewhere: await client.duplicate().get('k1'),
      noDatabase: await refused(client.select(99)),
      still: await client.get('k1'),
    };
  },

  async wait({ client, body: [consumer, block] }) {
    await client.xGroupCreate('w', 'g', '$', { MKSTREAM: true }).catch(() => undefined);
    const begun = Date.now();
    const read = client.xReadGroup('g', consumer, { key: 'w', id: '>' }, { BLOCK: block });
    const behind = client.ping();
    const first = await Promise.race([read.then(() => 'read'), behind]);
    return { read: await read, first, ms: Date.now() - begun };
  },

  async abort({ client }) {
    await client.xGroupCreate('a', 'g', '$', { MKSTREAM: true });
    const controller = new AbortController();
    const reading = client.withAbortSignal(controller.signal);
    const group = ['g', 'c', { key: 'a', id: '>' }, { BLOCK: 0 }];
    const read = refused(reading.xReadGroup(...group));
    const queued = refused(reading.ping());
    const other = client.duplicate();
    while (!/blocked_clients:1/.test(await other.info('clients'))) await pause(5);
    controller.abort();
    const aborted = [await read, await queued];
    const closing = refused(client.xReadGroup(...group));
    while (!/blocked_clients:1/.test(await other.info('clients'))) await pause(5);
    await client.close();
    while (!/blocked_clients:0/.test(await other.info('clients'))) await pause(5);
    await other.xAdd('a', '*', { a: '1' });
    const { pending } = await other.xPending('a', 'g');
    return { aborted, closed: await closing, later: await refused(client.ping()), pending };
  },

  /** What is no business of other Workers. */
  async inside({ stub }) {
    const names = ['options', 'config', 'database', 'wakeBy'];
    return Promise.all(names.map((name) => refused(stub[name]())));
  },

  /** Its request is over while the read waits. */
  async leave({ client }) {
    await client.xGroupCreate('l', 'g', '$', { MKSTREAM: true });
    void client.xReadGroup('g', 'c', { key: 'l', id: '>' }, { BLOCK: 0 }).catch(() => undefined);
    const other = client.duplicate();
    while (!/blocked_clients:1/.test(await other.info('clients'))) await pause(5);
    return 'left';
  },

  async worker({ client, body: consumer }) {
    const done = [];
    for (let idle = 0; idle < 3; ) {
      const read = await client.xReadGroup('g', consumer, { key: 'jobs', id: '>' }, { COUNT: 1 });
      if (read === null) idle += 1;
      for (const { id } of read?.[0].messages ?? []) {
        if (await client.xAck('jobs', 'g', id)) done.push(id);
      }
    }
    return done;
  },

  async destroy({ stub, client }) {
    await client.xAdd('d', '1-1', { a: '1' });
    await stub.destroy();
    return {
      failed: await refused(client.xAdd('d', '1-2', { a: '1' })),
      again: await client.xAdd('d', '1-3', { a: '1' }),
      ids: (await client.xRange('d', '-', '+')).map(({ id }) => id),
    };
  },

  async reset({ stub, client, another }) {
    const read = refused(client.xRead({ key: 'none', id: '$' }, { BLOCK: 0 }));
    await pause(50);
    await stub.reset().catch(() => undefined);
    return { read: await read, same: await refused(client.ping()), again: await another().ping() };
  },

  resetInTurn: ({ stub }) => refused(stub.resetInTurn()),
};

export default {
  async fetch(request, env) {
    const { hostname, pathname } = new URL(request.url);
    const stub = env.SERVICE ?? env.STREAMS.getByName(hostname);
    const counts = { runCommands: 0 };
    const counted = {
      runCommands(commands) {
        counts.runCommands += 1;
        return stub.runCommands(commands);
      },
      beginRead: (commands) => stub.beginRead(commands),
    };
    const body = await request.json();
    const result = await scenarios[pathname.slice(1)]({
      stub: env.STREAMS.getByName(hostname),
      client: clientOf(counted),
      another: () => clientOf(env.STREAMS.getByName(hostname)),
      counts,
      body,
    });
    return Response.json({ result: result ?? null });
  },
};
