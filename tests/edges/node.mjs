/**
 * The Wasm build in Node, as an edge for `cargo xtask test edges`: lines come in, each has one
 * line out; `tests/notation/src/edge.rs` describes them. `node node.mjs resp` gives every client a
 * session of RESP bytes, `node node.mjs packed` one of packed calls, as the typed client has.
 * With `durable` behind it, replies wait until a journal has what they tell of.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { FRAME_PENDING, PACKED_SESSION, READY, RESP_SESSION } from '../../www/package/dist/engine/glue.js';
import { EngineHost } from '../../www/package/dist/engine/host.js';
import { instantiateSync } from '../../www/package/dist/engine/instance.js';
import { decodeWire } from '../../www/package/dist/engine/packed.js';
import { encodeCommand } from '../../www/package/dist/resp/encode.js';
import { MemoryStore } from '../../www/package/dist/storage/memory.js';
import { openJournal } from '../../www/package/dist/storage/open.js';
import { turn } from '../../www/package/dist/storage/turn.js';

const packed = process.argv[2] === 'packed';
const durable = process.argv[3] === 'durable';
const file = new URL('../../www/package/dist/generated/core_bg.wasm', import.meta.url);
const instance = instantiateSync(new WebAssembly.Module(readFileSync(file)));

/** A clock that stands still until it is set; timers fire once it has passed them. */
class SteppedClock {
  #now = 0;
  #timers = new Set();

  now() {
    return this.#now;
  }

  setTimer(at, fire) {
    const timer = { at, fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  set(now) {
    this.#now = now;
    for (const timer of [...this.#timers]) {
      if (timer.at <= now && this.#timers.delete(timer)) timer.fire();
    }
  }
}

/** A client: one session, and what it was told. */
class Client {
  closed = false;
  #heard = [];
  #waiting = 0;

  constructor(host) {
    this.host = host;
    this.session = host.open(packed ? PACKED_SESSION : RESP_SESSION, this);
  }

  command(words) {
    if (!packed) return this.send(encodeCommand(words));
    if (this.host.call(this.session, words) !== READY) return this.wait(1);
    this.take(this.host.output);
    this.host.finish(this.session);
    this.settle();
  }

  send(bytes) {
    this.host.exchange(this.session, bytes);
  }

  take(output) {
    if (!packed) this.#heard.push(output.copyBytes());
    else if (output.wordCount > 0) this.#heard.push(...encodeReply(decodeWire(output)));
    this.closed ||= output.closes;
  }

  /** Tells the host of a call that waits (1), or that none does any more (0). */
  wait(waiting) {
    const change = waiting - this.#waiting;
    this.#waiting = waiting;
    if (change !== 0) this.host.waiting(change);
  }

  settle() {
    this.wait(0);
    if (this.closed) this.host.close(this.session);
  }

  fail() {
    this.closed = true;
  }

  heard() {
    return Buffer.concat(this.#heard.splice(0));
  }
}

/** The pieces of a decoded reply as RESP3 bytes. */
function encodeReply(reply) {
  const line = (text) => Buffer.from(`${text}\r\n`);
  const string = (kind, bytes) => [line(kind + bytes.length), bytes, line('')];
  switch (reply.kind) {
    case 'null':
      return [line('_')];
    case 'status':
      return [line(`+${reply.text}`)];
    case 'error':
      return [line(`-${reply.text}`)];
    case 'integer':
      return [line(`:${reply.value}`)];
    case 'bulk':
      return string('$', reply.bytes);
    case 'verbatim':
      return string('=', Buffer.concat([Buffer.from('txt:'), reply.bytes]));
    case 'map':
      return [line(`%${reply.pairs.length}`), ...reply.pairs.flat().flatMap(encodeReply)];
    default: {
      const kind = { array: '*', set: '~', push: '>' }[reply.kind];
      return [line(kind + reply.items.length), ...reply.items.flatMap(encodeReply)];
    }
  }
}

const unhex = (text) => new Uint8Array(text === '-' ? 0 : Buffer.from(text, 'hex'));
const hex = (bytes) => (bytes.length === 0 ? '-' : bytes.toString('hex'));

let clock = new SteppedClock();
let host;
const clients = new Map();

const verbs = {
  async reset(now) {
    host?.dispose();
    clients.clear();
    clock = new SteppedClock();
    clock.set(Number(now));
    host = new EngineHost(instance, clock, { enableDebugCommand: 'yes' });
    if (durable) await openJournal(host, new MemoryStore(), 'always');
  },
  open(name, protocol) {
    const client = new Client(host);
    clients.set(name, client);
    if (!packed && protocol === '3') {
      client.command(['HELLO', '3']);
      client.heard();
    }
    return String(client.session);
  },
  command: (name, ...words) => clients.get(name).command(words.map(unhex)),
  send: (name, bytes) => clients.get(name).send(unhex(bytes)),
  leave(name) {
    clients.get(name).wait(0);
    host.close(clients.get(name).session);
  },
  clock: (now) => clock.set(Number(now)),
  heard(name) {
    const client = clients.get(name);
    return hex(client.heard()) + (client.closed ? ' closed' : '');
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ...words] = line.split(' ');
  let answer;
  try {
    answer = `ok ${(await verbs[verb](...words)) ?? ''}`;
    while (durable && host.use((engine) => engine.pending()) & FRAME_PENDING) await turn();
  } catch (error) {
    answer = `error ${String(error?.stack ?? error).replaceAll('\n', ' | ')}`;
  }
  process.stdout.write(`${answer}\n`);
}
