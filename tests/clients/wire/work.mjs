/** The work of an ordinary consumer, which must go on whatever other connections do. */
import assert from 'node:assert/strict';

/** Adds, reads, acknowledges and deletes entries one by one, and looks at every answer. */
export async function workOn(client, rounds = 50) {
  await client.xgroup('CREATE', 'work', 'g', '$', 'MKSTREAM').catch((error) => {
    assert.match(error.message, /^BUSYGROUP/);
  });
  for (let i = 0; i < rounds; i += 1) {
    const id = await client.xadd('work', '*', 'n', i);
    const read = await client.xreadgroup('GROUP', 'g', 'worker', 'STREAMS', 'work', '>');
    assert.deepEqual(read, [['work', [[id, ['n', String(i)]]]]]);
    assert.equal(await client.xack('work', 'g', id), 1);
    assert.equal(await client.xdel('work', id), 1);
  }
}
