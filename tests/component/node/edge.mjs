/**
 * The component in Node, as an edge for `cargo xtask replay`: lines come in, each has one line out;
 * `tests/notation/src/edge.rs` describes them. Every client has a raw session.
 */
import { createInterface } from 'node:readline';
import { compile, Host } from './host.mjs';
import { camel, json, value } from './values.mjs';

const host = new Host(await compile());
const clients = new Map();
const reads = new Map();
let database;

/** A client: its session, and what it was told. */
class Client {
  closed = false;
  #heard = [];

  constructor() {
    this.session = host.raw.Session.open(database);
    this.id = this.session.id();
  }

  send(bytes) {
    try {
      this.#heard.push(Buffer.from(this.session.exchange(bytes)));
    } catch (error) {
      if (error.payload?.tag !== 'closed') throw error;
    }
    this.closed = this.session.closed();
  }

  heard() {
    return Buffer.concat(this.#heard.splice(0));
  }

  leave() {
    this.session[Symbol.dispose]();
  }
}

/** Whoever was told of is asked. */
function drain() {
  for (const id of host.takeReady()) {
    for (const client of clients.values()) if (client.id === id) client.send(Buffer.alloc(0));
  }
}

function leave(name) {
  clients.get(name)?.leave();
  clients.delete(name);
}

/** Words as Redis reads them. */
function request(words) {
  const line = (text) => Buffer.from(`${text}\r\n`);
  const bulks = words.map((word) => [line(`$${word.length}`), word, line('')]);
  return Buffer.concat([line(`*${words.length}`), ...bulks.flat()]);
}

const unhex = (text) => Buffer.from(text === '-' ? '' : text, 'hex');
const hex = (bytes) => (bytes.length === 0 ? '-' : bytes.toString('hex'));

/** The result of a typed call, or the contract's `error`. */
function result(call) {
  try {
    return { ok: call() ?? null };
  } catch (error) {
    if (error.payload === undefined) throw error;
    return { err: json(error.payload) };
  }
}

const verbs = {
  reset(now) {
    for (const read of reads.values()) read[Symbol.dispose]();
    reads.clear();
    for (const name of [...clients.keys()]) leave(name);
    database?.[Symbol.dispose]();
    host.clock = BigInt(now);
    database = host.open('replay', false);
  },
  open(name, protocol) {
    leave(name);
    const client = new Client();
    clients.set(name, client);
    if (protocol === '3') {
      client.send(Buffer.from('HELLO 3\r\n'));
      client.heard();
    }
    return client.id;
  },
  command: (name, ...words) => verbs.send(name, hex(request(words.map(unhex)))),
  send(name, bytes) {
    clients.get(name).send(unhex(bytes));
    drain();
  },
  leave,
  clock(now) {
    host.pass(database, BigInt(now));
    drain();
  },
  heard(name) {
    const client = clients.get(name);
    if (client === undefined) return '-';
    return hex(client.heard()) + (client.closed ? ' closed' : '');
  },
  call(name, text) {
    const [face, method] = name.split('.').map(camel);
    const told = result(() => {
      const found = host[face][method](database, ...value(JSON.parse(text)));
      if (found?.tag !== 'pending') return json(found);
      const id = String(found.val.id());
      reads.set(id, found.val);
      return { tag: '=pending', val: `n${id}` };
    });
    drain();
    return JSON.stringify(told);
  },
  take(id) {
    const taken = reads.get(id).take();
    if (taken !== undefined) verbs.end(id);
    return taken === undefined ? 'null' : JSON.stringify({ [taken.tag]: json(taken.val) });
  },
  end(id) {
    reads.get(id)[Symbol.dispose]();
    reads.delete(id);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ...words] = line.split(' ');
  let answer;
  try {
    answer = `ok ${verbs[verb](...words) ?? ''}`;
  } catch (error) {
    answer = `error ${String(error?.stack ?? error).replaceAll('\n', ' | ')}`;
  }
  process.stdout.write(`${answer}\n`);
}
