/** All clients behind WebSockets: lets them in, and brings them back after an eviction. */
import type { EngineConnection } from '../connection/engine.js';
import type { RespConnection, RespHandlers } from '../connection/resp.js';
import type { Database } from '../database.js';
import type { Argument } from '../reply.js';
import { Access } from '../rest/access.js';
import { CommandTable, type CommandFacts } from '../rest/commands.js';
import { RestError } from '../rest/error.js';
import type { RestSettings } from '../rest/options.js';
import { pathBehind } from '../rest/path.js';
import { Memory, type Fields } from './memory.js';
import { END, keepWith, SocketSession, type BlockedRead, type Kept, type SocketHome } from './socket.js';
import type { AutoResponse, ObjectSocket, ObjectState } from './state.js';

/** What a new pair of sockets is: the client's end, and the object's. */
declare const WebSocketPair: new () => { readonly 0: ObjectSocket; readonly 1: ObjectSocket };
declare const WebSocketRequestResponsePair: new (request: string, response: string) => AutoResponse;

/** The tag of sockets that are ours: a class that extends may have others. */
export const TAG = 'brooklet';
/** What the protocol is called, and how a token comes that cannot come in a header. */
const PROTOCOL = 'resp';
const TOKEN = 'token.';
const OPEN = 1;

const encoder = new TextEncoder();

/** The sockets of one object. */
export class Sockets implements SocketHome {
  readonly requestBytes: number;
  readonly #access: Access;
  readonly #sessions = new Map<ObjectSocket, Promise<SocketSession>>();
  readonly #all = new Set<SocketSession>();
  #table: CommandTable | undefined;
  #admin: EngineConnection | undefined;
  #place = 0;

  constructor(
    private readonly state: ObjectState,
    private readonly database: Database,
    private readonly settings: RestSettings,
    /** Told of each read that begins to wait. */
    readonly waits: (read: BlockedRead) => void,
  ) {
    this.#access = new Access(settings);
    this.requestBytes = settings.limits.bodyBytes;
  }

  /** Whether an event of this socket is for us. */
  static owns(state: ObjectState, socket: ObjectSocket): boolean {
    return state.getTags(socket).includes(TAG);
  }

  /** The reads that wait. */
  *reads(): Generator<BlockedRead> {
    for (const { read } of this.#all) if (read) yield read;
  }

  /**
   * After an eviction: whoever waits or listens does so again, in the order in which they came, and
   * before anything else is run. All others begin with their next message.
   */
  async restore(): Promise<void> {
    const waiting: SocketSession[] = [];
    const opened: Array<Promise<void>> = [];
    for (const socket of this.state.getWebSockets(TAG)) {
      if (socket.readyState !== OPEN) continue;
      const kept = socket.deserializeAttachment() as Kept | null;
      if (kept && !kept.read && kept.session.channels.length === 0) continue;
      const session = this.#reopen(socket, kept);
      opened.push(session.then((it) => void waiting.push(it), () => undefined));
    }
    await Promise.all(opened);
    const place = (it: SocketSession): number => it.read?.place ?? Infinity;
    waiting.sort((a, b) => place(a) - place(b));
    for (const session of waiting) void session.resume();
    this.#place = Math.max(0, ...waiting.map((it) => (it.read ? place(it) + 1 : 0)));
  }

  /** Answers a request with `Upgrade: websocket`; throws a RestError when it may not. */
  async accept(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (pathBehind(this.settings.path, url.pathname) === undefined) {
      throw new RestError(404, `ERR there is nothing at ${url.pathname}`);
    }
    const protocols = (request.headers.get('sec-websocket-protocol') ?? '').split(/ *, */);
    const token = tokenOf(protocols);
    if (token !== undefined) url.searchParams.set('_token', token);
    this.#checkOrigin(request);
    const role = this.#access.roleOf(request, url, undefined);
    await this.#commands();
    if (this.state.getWebSocketAutoResponse() === null) {
      this.state.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    }
    const pair = new WebSocketPair();
    const address = request.headers.get('cf-connecting-ip');
    const kept: Kept = {
      role,
      addr: address ? `${address}:0` : '',
      session: new Memory().remembered,
      read: undefined,
      held: new Uint8Array(),
    };
    const session = new SocketSession(pair[1], this, kept);
    this.state.acceptWebSocket(pair[1], [TAG]);
    keepWith(pair[1], kept);
    this.#all.add(session);
    this.#sessions.set(pair[1], Promise.resolve(session));
    const headers = protocols.includes(PROTOCOL) ? { 'sec-websocket-protocol': PROTOCOL } : {};
    return new Response(null, { status: 101, headers, webSocket: pair[0] } as ResponseInit);
  }

  /** A message came: bytes of requests, cut anywhere. */
  async message(socket: ObjectSocket, message: string | ArrayBuffer): Promise<void> {
    const known = this.#sessions.get(socket);
    const kept = known ? null : (socket.deserializeAttachment() as Kept | null);
    const bytes = typeof message === 'string' ? encoder.encode(message) : new Uint8Array(message);
    const session = await (known ?? this.#reopen(socket, kept)).catch(() => undefined);
    await session?.receive(bytes);
  }

  /** The client is gone. */
  async closed(socket: ObjectSocket): Promise<void> {
    const session = this.#sessions.get(socket);
    this.#sessions.delete(socket);
    if (!session) return;
    const it = await session.catch(() => undefined);
    if (it) this.#all.delete(it);
    it?.gone();
  }

  open(handlers: RespHandlers): RespConnection {
    return this.database.connectResp(handlers);
  }

  factsOf(words: readonly Argument[]): CommandFacts {
    return (this.#table as CommandTable).of(words);
  }

  async look(session: number): Promise<Fields | undefined> {
    this.#admin ??= this.database.connect();
    const line = String(await this.#admin.send(['CLIENT', 'LIST', 'ID', session]));
    const fields = line.trim().split(' ').map((field) => field.split('=', 2) as [string, string]);
    return line === '' ? undefined : new Map(fields);
  }

  nextPlace(): number {
    return this.#place++;
  }

  /** A session in the place of one that was evicted; it is closed when that cannot be. */
  #reopen(socket: ObjectSocket, kept: Kept | null): Promise<SocketSession> {
    const reopened = this.#begin(socket, kept);
    this.#sessions.set(socket, reopened);
    reopened.catch(() => {
      this.#sessions.delete(socket);
      socket.close(END.restart, 'service restart');
    });
    return reopened;
  }

  async #begin(socket: ObjectSocket, kept: Kept | null): Promise<SocketSession> {
    if (!kept) throw new Error('the session could not be kept');
    await this.#commands();
    const session = new SocketSession(socket, this, kept);
    this.#all.add(session);
    await session.reopen();
    return session;
  }

  async #commands(): Promise<void> {
    this.#admin ??= this.database.connect();
    this.#table ??= await CommandTable.read(this.#admin);
  }

  /** Browsers ask nobody before they open a socket. */
  #checkOrigin(request: Request): void {
    const { origins } = this.settings;
    const origin = request.headers.get('origin');
    if (origin === null || origins === '*' || origins.includes(origin)) return;
    throw new RestError(403, `ERR pages of ${origin} may not connect`);
  }
}

/** Pages can send no header of their own, but name protocols. */
function tokenOf(protocols: readonly string[]): string | undefined {
  const found = protocols.find((it) => it.startsWith(TOKEN));
  if (found === undefined) return undefined;
  try {
    const base64 = found.slice(TOKEN.length).replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    throw new RestError(400, 'ERR the token among the protocols is not in base64url');
  }
}
