/** Connections of ioredis that a test opens; none of them outlives it. */
import { once } from 'node:events';
import { afterEach, beforeEach } from 'node:test';
import { Redis } from 'ioredis';

/** Opens clients that speak `protocol` with `server`; each test begins with no keys. */
export function useClients(server, protocol, defaults = {}) {
  const opened = new Set();
  const create = (options) => {
    const address = { host: server.host, port: server.port };
    const ways = { protocol, lazyConnect: true, retryStrategy: null };
    const client = new Redis({ ...address, ...ways, ...defaults, ...options });
    opened.add(client);
    return client;
  };
  const open = async (options = {}) => {
    const client = create(options);
    await client.connect();
    return client;
  };
  /** The error with which the server turns such a client away. */
  const refused = async (options) => {
    const client = create(options);
    const failed = once(client, 'error');
    await client.connect().then(() => Promise.reject(new Error('it was let in')), () => undefined);
    return (await failed)[0];
  };
  beforeEach(async () => {
    const client = await open();
    await client.flushall();
    client.disconnect();
  });
  afterEach(() => {
    for (const client of opened) client.disconnect();
    opened.clear();
  });
  return { open, refused };
}
