/** Messages of channels as events, in the form of Upstash's REST API. */
import type { Connection } from '../connection.js';
import { utf8, type CommandArguments, type WireReply } from '../reply.js';
import { RestError } from './error.js';
import { eventText, type EventSource } from './events.js';

/** What one SUBSCRIBE or PSUBSCRIBE brings: `message,news,hello`. */
export class Subscription implements EventSource {
  #unread: string[] = [];
  #length = 0;
  #wake: () => void = () => undefined;

  /** Subscribes; throws a RestError when the engine refuses. */
  static async open(
    connection: Connection,
    command: CommandArguments,
    limit: number,
  ): Promise<Subscription> {
    const subscription = new Subscription(connection, limit);
    connection.onPush((push) => subscription.#hear(push));
    const first = await connection.sendWire(command);
    if (first.kind === 'error') throw new RestError(400, first.text);
    if (first.kind === 'push') subscription.#hear(first.items, true);
    return subscription;
  }

  private constructor(
    private readonly connection: Connection,
    private readonly limit: number,
  ) {}

  async next(): Promise<string> {
    if (this.#unread.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#length > this.limit) throw new Error('ERR the client does not read');
    const text = this.#unread.join('');
    this.#unread = [];
    this.#length = 0;
    return text;
  }

  /** A session that was ended by somebody else does not say so by itself. */
  check(): Promise<unknown> {
    return this.connection.sendWire(['PING']);
  }

  #hear(push: readonly WireReply[], isFirst = false): void {
    // Nothing more is kept for a client that does not read.
    if (this.#length > this.limit) return;
    const text = eventText(push.map(wordOf).join(','));
    if (isFirst) this.#unread.unshift(text);
    else this.#unread.push(text);
    this.#length += text.length;
    this.#wake();
  }
}

function wordOf(reply: WireReply): string {
  if (reply.kind === 'bulk') return utf8(reply.bytes);
  return reply.kind === 'integer' ? String(reply.value) : '';
}
