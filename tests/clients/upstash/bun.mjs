/** The REST handler in Bun; its own address is told as the first line. */
import { Brooklet } from '../../../www/package/dist/env/node.js';
import { handler } from '../../../www/package/dist/rest/index.js';

const fetch = handler(await Brooklet.create(), {
  token: process.env.BROOKLET_HTTP_TOKEN,
  readOnlyToken: process.env.BROOKLET_HTTP_READONLY_TOKEN,
});
const { port } = Bun.serve({ hostname: '127.0.0.1', port: 0, idleTimeout: 60, fetch });
console.log(`REST on http://127.0.0.1:${port}`);
process.on('SIGTERM', () => process.exit(0));
