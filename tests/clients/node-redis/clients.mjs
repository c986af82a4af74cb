/** Connections of node-redis that a test opens; none of them outlives it. */
import { afterEach, beforeEach } from 'node:test';
import { createClient } from 'redis';

/** Opens clients that speak `RESP` with `server`; each test begins with no keys. */
export function useClients(server, RESP, defaults = {}) {
  const opened = new Set();
  const open = async (options = {}) => {
    const { host, port } = server;
    const socket = { host, port, reconnectStrategy: false };
    const client = createClient({ socket, RESP, ...defaults, ...options });
    // Without a listener, the 'error' of a connection that is meant to fail would end the process.
    client.on('error', () => undefined);
    await client.connect();
    opened.add(client);
    return client;
  };
  beforeEach(async () => {
    const client = await open();
    await client.flushAll();
  });
  afterEach(() => {
    for (const client of opened) if (client.isOpen) client.destroy();
    opened.clear();
  });
  return open;
}
