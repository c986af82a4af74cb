/**
 * The component in Node as a contender of `cargo xtask bench doors`: `typed` calls its functions,
 * `raw` exchanges RESP. Reads requests, a line each, as `benches/engine` does, and knows those of
 * doors; streams, commands and IDs are those of `benches/engine/workload.rs`.
 */
import { createInterface } from 'node:readline';
import { compile, Host } from '../node/host.mjs';

const FIRST = 1_700_000_000_000;
const A_MILLISECOND = 100;
const VALUE = '0123456789abcdef';
/** How many commands of a preparation are sent at once. */
const BATCH = 500;

const typed = process.argv[2] === 'typed';
const component = await compile();
const bytes = (text) => new TextEncoder().encode(text);
const [s, r, g, c] = ['s', 'r', 'g', 'c'].map(bytes);

const id = (index) => `${FIRST + Math.floor(index / A_MILLISECOND)}-${index % A_MILLISECOND}`;
const adds = (key, count) =>
  Array.from({ length: count }, (_, index) => `XADD ${key} ${id(index)} f ${VALUE}`);

/** A command line as RESP. */
function resp(line) {
  const words = line.split(' ');
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

/** A database with a session for its raw form. */
class Door {
  constructor(entries) {
    this.host = new Host(component);
    this.host.clock = BigInt(FIRST + 1_000_000_000);
    this.db = this.host.open('bench', false);
    this.session = this.host.raw.Session.open(this.db);
    this.run(adds('s', entries));
  }

  run(lines) {
    for (let at = 0; at < lines.length; at += BATCH) {
      this.exchange(bytes(lines.slice(at, at + BATCH).map(resp).join('')));
    }
  }

  exchange(request) {
    const reply = this.session.exchange(request);
    if (reply[0] === 0x2d) throw new Error(String.fromCharCode(...reply));
    return reply;
  }

  /** Nanoseconds an operation. What a call is given is made before the clock starts. */
  sample(name, size, times) {
    if (name === 'deliver') {
      this.run(['DEL r', ...adds('r', times * size), 'XGROUP CREATE r g 0']);
    }
    const operation = typed ? this.typed(name, size) : this.raw(name, size);
    const begun = process.hrtime.bigint();
    for (let time = 0; time < times; time += 1) operation();
    return Number(process.hrtime.bigint() - begun) / times;
  }

  raw(name, size) {
    const line = {
      xadd: `XADD s * f ${VALUE}`,
      deliver: `XREADGROUP GROUP g c COUNT ${size} STREAMS r >`,
    }[name];
    const request = bytes(resp(line));
    return () => this.exchange(request);
  }

  typed(name, size) {
    const { host, db } = this;
    const [auto, fields] = [{ tag: 'auto' }, [{ name: bytes('f'), value: bytes(VALUE) }]];
    const [sources, limits] = [[[r, { tag: 'undelivered' }]], { count: BigInt(size) }];
    return {
      xadd: () => host.streams.add(db, s, auto, fields, { noCreate: false }),
      deliver: () => {
        const found = host.groups.read(db, g, c, sources, limits, { noAck: false });
        if (found.val[0].entries.length !== size) throw new Error('no entries');
      },
    }[name];
  }
}

let door;
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...words] = line.split(' ');
  const [size, times] = words.map(Number);
  if (name === 'fill') {
    door = new Door(size);
    console.log('0 0');
  } else {
    console.log(door.sample(name, size, times));
  }
}
