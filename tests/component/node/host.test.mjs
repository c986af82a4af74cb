/**
 * The component in Node, made by jco: its imports, reads that wait, its journal, its end.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { capped, compile, errorOf, Host } from './host.mjs';
import { Journals } from './journals.mjs';

const b = (text) => Buffer.from(text);
const fields = (value) => [{ name: b('f'), value: b(value) }];
const id = (ms, seq) => ({ ms: BigInt(ms), seq: BigInt(seq) });
const newOnly = { noAck: false };

let component;
before(async () => {
  component = await compile();
});

/** An instance with a database that has a journal. */
function durable(journals) {
  const host = new Host(component, journals);
  return work(host, host.open('jobs', true));
}

function inMemory() {
  const host = new Host(component);
  return work(host, host.open('jobs', false));
}

/** Short words for what the tests do most. */
function work(host, db) {
  return {
    host,
    db,
    add: (value, options = { noCreate: false }) =>
      host.streams.add(db, b('s'), { tag: 'auto' }, fields(value), options),
    create: () => {
      const start = { tag: 'after', val: id(0, 0) };
      host.groups.create(db, b('s'), b('g'), start, { createStream: true });
    },
    read: (who, wait) =>
      host.groups.read(db, b('g'), b(who), [[b('s'), { tag: 'undelivered' }]], {}, newOnly, wait),
    length: () => host.streams.length(db, b('s')),
    pending: () => host.groups.pending(db, b('s'), b('g')).count,
  };
}

test('it imports nothing but our own interfaces', () => {
  assert.deepEqual(component.imports.sort(), [
    'brooklet:streams/clock',
    'brooklet:streams/journal',
    'brooklet:streams/wake',
  ]);
});

test('a read that waits is woken by another call', () => {
  const { host, db, add, create, read, pending } = inMemory();
  create();
  const waits = (who, wait) => {
    const found = read(who, wait);
    assert.equal(found.tag, 'pending');
    return found.val;
  };
  const [one, two, gone] = [waits('one', 0n), waits('two', 500n), waits('gone', 0n)];
  assert.equal(host.ticks.get('jobs'), 1500n);

  gone[Symbol.dispose]();
  const added = add('first');
  assert.deepEqual(host.takeReady(), [one.id()], 'first come, first served');
  const taken = one.take();
  assert.deepEqual(taken.val[0].entries[0].id, added);
  assert.deepEqual(one.take(), { tag: 'err', val: { tag: 'closed' } });
  assert.equal(two.take(), undefined);

  host.pass(db, 1500n);
  assert.deepEqual(host.takeReady(), [two.id()]);
  assert.deepEqual(two.take(), { tag: 'ok', val: [] }, 'the wait is over');
  assert.equal(host.ticks.has('jobs'), false);
  assert.equal(pending(), 1n, 'who had gone was delivered nothing');
});

test('a database comes back from its journal', () => {
  const journals = new Journals();
  const { host, db, add, create, read } = durable(journals);
  create();
  for (let count = 0; count < 100; count++) add('value');
  assert.equal(read('c').val[0].entries.length, 100);

  // A rewrite goes on in ticks, between other calls.
  db.rewrite();
  assert.equal(host.ticks.get('jobs'), 1000n);
  host.pass(db, 1000n);
  add('meanwhile');
  while (host.ticks.has('jobs')) host.pass(db, 1000n);
  const stored = journals.of('jobs');
  assert.ok(stored.base, "the base is the journal's");
  assert.equal(stored.increments.length, 1);
  add('afterwards');
  const session = host.raw.Session.open(db);
  assert.equal(String(b(session.exchange(b('SET k v PX 60000\r\n')))), '+OK\r\n');

  // An append that a crash has cut off was acknowledged to nobody.
  stored.increments[0].append(b('#BROOKLET:1 1 '));
  const later = durable(journals);
  assert.deepEqual([later.length(), later.pending()], [102n, 100n]);
  const { torn, epoch } = later.db.recovered();
  assert.deepEqual([torn, epoch], [14n, 2n]);
  assert.equal(later.host.ticks.get('jobs'), 61_001n, 'a key expires, and the host knows when');
});

test('a damaged journal is refused and left alone', () => {
  const journals = new Journals();
  const { add } = durable(journals);
  for (let count = 0; count < 3; count++) add('value');
  const stored = journals.of('jobs');
  const [increment] = stored.increments;
  increment.all()[60] ^= 1;
  const damaged = b(increment.all());
  const refused = errorOf(() => durable(journals));
  assert.equal(refused.tag, 'storage');
  assert.match(refused.val, /file 0: byte 0/);
  assert.deepEqual([stored.epoch, b(increment.all())], [1n, damaged]);
});

test('a later instance fences the one before', () => {
  const journals = new Journals();
  const first = durable(journals);
  first.add('before');
  const second = durable(journals);
  assert.deepEqual(errorOf(() => first.add('lost')), { tag: 'fenced', val: 2n });
  assert.deepEqual(errorOf(() => first.length()), { tag: 'fenced', val: 2n }, 'it has stopped');
  second.add('after');
  assert.equal(durable(journals).length(), 2n);
});

test('what is appended while another opens is not lost', () => {
  const journals = new Journals();
  const first = durable(journals);
  first.add('before');
  const stored = journals.of('jobs');
  const [increment] = stored.increments;
  const read = increment.length;
  first.add('meanwhile');
  stored.meanwhile = b(increment.all().subarray(read));
  increment.truncate(read);
  const refused = errorOf(() => durable(journals));
  assert.equal(refused.tag, 'storage');
  assert.match(refused.val, /somebody else wrote/);
  assert.equal(durable(journals).length(), 2n);
});

test('a failed append stops the database', () => {
  const journals = new Journals();
  const { host, add } = durable(journals);
  add('safe');
  journals.of('jobs').fails = 'the disk is gone';
  assert.deepEqual(errorOf(() => add('unsafe')), { tag: 'storage', val: 'the disk is gone' });
  assert.equal(errorOf(() => add('later')).tag, 'storage');
  // The same instance opens it again: what is in the journal is what there is.
  assert.equal(work(host, host.open('jobs', true)).length(), 1n);
});

test('a trap ends the instance, and replay brings everything back', () => {
  const journals = new Journals();
  const host = new Host(capped(component, 64), journals);
  const { add, length } = work(host, host.open('jobs', true));
  let acknowledged = 0n;
  const fill = () => {
    for (; acknowledged < 100n; acknowledged++) add('x'.repeat(100_000));
  };
  assert.throws(fill, WebAssembly.RuntimeError, 'four megabytes hold no ten');
  assert.ok(acknowledged > 3n);
  assert.throws(length, /cannot enter/);
  assert.equal(durable(journals).length(), acknowledged);
});
