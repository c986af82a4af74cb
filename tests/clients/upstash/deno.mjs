/** The REST handler in Deno; its own address is told as the first line. */
import { Brooklet } from '../../../www/package/dist/env/node.js';
import { handler } from '../../../www/package/dist/rest/index.js';

const handle = handler(await Brooklet.create(), {
  token: Deno.env.get('BROOKLET_HTTP_TOKEN'),
  readOnlyToken: Deno.env.get('BROOKLET_HTTP_READONLY_TOKEN'),
});
const onListen = ({ port }) => console.log(`REST on http://127.0.0.1:${port}`);
Deno.addSignalListener('SIGTERM', () => Deno.exit(0));
Deno.serve({ hostname: '127.0.0.1', port: 0, onListen }, handle);
