/** What a request asks for: its form, its commands, the form of the answer. */
import type { Argument, CommandArguments } from '../reply.js';
import { readBody } from './body.js';
import { wordOf } from './commands.js';
import { base64Text, plainText, type TextForm } from './encode.js';
import { RestError } from './error.js';
import { commandOf, commandsOf, parseJson } from './json.js';
import type { RestLimits } from './options.js';
import { channelsOfPath, wordsOfPath, wordsOfQuery } from './path.js';

/** Commands, and whether they are one, a pipeline or a transaction. */
export type Work =
  | { readonly kind: 'command'; readonly command: CommandArguments }
  | {
      readonly kind: 'pipeline' | 'transaction';
      readonly commands: ReadonlyArray<CommandArguments | RestError>;
    };

/** How the answer is to be written. */
export interface AnswerForm {
  readonly text: TextForm;
  readonly isResp2: boolean;
  /** Whether events are wanted, as they come. */
  readonly isEvents: boolean;
}

const BATCHES = { pipeline: 'pipeline', 'multi-exec': 'transaction' } as const;
const LISTENERS = new Set(['subscribe', 'psubscribe', 'ssubscribe']);

/** Reads the headers that say how to answer. */
export function formOf(headers: Headers): AnswerForm {
  const encoding = headers.get('upstash-encoding') ?? '';
  if (encoding !== '' && encoding.toLowerCase() !== 'base64') {
    throw new RestError(400, `ERR unknown Upstash-Encoding '${encoding}': there is base64`);
  }
  const format = (headers.get('upstash-response-format') ?? 'json').toLowerCase();
  if (format !== 'json' && format !== 'resp2') {
    throw new RestError(400, `ERR unknown Upstash-Response-Format '${format}': json or resp2`);
  }
  if (format === 'resp2' && encoding !== '') {
    throw new RestError(400, 'ERR Upstash-Encoding base64 does not go with the format resp2');
  }
  return {
    text: encoding === '' ? plainText : base64Text,
    isResp2: format === 'resp2',
    isEvents: (headers.get('accept') ?? '').includes('text/event-stream'),
  };
}

/** Reads the commands of a request whose path is `path`. */
export async function workOf(
  request: Request,
  path: string,
  search: string,
  limits: RestLimits,
): Promise<Work> {
  const hasBody = request.method === 'POST' || request.method === 'PUT';
  const body = hasBody ? await readBody(request, limits.bodyBytes) : new Uint8Array();
  if (request.method === 'POST' && (path === 'pipeline' || path === 'multi-exec')) {
    return { kind: BATCHES[path], commands: commandsOf(parseJson(body), limits.commands) };
  }
  if (path !== '') return { kind: 'command', command: commandInPath(path, search, body) };
  if (hasBody) return { kind: 'command', command: commandOf(parseJson(body)) };
  throw new RestError(400, 'ERR no command: name it in the path, or POST it as a JSON array');
}

function commandInPath(path: string, search: string, body: Uint8Array): CommandArguments {
  // Upstash's client sends a body that means nothing with these.
  const [name = ''] = path.split('/', 1);
  if (LISTENERS.has(wordOf(name))) return channelsOfPath(path);
  const words: Argument[] = wordsOfPath(path);
  if (body.length > 0) words.push(body);
  return [...words, ...wordsOfQuery(search)];
}

