/** Prints how many milliseconds a Node that has loaded nothing needs for its first entry. */
const start = performance.now();
const { Brooklet } = await import('../www/package/dist/env/node.js');
const db = await Brooklet.create();
await db.client().xAdd('s', '*', { f: 'v' });
console.log(performance.now() - start);
