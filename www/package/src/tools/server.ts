/** A connection to the server that a `redis://` address names. */
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { SocketConnection } from '../connection/socket.js';
import { utf8, type Argument, type WireReply } from '../reply.js';
import { reasonOf, ToolError } from './problem.js';

/** Where a server is and what to say first. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** The database that the address names. */
  readonly database: number | undefined;
}

/** Reads `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS. */
export function parseServerUrl(text: string): ServerAddress {
  const wrong = (what: string): ToolError =>
    new ToolError(
      `${JSON.stringify(text)} ${what}: redis://[user:password@]host[:port][/database]`,
    );
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw wrong('is no address such as');
  }
  const tls = url.protocol === 'rediss:';
  if (!tls && url.protocol !== 'redis:') throw wrong('is no address such as');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '') throw wrong('names no host');
  const path = url.pathname.replace(/^\//, '');
  if (!/^\d{0,6}$/.test(path)) throw wrong('ends in something that is no number of a database');
  return {
    host: decodeURIComponent(host),
    port: url.port === '' ? 6379 : Number(url.port),
    tls,
    user: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    database: path === '' ? undefined : Number(path),
  };
}

/** One connection, signed in. */
export class Server {
  private constructor(
    readonly connection: SocketConnection,
    /** `host:port`. */
    readonly name: string,
  ) {}

  /** Connects and signs in; `ca` is a file of certificates to trust instead of the system's. */
  static async connect(address: ServerAddress, ca?: string): Promise<Server> {
    const { host, port } = address;
    const name = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const connection = address.tls
      ? new SocketConnection({ host, port }, () => connectTls(tlsOptions(host, port, ca)))
      : new SocketConnection({ host, port }, connectTcp);
    const server = new Server(connection, name);
    try {
      const password = address.password ?? process.env['REDISCLI_AUTH'];
      if (password !== undefined) {
        await server.ask(
          address.user === undefined ? ['AUTH', password] : ['AUTH', address.user, password],
        );
      }
      await server.ask(['PING']);
      return server;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Sends a command; rejects with a ToolError when the answer is an error or does not come. */
  async ask(args: ReadonlyArray<Argument>): Promise<WireReply> {
    const reply = await this.try(args);
    if (reply.kind !== 'error') return reply;
    const isPassword = /^(NOAUTH|WRONGPASS|NOPERM)/.test(reply.text);
    const advice = isPassword ? ': redis://user:password@host, or the variable REDISCLI_AUTH' : '';
    throw new ToolError(`${this.name} answers ${String(args[0])} with: ${reply.text}${advice}`);
  }

  /** As `ask`, and an error is an answer. */
  async try(args: ReadonlyArray<Argument>): Promise<WireReply> {
    try {
      return await this.connection.sendWire(args);
    } catch (error) {
      throw new ToolError(`could not reach ${this.name}: ${reasonOf(error)}`);
    }
  }

  /** As `ask`, for what is text. */
  async text(args: ReadonlyArray<Argument>): Promise<string> {
    const reply = await this.ask(args);
    return reply.kind === 'bulk' || reply.kind === 'verbatim' ? utf8(reply.bytes) : '';
  }

  close(): void {
    this.connection.close();
  }
}

function tlsOptions(host: string, port: number, ca: string | undefined) {
  const certificates = ca === undefined ? {} : { ca: readCertificates(ca) };
  return { host, port, ...(/[a-z]/i.test(host) ? { servername: host } : {}), ...certificates };
}

function readCertificates(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ToolError(`the certificates cannot be read: ${reasonOf(error)}`);
  }
}
