/** What the tests of the REST handler share: a database, its handler, and short ways to ask it. */
import { handler, type RestOptions } from 'brooklet/rest';
import { Brooklet, type BrookletOptions } from 'brooklet';

/** A token that may do everything. */
export const TOKEN = 'a-token-that-may-do-everything';
/** A token that may only read. */
export const READ_ONLY = 'a-token-that-may-only-read';

/** What was answered. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A database, and how to ask it over REST. */
export async function openRest(options: RestOptions = {}, config: BrookletOptions = {}) {
  const database = await Brooklet.create(config);
  const handle = handler(database, { token: TOKEN, readOnlyToken: READ_ONLY, ...options });
  const request = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${TOKEN}`);
    return new Request(`http://example.org/${path}`, { ...init, headers });
  };
  const ask = (path: string, init?: RequestInit) => handle(request(path, init)).then(read);
  return {
    database,
    handle,
    request,
    ask,
    post: (path: string, body: unknown, headers: Record<string, string> = {}) =>
      ask(path, { method: 'POST', body: JSON.stringify(body), headers }),
    run: (...command: unknown[]) =>
      ask('', { method: 'POST', body: JSON.stringify(command) }).then(({ body }) => body),
  };
}

/** Reads an answer to its end. */
export async function read(response: Response): Promise<Answered> {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = headers.get('content-type') === 'application/json' && text !== '';
  return { status, headers, body: isJson ? (JSON.parse(text) as unknown) : text };
}
