/** The typed client over RPC: a Worker without an engine calls the StreamsObject of another. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World } from './world.mjs';

let world;
before(() => (world = new World('rpc-object.mjs', 'rpc-caller.mjs')));
after(() => world.end());

/** Runs a scenario of `rpc-caller.mjs` in a Worker. */
const play = (name, body = null, object = 'all', through = 'other') =>
  world.run(body, object, name, through);
const command = (...words) => play('command', words);

async function until(isSo) {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}

const blocked = async (count) =>
  new RegExp(`blocked_clients:${count}`).test(await command('INFO', 'clients'));

test('commands, values and errors are those of the typed client anywhere', async () => {
  assert.deepEqual(await play('typed'), {
    id: '1-1',
    read: [{ name: 's', messages: [{ id: '1-1', message: { part: 'bc', n: '1' } }] }],
    isWhole: true,
    length: 1,
    pending: {
      pending: 1,
      firstId: '1-1',
      lastId: '1-1',
      consumers: [{ name: 'c', deliveriesCounter: 1 }],
    },
    acknowledged: 1,
    nothing: null,
    large: '9007199254740993',
    wrongType: {
      name: 'ReplyError',
      code: 'WRONGTYPE',
      message: 'WRONGTYPE Operation against a key holding the wrong kind of value',
    },
    noGroup: {
      name: 'ReplyError',
      code: 'NOGROUP',
      message: "NOGROUP No such key 's' or consumer group 'none' in XREADGROUP with GROUP option",
    },
    unsendable: {
      name: 'TypeError',
      message: 'argument 1 must be a string, a number or a Uint8Array, not null',
    },
  });
});

test('a transaction is one call, and what needs a connection is refused', async () => {
  const refusal = (name) => ({
    name: 'ReplyError',
    code: 'ERR',
    message: `ERR '${name}' needs a connection that stays; over RPC a transaction is one call`,
  });
  assert.deepEqual(await play('transactions'), {
    replies: ['1-1', 1],
    calls: 1,
    failed: [
      'MultiErrorReply',
      [
        'OK',
        'ReplyError: WRONGTYPE Operation against a key holding the wrong kind of value',
        '1',
      ],
    ],
    pipeline: ['1', 1],
    multi: refusal('multi'),
    exec: refusal('exec'),
    watch: refusal('watch'),
    subscribe: refusal('subscribe'),
    quit: refusal('quit'),
  });
});

test('what is sent in one turn is one call, in the database that was chosen', async () => {
  assert.deepEqual(await play('calls'), {
    together: 1,
    answers: [null, null, 'OK'],
    there: 'one',
    elsewhere: '1',
    noDatabase: { name: 'ReplyError', code: 'ERR', message: 'ERR DB index is out of range' },
    still: 'one',
  });
});

test('a read in one Worker is woken by another, and holds up what is sent behind it', async () => {
  const waiting = play('wait', ['c', 0]);
  await until(() => blocked(1));
  await play('command', ['XADD', 'w', '1-0', 'a', '1'], 'all', 'main');
  const { read, first } = await waiting;
  assert.deepEqual(read, [{ name: 'w', messages: [{ id: '1-0', message: { a: '1' } }] }]);
  assert.equal(first, 'read');
});

test('a read waits as long as it says, and no longer than the object lets it', async () => {
  const [short, long] = await Promise.all([play('wait', ['d', 200]), play('wait', ['e', 0])]);
  assert.equal(short.read, null);
  assert.ok(short.ms >= 195 && short.ms < 900, `${short.ms} ms`);
  assert.equal(long.read, null);
  assert.ok(long.ms >= 950 && long.ms < 3000, `${long.ms} ms`);
  assert.ok(await blocked(0));
});

test('a read that is aborted or closed has delivered nothing', async () => {
  const aborted = { name: 'AbortError', message: 'The command was aborted' };
  const closed = { name: 'ConnectionClosedError', message: 'The connection is closed' };
  assert.deepEqual(await play('abort'), {
    aborted: [aborted, aborted],
    closed,
    later: closed,
    pending: 0,
  });
});

test('a read ends with the request that began it', async () => {
  await play('leave');
  await until(() => blocked(0));
  await command('XADD', 'l', '1-0', 'a', '1');
  assert.equal((await command('XPENDING', 'l', 'g'))[0], 0);
});

test('what a class overrides, tokens among it, cannot be called from outside', async () => {
  for (const { message } of await play('inside')) {
    assert.match(message, /does not implement the method/);
  }
});

test('a service hands calls on', async () => {
  const bindings = { serviceBindings: { SERVICE: { name: 'main', entrypoint: 'Service' } } };
  const served = new World('rpc-object.mjs', 'rpc-caller.mjs', bindings);
  try {
    const run = (name, body, through = 'other') => served.run(body, 'all', name, through);
    const waiting = run('wait', ['c', 0]);
    const isBlocked = async () =>
      /blocked_clients:1/.test(await run('command', ['INFO', 'clients'], 'main'));
    await until(isBlocked);
    await run('command', ['XADD', 'w', '1-0', 'a', '1']);
    assert.equal((await waiting).read[0].messages[0].id, '1-0');
    await run('leave', null);
    await until(async () => !(await isBlocked()));
  } finally {
    await served.end();
  }
});

test('after a trap every object of the isolate comes back from its journal', async () => {
  await play('command', ['XADD', 'kept', '1-0', 'a', '1'], 'neighbour');
  const { failed, again, ids } = await play('destroy');
  assert.equal(failed.name, 'EngineFailure');
  assert.match(failed.message, /the engine failed and cannot be used any more/);
  assert.equal(again, '1-3');
  assert.deepEqual(ids, ['1-1', '1-3']);
  assert.equal(await play('command', ['XLEN', 'kept'], 'neighbour'), 1);
  // As often as it happens.
  assert.equal((await play('destroy', null, 'neighbour')).failed.name, 'EngineFailure');
  assert.equal(await command('XLEN', 'd'), 2);
});

test('a client hears that its object was reset; one with a new stub goes on', async () => {
  const { read, same, again } = await play('reset');
  assert.match(read.message, /reset by a test/);
  assert.match(same.message, /reset by a test/);
  assert.equal(again, 'PONG');
});

// Turns went through one channel for all objects of the isolate. One that was reset took the message
// of another's turn with it, and from then on nobody's changes were ever answered.
test('an object that is reset between a change and its turn holds up no other', async () => {
  await command('SET', 'before', '1');
  for (let i = 0; i < 3; i++) {
    assert.match((await play('resetInTurn', null, 'neighbour')).message, /reset by a test/);
  }
  assert.equal(await command('SET', 'after', '1'), 'OK');
  assert.equal(await command('XADD', 'after-reset', '1-0', 'a', '1'), '1-0');
});

test('two Workers share a group through restarts: each job is done once, none is lost', async () => {
  await command('XGROUP', 'CREATE', 'jobs', 'g', '$', 'MKSTREAM');
  const added = [];
  const done = [];
  for (let round = 0; round < 2; round++) {
    const adding = Array.from({ length: 10 }, async () => {
      for (let i = 0; i < 15; i++) added.push(await command('XADD', 'jobs', '*', 'i', `${i}`));
    });
    const working = ['main', 'other'].map(async (through) => {
      for (;;) done.push(...(await play('worker', `${through}-${round}`, 'all', through)));
    });
    const ended = Promise.allSettled([...adding, ...working]);
    while (added.length < (round + 1) * 75) await new Promise(setImmediate);
    await world.restart();
    await ended;
    const there = (await command('XRANGE', 'jobs', '-', '+')).map(([id]) => id);
    for (const id of added) assert.ok(there.includes(id), id);
  }
  // What was delivered and not acknowledged is claimed.
  const [, claimed] = await command('XAUTOCLAIM', 'jobs', 'g', 'late', 0, '0', 'COUNT', 1000);
  for (const [id] of claimed) await command('XACK', 'jobs', 'g', id);
  for (const through of ['main', 'other']) {
    done.push(...(await play('worker', 'last', 'all', through)));
  }
  assert.equal((await command('XPENDING', 'jobs', 'g'))[0], 0);
  assert.equal(new Set(done).size, done.length);
  const info = await command('XINFO', 'GROUPS', 'jobs');
  assert.equal(info[0].lag ?? info[0][11], 0);
});
