/**
 * Brooklet in Node as a contender of `cargo xtask bench`: `client` awaits each call of the typed
 * client, `packed` makes the same crossings without client and promises.
 *
 * Needs `--expose-gc`: what a sample's preparation leaves behind goes before its clock starts.
 * Reads requests, a line each, and answers each with a line of numbers: see `engine/workload.rs`,
 * whose streams, commands and IDs these are.
 */
import { createInterface } from 'node:readline';
import { Brooklet } from '../www/package/dist/env/node.js';
import { systemClock } from '../www/package/dist/engine/clock.js';
import { EngineHost } from '../www/package/dist/engine/host.js';
import { currentInstance } from '../www/package/dist/engine/instance.js';
import { PACKED_SESSION } from '../www/package/dist/engine/glue.js';
import { decodePlain } from '../www/package/dist/engine/packed.js';
import { ReplyError } from '../www/package/dist/errors.js';

const FIRST = 1_700_000_000_000;
const A_MILLISECOND = 100;
const DELIVERY = 1_000;
const STRIDE = 7_919;
const IDLE = 3_600_000;
const VALUE = '0123456789abcdef';

/** What runs before the first sample, so that no sample measures code that is still cold. */
const WARM_UP = { stage: { entries: 20_000, fields: 1, pending: 20_000 }, operations: 20_000 };

/** An ID as one flat string: that of a template is a chain, which its first reader would join. */
const id = (index) => {
  const text = `${FIRST + Math.floor(index / A_MILLISECOND)}-${index % A_MILLISECOND}`;
  return Buffer.from(text, 'latin1').latin1Slice();
};
const ids = (first, count) => Array.from({ length: count }, (_, at) => id(first + at));
const linearMemory = () => currentInstance().memory.buffer.byteLength;
const scattered = (index, all) => (index * STRIDE) % all;

function message(fields) {
  if (fields === 1) return { f: VALUE };
  return Object.fromEntries(Array.from({ length: fields }, (_, at) => [`f${at}`, VALUE]));
}

/** What an operation needs to be told, made before the clock starts. */
function prepare({ name, size, times, round }, stage) {
  const indexes = Array.from({ length: times }, (_, index) => index);
  switch (name) {
    case 'xadd':
      return indexes.fill({ key: size === 1 ? 's' : 'wide', message: message(size) });
    case 'deliver':
      return indexes.map(() => ({ count: size }));
    case 'read':
      return indexes.map((index) => ({ count: size, ids: ids(index * size, size) }));
    case 'xrange':
      return indexes.map((index) => ({ start: id(scattered(index, stage.entries - 100)) }));
    case 'xclaim':
      return indexes.map((index) => ({
        consumer: `d${round}`, id: id(scattered(index, stage.pending)),
      }));
    case 'xautoclaim':
      return indexes.map((index) => ({
        consumer: `e${round}`, start: id(100 * scattered(index, stage.pending / 100)),
      }));
    case 'idmp':
      return indexes.map((index) => ({ iid: size === 1 ? 'known' : `n${index}` }));
    case 'claim':
      return indexes.map(() => ({ count: size }));
    case 'xackdel':
    case 'xnack':
      return indexes.map((index) => ({ id: id(index) }));
    default:
      throw new Error(`no operation is named ${name}`);
  }
}

/** Operations through the typed client, each awaited; they resolve to how many entries it was. */
class ClientContender {
  constructor(db) {
    this.client = db.client();
    const { client } = this;
    this.operations = {
      xadd: async (it) => {
        await client.xAdd(it.key, '*', it.message);
        return 0;
      },
      deliver: async ({ count }) => {
        const [stream] = await client.xReadGroup('g', 'c', { key: 'r', id: '>' }, { COUNT: count });
        return stream.messages.length;
      },
      read: async (it) => {
        const from = { key: 'r', id: '>' };
        const [stream] = await client.xReadGroup('g', 'c', from, { COUNT: it.count });
        await client.xAck('r', 'g', stream.messages.map((entry) => entry.id));
        return stream.messages.length;
      },
      xrange: async (it) => (await client.xRange('s', it.start, '+', { COUNT: 100 })).length,
      xclaim: async (it) => (await client.xClaim('s', 'g', it.consumer, 0, it.id)).length,
      xautoclaim: async (it) => {
        const options = { COUNT: 100 };
        const reply = await client.xAutoClaim('s', 'g', it.consumer, 0, it.start, options);
        return reply.messages.length;
      },
      idmp: async ({ iid }) => {
        await client.xAdd('i', '*', { f: VALUE }, { IDMP: { pid: 'p', iid } });
        return 0;
      },
      claim: async (it) => {
        const options = { COUNT: it.count, CLAIM: IDLE };
        const [stream] = await client.xReadGroup('g', 'd', { key: 'q', id: '>' }, options);
        return stream.messages.filter(({ deliveriesCounter }) => deliveriesCounter > 0).length;
      },
      xackdel: async (it) => {
        const [deleted] = await client.xAckDel('r', 'g', it.id);
        return deleted;
      },
      xnack: (it) => client.xNack('r', 'g', 'FAIL', it.id),
    };
  }

  async time(name, tasks) {
    const operation = this.operations[name];
    gc();
    let entries = 0;
    const start = process.hrtime.bigint();
    for (const task of tasks) entries += await operation(task);
    return { nanoseconds: Number(process.hrtime.bigint() - start), entries };
  }
}

/** The same crossings as plain calls: arguments written, engine run, reply decoded. */
class PackedContender {
  constructor() {
    this.host = new EngineHost(currentInstance(), systemClock, { seed: 1 });
    const owner = { take() {}, settle() {}, fail() {} };
    this.session = this.host.open(PACKED_SESSION, owner);
    this.operations = {
      xadd: (it) => {
        this.call(it.args);
        return 0;
      },
      deliver: (it) => this.call(it.args)[0][1].length,
      read: (it) => {
        const [[, entries]] = this.call(it.args);
        this.call(it.ack);
        return entries.length;
      },
      xrange: (it) => this.call(it.args).length,
      xclaim: (it) => this.call(it.args).length,
      xautoclaim: (it) => this.call(it.args)[1].length,
      idmp: (it) => {
        this.call(it.args);
        return 0;
      },
      claim: (it) => this.call(it.args)[0][1].length,
      xackdel: (it) => this.call(it.args)[0],
      xnack: (it) => this.call(it.args),
    };
  }

  call(args) {
    this.host.call(this.session, args);
    const reply = decodePlain(this.host.output, false);
    this.host.finish(this.session);
    if (reply instanceof ReplyError) throw reply;
    return reply instanceof Map ? [...reply] : reply;
  }

  time(name, tasks) {
    const operation = this.operations[name];
    const ready = tasks.map((task) => packedTask(name, task));
    gc();
    let entries = 0;
    const start = process.hrtime.bigint();
    for (const task of ready) entries += operation(task);
    return { nanoseconds: Number(process.hrtime.bigint() - start), entries };
  }
}

function packedTask(name, it) {
  switch (name) {
    case 'xadd':
      return { args: ['XADD', it.key, '*', ...Object.entries(it.message).flat()] };
    case 'deliver':
      return { args: ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', it.count, 'STREAMS', 'r', '>'] };
    case 'read': {
      const args = ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', it.count, 'STREAMS', 'r', '>'];
      return { args, ack: ['XACK', 'r', 'g', ...it.ids] };
    }
    case 'xrange':
      return { args: ['XRANGE', 's', it.start, '+', 'COUNT', 100] };
    case 'xclaim':
      return { args: ['XCLAIM', 's', 'g', it.consumer, 0, it.id] };
    case 'idmp':
      return { args: ['XADD', 'i', 'IDMP', 'p', it.iid, '*', 'f', VALUE] };
    case 'claim': {
      const bounds = ['COUNT', it.count, 'CLAIM', IDLE];
      return { args: ['XREADGROUP', 'GROUP', 'g', 'd', ...bounds, 'STREAMS', 'q', '>'] };
    }
    case 'xackdel':
      return { args: ['XACKDEL', 'r', 'g', 'IDS', 1, it.id] };
    case 'xnack':
      return { args: ['XNACK', 'r', 'g', 'FAIL', 'IDS', 1, it.id] };
    default:
      return { args: ['XAUTOCLAIM', 's', 'g', it.consumer, 0, it.start, 'COUNT', 100] };
  }
}

/** A database with its stage, and the contender that works on it. */
class Bench {
  constructor(kind, stage) {
    this.kind = kind;
    this.stage = stage;
  }

  /** Sets the stage; resolves to bytes of linear memory an entry and a pending entry. */
  async fill() {
    const { entries, fields, pending } = this.stage;
    this.db = await Brooklet.create({ seed: 1 });
    this.contender = this.kind === 'packed' ? new PackedContender() : new ClientContender(this.db);
    this.run = this.kind === 'packed'
      ? (args) => this.contender.call(args)
      : (args) => this.contender.client.sendCommand(args);
    const empty = linearMemory();
    await this.append('s', entries, message(fields));
    const filled = linearMemory();
    if (pending > 0) await this.run(['XGROUP', 'CREATE', 's', 'g', '0']);
    await this.deliver('s', pending);
    const each = (bytes, count) => bytes / Math.max(count, 1);
    return [each(filled - empty, entries), each(linearMemory() - filled, pending)];
  }

  /** Takes a sample; resolves to nanoseconds an operation. */
  async sample(request) {
    await this.prepareStreams(request);
    const tasks = prepare(request, this.stage);
    const { nanoseconds, entries } = await this.contender.time(request.name, tasks);
    const expected = /^xadd|^idmp/.test(request.name) ? 0 : request.times * request.size;
    if (entries !== expected) throw new Error(`${entries} entries came, not ${expected}`);
    return nanoseconds / request.times;
  }

  /** What happens before the clock of a sample starts. */
  async prepareStreams({ name, size, times }) {
    switch (name) {
      case 'idmp':
        await this.run(['DEL', 'i']);
        await this.run(['XADD', 'i', 'IDMP', 'p', 'known', '*', 'f', VALUE]);
        break;
      case 'deliver':
      case 'read':
        await this.group('r', times * size);
        break;
      case 'xackdel':
      case 'xnack':
        await this.group('r', times);
        await this.deliver('r', times);
        break;
      case 'claim': {
        const idle = times * size;
        await this.group('q', this.stage.pending);
        await this.deliver('q', idle);
        await this.run(['XCLAIM', 'q', 'g', 'c', 0, ...ids(0, idle), 'IDLE', IDLE, 'JUSTID']);
        await this.deliver('q', this.stage.pending - idle);
        break;
      }
      default:
    }
  }

  /** A stream of its own, and a group that has read nothing of it. */
  async group(key, entries) {
    await this.run(['DEL', key]);
    await this.append(key, entries, message(1));
    await this.run(['XGROUP', 'CREATE', key, 'g', '0']);
  }

  async append(key, entries, fields) {
    const words = Object.entries(fields).flat();
    for (let index = 0; index < entries; index += 1) {
      await this.run(['XADD', key, id(index), ...words]);
    }
  }

  /** Makes so many more entries pending. */
  async deliver(key, entries) {
    for (let left = entries; left > 0; left -= DELIVERY) {
      const count = Math.min(left, DELIVERY);
      await this.run(['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', count, 'STREAMS', key, '>']);
    }
  }

  close() {
    this.db.close();
    if (this.contender instanceof PackedContender) this.contender.host.dispose();
  }
}

async function warmUp(kind) {
  const bench = new Bench(kind, WARM_UP.stage);
  await bench.fill();
  const single = ['xclaim', 'xackdel', 'xnack'].map((name) => [name, 1]);
  for (const [name, size] of [['xadd', 1], ['xadd', 5], ['idmp', 0], ['read', 1], ...single]) {
    await bench.sample({ name, size, times: WARM_UP.operations, round: 0 });
  }
  const hundreds = ['deliver', 'read', 'xrange', 'xautoclaim'].map((name) => [name, 100]);
  for (const [name, size] of [...hundreds, ['claim', 10]]) {
    await bench.sample({ name, size, times: WARM_UP.operations / 100, round: 0 });
  }
  bench.close();
}

const [kind] = process.argv.slice(2);
let bench;
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...words] = line.split(' ');
  const numbers = words.map(Number);
  if (name === 'fill') {
    const [entries, fields, pending] = numbers;
    bench = new Bench(kind, { entries, fields, pending });
    console.log((await bench.fill()).join(' '));
    // Only now: what a warm-up leaves behind would hide growth of the linear memory.
    await warmUp(kind);
  } else {
    const [size, times, round] = numbers;
    console.log(await bench.sample({ name, size, times, round }));
  }
}
