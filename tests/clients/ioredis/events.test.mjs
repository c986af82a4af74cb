/** ioredis and channels: messages, patterns, and the events of a stream's key. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useServer } from '../support/server.mjs';
import { until } from '../support/until.mjs';
import { useClients } from './clients.mjs';

const server = useServer();

for (const protocol of [3, 2]) {
  describe(`ioredis, RESP${protocol}`, () => {
    const { open } = useClients(server, protocol);

    test('messages come by channel and by pattern, and end with the subscription', async () => {
      const [client, subscriber] = [await open(), await open()];
      const heard = [];
      subscriber.on('message', (channel, message) => heard.push([channel, message]));
      subscriber.on('pmessage', (...words) => heard.push(words));
      assert.equal(await subscriber.subscribe('news', 'other'), 2);
      assert.equal(await subscriber.psubscribe('n*'), 3);
      assert.equal(await client.publish('news', 'hello'), 2);
      await until('both ways brought it', () => heard.length === 2);
      assert.deepEqual(heard, [['news', 'hello'], ['n*', 'news', 'hello']]);
      assert.deepEqual(await client.pubsub('NUMSUB', 'news', 'none'), ['news', 1, 'none', 0]);
      assert.equal(await subscriber.unsubscribe('news'), 2);
      assert.equal(await subscriber.punsubscribe('n*'), 1);
      assert.equal(await client.publish('news', 'nobody'), 0);
      subscriber.disconnect();
      await until('it is forgotten', async () => (await client.pubsub('CHANNELS')).length === 0);
    });

    test('events of a stream are heard, from its first entry to the end of its key', async () => {
      const [client, subscriber] = [await open(), await open()];
      await client.config('SET', 'notify-keyspace-events', 'KEA');
      const heard = [];
      subscriber.on('message', (_, event) => heard.push(event));
      await subscriber.subscribe('__keyspace@0__:s');
      await client.xadd('s', '1-1', 'n', 1);
      await client.xgroup('CREATE', 's', 'g', 0);
      await client.xreadgroup('GROUP', 'g', 'alice', 'STREAMS', 's', '>');
      await client.xtrim('s', 'MAXLEN', 0);
      await client.pexpire('s', 20);
      const events = ['xadd', 'xgroup-create', 'xgroup-createconsumer', 'xtrim', 'expire'];
      await until('the key has expired', () => heard.includes('expired'));
      assert.deepEqual(heard, [...events, 'expired']);
    });
  });
}
