/** Listening on an address, and saying in words what is in the way. */
import type { AddressInfo, Server } from 'node:net';

/** Why the server could not start, in words for the person who started it. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Listens on a TCP port, which `option` chooses; resolves to the one that the system gave. */
export async function listenOn(
  server: Server,
  host: string,
  port: number,
  option: string,
): Promise<number> {
  try {
    await listening(server, () => server.listen({ host, port }));
  } catch (error) {
    throw new ListenError(tcpProblem(error, host, port, option), { cause: error });
  }
  return (server.address() as AddressInfo).port;
}

/** Resolves when the server listens. */
export function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.removeListener('error', reject);
      resolve();
    });
    listen();
  });
}

function tcpProblem(error: unknown, host: string, port: number, option: string): string {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return (
        `port ${port} is taken on ${host}: ` +
        `stop what listens there, or choose another ${option}`
      );
    case 'EACCES':
      return `port ${port} may not be opened by this user: choose a ${option} above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine: choose another --host`;
    default:
      return `cannot listen on ${host}:${port}: ${reasonOf(error)}`;
  }
}

/** Node's code of an error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** What an error says. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
