/** Answers HTTP requests out of a database, as Upstash's REST API does: the order of the steps. */
import type { Database } from '../database.js';
import { ConnectionClosedError, EngineFailure, ReplyError } from '../errors.js';
import { Access, type Role } from './access.js';
import { CommandTable, wordOf, type CommandFacts } from './commands.js';
import { corsHeaders, preflight } from './cors.js';
import { answerOf, Resp2Writer } from './encode.js';
import { RestError } from './error.js';
import { eventStream } from './events.js';
import { Gate } from './gate.js';
import { IdempotencyKey } from './idempotency.js';
import { settingsOf, type RestOptions, type RestSettings } from './options.js';
import { pathBehind } from './path.js';
import { Reads } from './reads.js';
import { isRead, RestSession, type Prepared } from './session.js';
import { Subscription } from './subscribe.js';
import { SyncToken } from './sync-token.js';
import { formOf, workOf, type AnswerForm, type Work } from './work.js';

/** The part of a database that requests need. */
export type RestDatabase = Pick<Database, 'connect' | 'storage'>;

/**
 * Answers a request. `peer` tells who sent it, where there is no token: an address, or what
 * `Deno.serve` and `Bun.serve` give to a handler.
 */
export type RestHandler = (request: Request, peer?: unknown) => Promise<Response>;

/** Makes a handler of a database. Throws a TypeError when an option is wrong. */
export function handler(database: RestDatabase, options: RestOptions = {}): RestHandler {
  const rest = new Rest(database, settingsOf(options));
  return (request, peer) => rest.handle(request, peer);
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT'];

class Rest {
  readonly #access: Access;
  readonly #parallel: Gate;
  readonly #waiting: Gate;
  readonly #token: SyncToken;
  #table: Promise<CommandTable> | undefined;

  constructor(
    private readonly database: RestDatabase,
    private readonly settings: RestSettings,
  ) {
    this.#access = new Access(settings);
    this.#parallel = new Gate(settings.limits.parallel, 'parallel requests');
    this.#waiting = new Gate(settings.limits.waiting, 'waiting requests');
    this.#token = new SyncToken(database);
  }

  async handle(request: Request, peer: unknown): Promise<Response> {
    const cors = corsHeaders(request, this.#access.isLocal ? 'local' : this.settings.origins);
    if (request.method === 'OPTIONS') return preflight(cors);
    let response: Response;
    try {
      response = await this.#admit(request, peer);
    } catch (error) {
      response = refusal(error);
    }
    for (const [name, value] of Object.entries(cors)) response.headers.set(name, value);
    if (request.method !== 'HEAD') return response;
    void response.body?.cancel();
    return new Response(null, response);
  }

  /** Nothing of a request is read before it is known who sends it, and that there is room. */
  async #admit(request: Request, peer: unknown): Promise<Response> {
    const url = new URL(request.url);
    const path = pathBehind(this.settings.path, url.pathname);
    if (path === undefined) throw new RestError(404, `ERR there is nothing at ${url.pathname}`);
    if (!METHODS.includes(request.method)) {
      throw new RestError(405, `ERR unsupported method ${request.method}`, {
        allow: METHODS.join(', '),
      });
    }
    const role = this.#access.roleOf(request, url, peer);
    this.#token.check(request.headers);
    const leave = this.#parallel.enter();
    try {
      const form = formOf(request.headers);
      const work = await workOf(request, path, url.search, this.settings.limits);
      const prepare = await this.#preparer(request, role, form);
      return await this.#perform(request, work, form, prepare, leave);
    } finally {
      leave();
    }
  }

  async #perform(
    request: Request,
    work: Work,
    form: AnswerForm,
    prepare: Preparer,
    leave: () => void,
  ): Promise<Response> {
    const commands = work.kind === 'command' ? [work.command] : work.commands;
    const prepared = commands.map((command, index) =>
      attempt(command, () => prepare(command as Prepared['command'], index, work.kind)),
    );
    const [only] = prepared;
    if (work.kind === 'command' && form.isEvents && isStreamed(only)) {
      return this.#stream(request, only, form, leave);
    }
    const stop = prepared.some(mayBlock) ? this.#waiting.enter() : undefined;
    if (stop) leave();
    let session: RestSession | undefined;
    try {
      session = this.#open(request.signal);
      return await this.#run(session, work.kind, prepared, form);
    } finally {
      session?.close();
      stop?.();
    }
  }

  async #stream(
    request: Request,
    prepared: Prepared,
    form: AnswerForm,
    leave: () => void,
  ): Promise<Response> {
    const { silenceMs, unreadBytes } = this.settings.limits;
    const stop = this.#waiting.enter();
    leave();
    let close = stop;
    try {
      const connection = this.database.connect();
      close = () => {
        connection.close();
        stop();
      };
      const source = prepared.facts.listens
        ? await Subscription.open(connection, prepared.command, unreadBytes)
        : await Reads.open(connection, prepared, form.text, request.headers.get('last-event-id'));
      return new Response(eventStream(source, silenceMs, request.signal, close), {
        headers: {
          ...this.#headers(),
          'content-type': 'text/event-stream',
          // Proxies that gather output must not.
          'x-accel-buffering': 'no',
        },
      });
    } catch (error) {
      close();
      throw error;
    }
  }

  async #run(
    session: RestSession,
    kind: Work['kind'],
    prepared: ReadonlyArray<Prepared | RestError>,
    form: AnswerForm,
  ): Promise<Response> {
    if (kind === 'transaction') {
      const replies = await session.transaction(prepared);
      return this.#json(replies.map((reply) => answerOf(reply, form.text)));
    }
    if (kind === 'command' && prepared[0] instanceof RestError) throw prepared[0];
    const replies = await session.pipeline(prepared);
    const [first] = replies;
    const status = kind === 'command' && first?.kind === 'error' ? 400 : 200;
    if (form.isResp2) {
      const writer = new Resp2Writer();
      replies.forEach((reply, i) => writer.write(reply, isRead(prepared[i])));
      return new Response(writer.take(), {
        status,
        headers: { ...this.#headers(), 'content-type': 'application/octet-stream' },
      });
    }
    const answers = replies.map((reply) => answerOf(reply, form.text));
    return this.#json(kind === 'command' ? answers[0] : answers, status);
  }

  /** Looks at commands before they run: whether they may, and as what. */
  async #preparer(request: Request, role: Role, form: AnswerForm): Promise<Preparer> {
    const table = await this.#commands();
    const key = IdempotencyKey.of(request.headers);
    return (command, index, kind) => {
      const facts = table.of(command);
      check(facts, role, kind === 'command' && form.isEvents);
      const place = kind === 'command' ? undefined : index;
      return { command: key ? key.onto(command, facts, place) : command, facts };
    };
  }

  #open(client: AbortSignal): RestSession {
    return new RestSession(this.database.connect(), client, this.settings.limits.waitMs);
  }

  /** Asked once; when that fails, again by the next request. */
  #commands(): Promise<CommandTable> {
    if (this.#table) return this.#table;
    const connection = this.database.connect();
    this.#table = CommandTable.read(connection).finally(() => connection.close());
    this.#table.catch(() => (this.#table = undefined));
    return this.#table;
  }

  #headers(): Record<string, string> {
    return { 'cache-control': 'no-store', 'upstash-sync-token': this.#token.next() };
  }

  #json(value: unknown, status = 200): Response {
    return json(value, status, this.#headers());
  }
}

type Preparer = (command: Prepared['command'], index: number, kind: Work['kind']) => Prepared;

/** A command that was refused is the refusal, for its neighbours to be run. */
function attempt(
  command: Prepared['command'] | RestError,
  prepare: () => Prepared,
): Prepared | RestError {
  if (command instanceof RestError) return command;
  try {
    return prepare();
  } catch (error) {
    if (error instanceof RestError) return error;
    throw error;
  }
}

function check(facts: CommandFacts, role: Role, isEvents: boolean): void {
  if (role === 'reader' && !facts.isOpen) {
    throw new RestError(
      400,
      `NOPERM this user has no permissions to run the '${facts.name}' command`,
    );
  }
  if (facts.needsConnection && !(isEvents && facts.listens)) {
    throw new RestError(
      400,
      `ERR '${facts.name}' needs a connection that stays: there are POST /multi-exec, and ` +
        '/subscribe/<channel> with Accept: text/event-stream',
    );
  }
}

/** Whether a command brings events, for those who want them. */
function isStreamed(prepared: Prepared | RestError | undefined): prepared is Prepared {
  if (prepared === undefined || prepared instanceof RestError) return false;
  return prepared.facts.listens || prepared.facts.waits;
}

function mayBlock(prepared: Prepared | RestError): boolean {
  if (prepared instanceof RestError || !isRead(prepared)) return false;
  return prepared.command.some((argument) => wordOf(argument) === 'block');
}

function json(value: unknown, status: number, headers: Readonly<Record<string, string>>): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { ...headers, 'content-type': 'application/json' },
  });
}

/** The answer to what was refused, or has failed. */
export function refusal(error: unknown): Response {
  if (error instanceof RestError) {
    return json({ error: error.message }, error.status, error.headers);
  }
  const message = error instanceof Error ? error.message : String(error);
  // No session could be had: there are as many as there may be.
  if (error instanceof ReplyError) return json({ error: message }, 503, { 'retry-after': '1' });
  const isGone = error instanceof ConnectionClosedError;
  const isBroken = error instanceof EngineFailure;
  return json({ error: `ERR ${message}` }, isGone && !isBroken ? 503 : 500, {});
}
