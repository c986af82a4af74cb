/** Channels, and what happens to keys: who hears what, and when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, isSettled, openDatabase } from './support.js';

/** Lets everything that is ready run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('listeners hear what is published on their channels', async () => {
  const { client, database } = await openDatabase();
  const subscriber = client.duplicate();
  const heard: string[] = [];
  await subscriber.subscribe(['a', 'b'], (message, channel) => heard.push(`${channel} ${message}`));
  await subscriber.pSubscribe('a*', (message, channel) => heard.push(`a* ${channel} ${message}`));
  await subscriber.sSubscribe('a', (message, channel) => heard.push(`shard ${channel} ${message}`));
  assert.equal(await client.publish('a', '1'), 2);
  assert.equal(await client.publish('b', '2'), 1);
  assert.equal(await client.publish('ab', '3'), 1);
  assert.equal(await client.publish('c', '4'), 0);
  assert.equal(await client.sPublish('a', '5'), 1);
  await turn();
  assert.deepEqual(heard, ['a 1', 'a* a 1', 'b 2', 'a* ab 3', 'shard a 5']);
  assert.deepEqual(await client.pubSubChannels(), ['a', 'b']);
  assert.deepEqual(await client.pubSubChannels('b*'), ['b']);
  assert.deepEqual({ ...(await client.pubSubNumSub(['a', 'c'])) }, { a: 1, c: 0 });
  assert.equal(await client.pubSubNumPat(), 1);
  database.close();
});

test('a listener goes alone, with its channel, or with all', async () => {
  const { client, database } = await openDatabase();
  const subscriber = client.duplicate();
  const heard: string[] = [];
  const one = (message: string): number => heard.push(`one ${message}`);
  const two = (message: string): number => heard.push(`two ${message}`);
  await subscriber.subscribe('c', one);
  await subscriber.subscribe('c', one);
  await subscriber.subscribe('c', two);
  await client.publish('c', '1');
  await turn();
  await subscriber.unsubscribe('c', one);
  await client.publish('c', '2');
  await turn();
  await subscriber.unsubscribe('c');
  assert.equal(await client.publish('c', '3'), 0);
  await subscriber.subscribe(['c', 'd'], one);
  await subscriber.unsubscribe();
  assert.equal(await client.publish('d', '4'), 0);
  assert.deepEqual(heard, ['one 1', 'two 1', 'two 2']);
  database.close();
});

test('bytes stay bytes, in channels too', async () => {
  const { client, database } = await openDatabase();
  const channel = new Uint8Array([0xff, 0]);
  const heard: Uint8Array[][] = [];
  await client.subscribe(channel, (message, name) => heard.push([name, message]), true);
  await client.publish(new Uint8Array([0xfe, 0]), bytes('no'));
  await client.publish(channel, new Uint8Array([0x80]));
  await turn();
  assert.deepEqual(heard, [[channel, new Uint8Array([0x80])]]);
  database.close();
});

test('commands of a subscriber go on, and it hears what it publishes itself', async () => {
  const { client, database } = await openDatabase();
  const heard: string[] = [];
  await client.subscribe('c', (message) => heard.push(message));
  assert.equal(await client.publish('c', '1'), 1);
  await turn();
  assert.deepEqual(heard, ['1']);
  assert.equal(await client.ping(), 'PONG');
  const replies = await client.multi().publish('c', '2').set('k', 'v').exec();
  assert.deepEqual(replies, [1, 'OK']);
  await turn();
  assert.deepEqual(heard, ['1', '2']);
  database.close();
});

test('a message does not answer a read that waits', async () => {
  const { client, database } = await openDatabase();
  const reader = client.duplicate();
  const heard: string[] = [];
  await reader.subscribe('c', (message) => heard.push(message));
  const read = reader.xRead({ key: 's', id: '$' }, { BLOCK: 0 });
  await client.publish('c', 'hello');
  assert.equal(await isSettled(read), false);
  assert.deepEqual(heard, ['hello']);
  await client.multi().publish('c', 'again').xAdd('s', '1-1', { f: 'v' }).exec();
  assert.equal((await read)?.[0]?.messages[0]?.id, '1-1');
  await turn();
  assert.deepEqual(heard, ['hello', 'again']);
  database.close();
});

test('events of keys: of a stream, of a group, and of a key whose time has come', async () => {
  const { clock, client, database } = await openDatabase();
  await client.configSet('notify-keyspace-events', 'KEA');
  const heard: string[] = [];
  const subscriber = client.duplicate();
  await subscriber.pSubscribe('__keyevent@0__:*', (key, channel) => {
    heard.push(`${channel.split(':')[1]} ${key}`);
  });
  await client.xAdd('s', '1-1', { f: 'v' });
  await client.xGroupCreate('s', 'g', '0');
  await client.xReadGroup('g', 'alice', { key: 's', id: '>' });
  await client.set('k', 'v', { expiration: { type: 'PX', value: 100 } });
  clock.advance(101);
  await turn();
  const events = ['xadd s', 'xgroup-create s', 'xgroup-createconsumer s', 'set k', 'expire k'];
  assert.deepEqual(heard, [...events, 'expired k']);
  database.close();
});

test('a listener that throws stops nobody else', async () => {
  const { client, database } = await openDatabase();
  const errors: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.once('uncaughtException', (error) => errors.push(error));
  const heard: string[] = [];
  await client.subscribe('c', () => {
    throw new Error('of a listener');
  });
  const other = client.duplicate();
  await other.subscribe('c', (message) => heard.push(message));
  assert.equal(await client.publish('c', 'x'), 2);
  await turn();
  for (const listener of listeners) process.on('uncaughtException', listener);
  assert.deepEqual(heard, ['x']);
  assert.equal(errors.length, 1);
  database.close();
});

test('a subscriber that closes leaves nothing behind', async () => {
  const { client, database } = await openDatabase();
  const subscriber = client.duplicate();
  await subscriber.subscribe('c', () => undefined);
  await subscriber.close();
  assert.equal(await client.publish('c', 'x'), 0);
  assert.deepEqual(await client.pubSubChannels(), []);
  await assert.rejects(subscriber.subscribe('c', () => undefined), { name: 'ConnectionClosedError' });
  database.close();
});
