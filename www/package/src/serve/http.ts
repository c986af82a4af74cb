/** The REST handler behind Node's HTTP server: from one form of requests to the other. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Database } from '../database.js';
import { handler, type RestHandler, type RestOptions } from '../rest/index.js';
import { listenOn } from './listen.js';

/** How long a client may take to read its answer when the server is told to end. */
const LINGER_MS = 5_000;
/** What HTTP has and `Request` does not: none of them is answered by the handler. */
const FOREIGN_METHODS = /^(CONNECT|TRACE|TRACK)$/;

/** Where to listen, and what the handler is to do. */
export interface HttpOptions extends RestOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** A running server. */
export class HttpServer {
  readonly #server: Server;
  readonly #handle: RestHandler;
  /** Of the requests that are being answered. */
  readonly #requests = new Set<AbortController>();
  #port = 0;
  #isClosing = false;

  private constructor(database: Database, options: RestOptions) {
    this.#handle = handler(database, options);
    this.#server = createServer((message, response) => void this.#answer(message, response));
  }

  /** Listens; rejects with a ListenError that says what is in the way. */
  static async listen(database: Database, options: HttpOptions): Promise<HttpServer> {
    const { host, port, ...rest } = options;
    const server = new HttpServer(database, rest);
    server.#port = await listenOn(server.#server, host, port, '--http');
    return server;
  }

  /** The TCP port, which the system may have chosen. */
  get port(): number {
    return this.#port;
  }

  /** Stops accepting, ends what waits, sends every answer that is being made. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    for (const request of this.#requests) request.abort();
    const linger = setTimeout(() => this.#server.closeAllConnections(), LINGER_MS);
    await closed;
    clearTimeout(linger);
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = new AbortController();
    this.#requests.add(request);
    response.once('close', () => {
      this.#requests.delete(request);
      request.abort();
    });
    try {
      await send(await this.#respond(message, request.signal), response, this.#isClosing);
    } catch {
      response.destroy(); // The client is gone, or its stream of events has failed.
    }
  }

  async #respond(message: IncomingMessage, signal: AbortSignal): Promise<Response> {
    const request = requestOf(message, signal);
    if (request) return this.#handle(request, message.socket.remoteAddress);
    const error = 'ERR this is no request that can be answered';
    return Response.json({ error }, { status: 400 });
  }
}

/** The request in Web-standard form, if it has one. */
function requestOf(message: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = 'GET', url = '/', rawHeaders } = message;
  const whole = url.startsWith('/') ? `http://${message.headers.host ?? 'localhost'}${url}` : url;
  if (FOREIGN_METHODS.test(method) || !URL.canParse(whole)) return undefined;
  const headers = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    headers.append(rawHeaders[i] as string, rawHeaders[i + 1] as string);
  }
  const hasBody = method === 'POST' || method === 'PUT';
  const body = hasBody ? { body: bodyOf(message), duplex: 'half' } : {};
  return new Request(whole, { method, headers, signal, ...body });
}

/** As `Readable.toWeb`, which cuts the connection off when its reader does not want the rest. */
function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = message.iterator({ destroyOnReturn: false });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = (await chunks.next()) as IteratorResult<Uint8Array>;
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
      cancel: () => void chunks.return?.(),
    },
    { highWaterMark: 0 },
  );
}

async function send(from: Response, to: ServerResponse, isLast: boolean): Promise<void> {
  const headers: Record<string, string> = Object.fromEntries(from.headers);
  // The rest of a body that is too long is not waited for.
  if (isLast || from.status === 413) headers['connection'] = 'close';
  if (from.headers.get('content-type') === 'text/event-stream') {
    to.writeHead(from.status, headers);
    return sendEvents(from, to);
  }
  const body = from.body === null ? undefined : new Uint8Array(await from.arrayBuffer());
  if (body) headers['content-length'] = String(body.length);
  to.writeHead(from.status, headers);
  to.end(body);
}

async function sendEvents(from: Response, to: ServerResponse): Promise<void> {
  const reader = from.body?.getReader();
  to.once('close', () => void reader?.cancel().catch(() => undefined));
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done || to.destroyed) break;
    if (!to.write(value)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
  }
  to.end();
}
