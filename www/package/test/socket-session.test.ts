/** Sessions behind sockets of a Durable Object: what is left of them when it was evicted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Memory } from '#dist/cloudflare/memory.js';
import { waitOf, withTimeLeft } from '#dist/cloudflare/read.js';
import { keepWith, type BlockedRead } from '#dist/cloudflare/socket.js';
import { Sockets, TAG } from '#dist/cloudflare/sockets.js';
import type { ObjectSocket, ObjectState } from '#dist/cloudflare/state.js';
import { plainReply } from '#dist/reply.js';
import { RespDecoder } from '#dist/resp/decode.js';
import { encodeCommand, joined } from '#dist/resp/encode.js';
import { settingsOf } from '#dist/rest/options.js';
import { MemoryStore } from '#dist/storage/memory.js';
import { Brooklet, type CommandArguments, type Database, type Reply } from 'brooklet';

const MOST_BYTES = 16_384;

/** A socket, of which the client's side is here too. */
class TestSocket implements ObjectSocket {
  readyState = 1;
  closed: readonly [number | undefined, string | undefined] | undefined;
  readonly #decoder = new RespDecoder();
  readonly #replies: Reply[] = [];
  #attachment: unknown;

  constructor(private readonly world: TestObject) {}

  send(message: string | ArrayBuffer | ArrayBufferView): void {
    const replies = this.#decoder.push(message as Uint8Array);
    this.#replies.push(...replies.map((reply) => plainReply(reply, false)));
  }

  close(code?: number, reason?: string): void {
    this.closed ??= [code, reason];
    this.readyState = 3;
  }

  serializeAttachment(value: unknown): void {
    if (JSON.stringify(value, asNumbers).length > MOST_BYTES * 4) throw new Error('too large');
    this.#attachment = structuredClone(value);
  }

  deserializeAttachment(): unknown {
    return structuredClone(this.#attachment);
  }

  /** Sends commands in one message; resolves when everything that can be done now is. */
  async run(...commands: CommandArguments[]): Promise<Reply[]> {
    return this.write(joined(commands.map(encodeCommand)));
  }

  async write(bytes: Uint8Array): Promise<Reply[]> {
    await this.world.sockets.message(this, bytes.slice().buffer);
    return this.take();
  }

  /** What has come meanwhile. */
  async take(): Promise<Reply[]> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return this.#replies.splice(0);
  }
}

function asNumbers(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? 'x'.repeat(value.length * 4) : value;
}

/** An object that can be evicted: nothing stays but its journal, sockets and attachments. */
class TestObject {
  database!: Database;
  sockets!: Sockets;
  waits: BlockedRead[] = [];
  readonly #store = new MemoryStore();
  readonly #all: TestSocket[] = [];

  static async open(): Promise<TestObject> {
    const world = new TestObject();
    await world.#open();
    return world;
  }

  connect(): TestSocket {
    const socket = new TestSocket(this);
    const session = new Memory().remembered;
    keepWith(socket, { role: 'all', addr: '', session, read: undefined, held: new Uint8Array() });
    this.#all.push(socket);
    return socket;
  }

  async evict(): Promise<void> {
    // Nobody is told of it.
    this.sockets = undefined as unknown as Sockets;
    this.waits = [];
    await this.#open();
  }

  /** Runs a command as another client. */
  run(...command: CommandArguments): Promise<Reply> {
    return this.database.connect().send(command);
  }

  async #open(): Promise<void> {
    this.database = await Brooklet.open('x', { storage: this.#store });
    const state = {
      getWebSockets: (tag?: string) => (tag === TAG ? this.#all : []),
    } as unknown as ObjectState;
    const settings = settingsOf({ token: 'x' });
    this.sockets = new Sockets(state, this.database, settings, (read) => this.waits.push(read));
    await this.sockets.restore();
  }
}

test('readers wait on in the order in which they came, and are woken in it', async () => {
  const world = await TestObject.open();
  await world.run('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
  const clients = Array.from({ length: 5 }, () => world.connect());
  const order = [3, 0, 4, 1, 2];
  for (const place of order) {
    const client = clients[place] as TestSocket;
    const read = ['XREADGROUP', 'GROUP', 'g', `c${place}`, 'BLOCK', 0, 'STREAMS', 's', '>'];
    assert.deepEqual(await client.run(read, ['ECHO', place]), []);
  }
  for (let round = 0; round < 3; round++) await world.evict();
  assert.equal(world.waits.length, 5);
  for (const [i, place] of order.entries()) {
    await world.run('XADD', 's', `${i + 1}-0`, 'f', 'v');
    const entries = [['s', [[`${i + 1}-0`, ['f', 'v']]]]];
    assert.deepEqual(await clients[place]?.take(), [entries, String(place)]);
  }
  // Who was answered waits for nothing after the next eviction.
  await world.evict();
  assert.equal(world.waits.length, 0);
});

test('a read whose time is over when the object comes back ends at once', async () => {
  const world = await TestObject.open();
  const waiting = world.connect();
  await waiting.run(['XREAD', 'BLOCK', 50, 'STREAMS', 's', '$']);
  const read = waiting.deserializeAttachment() as { read: BlockedRead };
  waiting.serializeAttachment({ ...read, read: { ...read.read, until: Date.now() - 1 } });
  await world.evict();
  assert.deepEqual(await waiting.take(), [null]);
});

test('the last BLOCK of a read counts, and is what is left of its time', () => {
  const read = 'XREADGROUP GROUP block claim COUNT 5 BLOCK 30 CLAIM 7 block 20 STREAMS block >';
  const words = read.split(' ');
  assert.deepEqual(waitOf(words), { block: 20, claims: true });
  const sent = (left: number): string => withTimeLeft(words, left).join(' ');
  assert.equal(sent(1.5), read.replace('BLOCK 30', 'BLOCK 2').replace('block 20', 'block 2'));
  assert.equal(sent(Infinity), read.replace('BLOCK 30', 'BLOCK 0').replace('block 20', 'block 0'));
  assert.equal(sent(0), read.replace('BLOCK 30 ', '').replace('block 20 ', ''));
  assert.equal(waitOf(['XREAD', 'STREAMS', 'block', '5']), undefined);
  assert.equal(waitOf(['XREAD', 'BLOCK', 'soon', 'STREAMS', 's', '$']), undefined);
});

test('what is pushed while a read waits does not end it', async () => {
  const world = await TestObject.open();
  const client = world.connect();
  await client.run(['HELLO', 3], ['SUBSCRIBE', 'a', 'b'], ['UNSUBSCRIBE', 'a']);
  await client.run(['SSUBSCRIBE', 'c']);
  await client.run(['XREAD', 'BLOCK', 0, 'STREAMS', 's', '$'], ['PING']);
  for (let round = 0; round < 2; round++) {
    await world.run('PUBLISH', 'a', 'not heard');
    await world.run('PUBLISH', 'b', 'heard');
    await world.run('SPUBLISH', 'c', 'too');
    const heard = [['message', 'b', 'heard'], ['smessage', 'c', 'too']];
    assert.deepEqual(await client.take(), heard);
    await world.evict();
  }
  await world.run('XADD', 's', '1-0', 'f', 'v');
  const entries = new Map([['s', [['1-0', ['f', 'v']]]]]);
  assert.deepEqual(await client.take(), [entries, 'PONG']);
});

test('a transaction goes on; what is watched is not, and the client is told', async () => {
  const world = await TestObject.open();
  const [queueing, watching, reset] = [world.connect(), world.connect(), world.connect()];
  await queueing.run(['SELECT', 3], ['MULTI'], ['SET', 'k', 1]);
  await queueing.run(['NOSUCH'], ['INCR', 'k']);
  await watching.run(['WATCH', 'k']);
  await reset.run(['HELLO', 3, 'SETNAME', 'me'], ['WATCH', 'k'], ['RESET']);
  await world.evict();
  assert.deepEqual(watching.closed, [1012, 'service restart']);
  const [aborted] = await queueing.run(['EXEC']);
  assert.match(String(aborted), /EXECABORT/);
  assert.deepEqual(await queueing.run(['MULTI'], ['INCR', 'k']), ['OK', 'QUEUED']);
  await world.evict();
  assert.deepEqual(await queueing.run(['EXEC']), [[1]]);
  assert.match(String((await queueing.run(['CLIENT', 'INFO']))[0]), / db=3 .* multi=-1 /);
  assert.match(String((await reset.run(['CLIENT', 'INFO']))[0]), / name= .* resp=2 /);
});

// A read behind EXEC in the same message was taken for one that is queued: the engine waited with it,
// and nobody did after an eviction.
test('a read that is sent behind a transaction waits on like any other', async () => {
  const world = await TestObject.open();
  const client = world.connect();
  const read: CommandArguments = ['XREAD', 'BLOCK', 0, 'STREAMS', 's', '$'];
  const replies = await client.run(['MULTI'], read, ['EXEC'], read, ['PING']);
  assert.deepEqual(replies, ['OK', 'QUEUED', [null]]);
  await world.evict();
  assert.equal(world.waits.length, 1);
  await world.run('XADD', 's', '1-0', 'f', 'v');
  assert.deepEqual(await client.take(), [[['s', [['1-0', ['f', 'v']]]]], 'PONG']);
});

test('sessions that cannot be had again are ended, and begin anew with their clients', async () => {
  const world = await TestObject.open();
  const [silent, queued, long, short] = Array.from({ length: 4 }, () => world.connect());
  assert.ok(silent && queued && long && short);
  await silent.run(['CLIENT', 'REPLY', 'OFF']);
  await queued.run(['HELLO', 3], ['MULTI'], ['SUBSCRIBE', 'a'], ['EXEC']);
  await long.write(new TextEncoder().encode(`*2\r\n$4\r\nECHO\r\n$20000\r\n${'x'.repeat(19_000)}`));
  await short.write(new TextEncoder().encode('*2\r\n$4\r\nECHO\r\n$2\r\n'));
  await world.evict();
  for (const socket of [silent, queued, long]) assert.equal(socket.closed?.[0], 1012);
  assert.equal(short.closed, undefined);
  assert.deepEqual(await short.write(new TextEncoder().encode('hi\r\n')), ['hi']);
});

test('when the database fails its sockets are closed, for their clients to begin anew', async () => {
  const world = await TestObject.open();
  const client = world.connect();
  await client.run(['XREAD', 'BLOCK', 0, 'STREAMS', 's', '$']);
  await world.database.close();
  assert.deepEqual(client.closed, [1012, 'service restart']);
});
