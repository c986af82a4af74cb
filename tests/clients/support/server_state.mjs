/** What a server says of itself in INFO and CLIENT, and what the system says of it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The lines `name:value` of INFO, or the words `name=value` of CLIENT INFO. */
export function fieldsOf(text) {
  const fields = [...text.matchAll(/^([\w-]+):([^\r\n]*)|([\w-]+)=(\S*)/gm)];
  return Object.fromEntries(fields.map(([, a, b, c, d]) => [a ?? c, b ?? d]));
}

/** Whether at least `count` connections wait in a blocking command. */
export async function isBlocked(client, count = 1) {
  return Number(fieldsOf(await client.info('clients')).blocked_clients) >= count;
}

/** Resident memory of the server's process, in MiB. */
export async function residentMiB({ pid }) {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
}

/** How many connections the server has, that of `client` included. */
export async function connectedClients(client) {
  return Number(fieldsOf(await client.info('clients')).connected_clients);
}
