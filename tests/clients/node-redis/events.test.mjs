/** node-redis and channels: messages, patterns, and the events of a stream's key. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useServer } from '../support/server.mjs';
import { until } from '../support/until.mjs';
import { useClients } from './clients.mjs';

const server = useServer();

for (const RESP of [3, 2]) {
  describe(`node-redis, RESP${RESP}`, () => {
    const open = useClients(server, RESP);

    test('messages come by channel and by pattern, and end with the subscription', async () => {
      const [client, subscriber] = [await open(), await open()];
      const heard = [];
      await subscriber.subscribe(['news', 'other'], (...words) => heard.push(words));
      await subscriber.pSubscribe('n*', (...words) => heard.push(words));
      await subscriber.sSubscribe('news', (...words) => heard.push(words));
      assert.equal(await client.publish('news', 'hello'), 2);
      assert.equal(await client.sPublish('news', 'shard'), 1);
      await until('all ways brought it', () => heard.length === 3);
      assert.deepEqual(heard, [['hello', 'news'], ['hello', 'news'], ['shard', 'news']]);
      assert.deepEqual({ ...(await client.pubSubNumSub(['news', 'no'])) }, { news: 1, no: 0 });
      await subscriber.unsubscribe();
      await subscriber.pUnsubscribe('n*');
      await subscriber.sUnsubscribe();
      assert.equal(await client.publish('news', 'nobody'), 0);
      assert.equal(await subscriber.xLen('s'), 0, 'it is a client like others again');
    });

    test('events of a stream are heard, from its first entry to the end of its key', async () => {
      const [client, subscriber] = [await open(), await open()];
      await client.configSet('notify-keyspace-events', 'KEA');
      const heard = [];
      await subscriber.pSubscribe('__keyevent@0__:*', (key, channel) => {
        heard.push([channel.split(':')[1], key]);
      });
      await client.xAdd('s', '1-1', { n: '1' });
      await client.xGroupCreate('s', 'g', '0');
      await client.multi().xDel('s', '1-1').xGroupDestroy('s', 'g').exec();
      await client.pExpire('s', 20);
      await until('the key has expired', () => heard.length === 6);
      const events = ['xadd', 'xgroup-create', 'xdel', 'xgroup-destroy', 'expire', 'expired'];
      assert.deepEqual(heard, events.map((event) => [event, 's']));
    });

    test('a subscriber that vanishes is forgotten', async () => {
      const [client, subscriber] = [await open(), await open()];
      await subscriber.subscribe('gone', () => undefined);
      subscriber.destroy();
      await until('nobody listens', async () => (await client.publish('gone', 'x')) === 0);
    });
  });
}
