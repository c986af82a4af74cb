/**
 * Renderers and browsers that are killed while databases write: nothing that was acknowledged is
 * missing when the profile is opened again. `KILLS=100` kills more often than the tests do.
 */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { crc32c } from '../../www/package/dist/storage/opfs/crc32c.js';
import { startKillable } from './support/killable.mjs';
import { openPage, play, serveStores } from './support/store-page.mjs';

const KILLS = Number(process.env['KILLS'] ?? 10);
const PLACES = [
  { kind: 'indexeddb', how: { where: 'window' } },
  { kind: 'opfs', how: { where: 'worker', stay: 'writer' } },
];

let server;
before(async () => {
  server = await serveStores();
});
after(() => server?.close());

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What databases of a kind were told, all of it. */
function toldOf(kind) {
  const told = { kind, added: [], delivered: [], acked: [] };
  for (const news of server.told.filter((it) => it.kind === kind)) {
    for (const what of ['added', 'delivered', 'acked']) told[what].push(...news[what]);
  }
  return told;
}

async function work(page, round, durability) {
  for (const { kind, how } of PLACES) {
    await play(page, 'work/begin', { kind, round, durability }, how);
  }
}

async function check(page) {
  for (const { kind, how } of PLACES) {
    const told = toldOf(kind);
    const found = await play(page, 'work/check', told, { where: how.where });
    const { lost, undelivered, unacked, twice } = found;
    assert.deepEqual({ lost, undelivered, unacked, twice }, {
      lost: [], undelivered: [], unacked: [], twice: 0,
    });
    assert.ok(found.entries >= told.added.length);
  }
}

/** How much was told, so that a test that wrote nothing does not pass. */
function assertWorked(rounds) {
  for (const { kind } of PLACES) {
    const { added, delivered, acked } = toldOf(kind);
    const least = Math.min(added.length, delivered.length, acked.length);
    assert.ok(least > rounds, `${kind}: ${added.length}, ${delivered.length}, ${acked.length}`);
  }
}

async function inProfile(story) {
  server.told.length = 0;
  const profile = await mkdtemp(join(tmpdir(), 'brooklet-profile-'));
  try {
    await story(profile);
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

for (const [durability, share] of [['always', 0.4], ['everysec', 0.2]]) {
  const kills = Math.ceil(KILLS * share);
  test(`${durability}: a browser that is killed keeps what it has acknowledged`, () =>
    inProfile(async (profile) => {
      for (let round = 0; round < kills; round += 1) {
        const { context, kill } = await startKillable(profile);
        try {
          const page = await openPage(context, server.origin);
          if (round > 0) await check(page);
          await work(page, `b${round}`, durability);
          await pause(100 + Math.random() * 400);
        } finally {
          await kill();
        }
      }
      const { context, kill } = await startKillable(profile);
      await check(await openPage(context, server.origin)).finally(kill);
      assertWorked(kills);
    }));
}

test('a renderer that is killed keeps what it has acknowledged', () =>
  inProfile(async (profile) => {
    const kills = Math.ceil(KILLS * 0.4);
    const { context, kill } = await startKillable(profile);
    try {
      for (let round = 0; round < kills; round += 1) {
        const page = await openPage(context, server.origin);
        if (round > 0) await check(page);
        await work(page, `r${round}`, 'always');
        await pause(100 + Math.random() * 400);
        const session = await context.newCDPSession(page);
        const crashed = new Promise((resolve) => page.once('crash', resolve));
        session.send('Page.crash').catch(() => undefined);
        await crashed;
        await page.close();
      }
      await check(await openPage(context, server.origin));
      assertWorked(kills);
    } finally {
      await kill();
    }
  }));

/**
 * Chromium was killed in the middle of a record of LevelDB's log, passed over that, wrote on behind
 * it, and threw IndexedDB of the whole origin away at the next start: all acknowledged was gone.
 */
test('a log of IndexedDB that was cut within a record does no harm later', () =>
  inProfile(async (profile) => {
    for (let round = 0; round < 3; round += 1) {
      const { context, kill } = await startKillable(profile);
      try {
        const page = await openPage(context, server.origin);
        const { epoch } = await play(page, 'database/open');
        assert.equal(epoch, round + 1);
        if (round === 0) await play(page, 'database/work');
        else assert.match(await play(page, 'database/look'), /"length":20/);
      } finally {
        await kill();
      }
      if (round === 0) await tear(profile);
    }
  }));

/** Appends the first piece of a record, up to the end of its block, as a killed writer leaves it. */
async function tear(profile) {
  const parent = join(profile, 'Default/IndexedDB');
  const [database] = (await readdir(parent)).filter((name) => name.endsWith('.leveldb'));
  const files = await readdir(join(parent, database));
  const last = files.filter((name) => name.endsWith('.log')).sort().at(-1);
  const log = join(parent, database, last);
  const payload = Buffer.alloc(32_768 - ((await stat(log)).size % 32_768) - 7, 1);
  const FIRST = 2;
  const crc = crc32c(Buffer.concat([Buffer.from([FIRST]), payload]));
  const header = Buffer.alloc(7);
  header.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0);
  header.writeUInt16LE(payload.length, 4);
  header[6] = FIRST;
  await appendFile(log, Buffer.concat([header, payload]));
}
