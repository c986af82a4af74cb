/** Commands sent one behind the other over whatever carries RESP, and their replies in that order. */
import type { Connection, PushHandler, SendOptions } from '../connection.js';
import { AbortError, ConnectionClosedError, ReplyError } from '../errors.js';
import { plainReply, utf8, type CommandArguments, type Reply, type WireReply } from '../reply.js';
import { RespDecoder } from '../resp/decode.js';
import { encodeCommand } from '../resp/encode.js';

/** A command whose reply has not come. */
interface Pending {
  /** Whether it is one that answers by pushes. */
  readonly subscribes: boolean;
  readonly resolve: (reply: WireReply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One session of a server. Commands are pipelined. A command that is aborted after it was sent
 * ends the whole connection, the only way to be sure that its reply goes to nobody.
 */
export abstract class PipelinedConnection implements Connection {
  readonly #decoder = new RespDecoder();
  readonly #pending: Pending[] = [];
  #closed: Error | undefined;
  #onPush: PushHandler | undefined;

  /** Whether it was closed, by either side. */
  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  async send(args: CommandArguments, options: SendOptions = {}): Promise<Reply> {
    const reply = plainReply(await this.sendWire(args, options), options.buffers ?? false);
    if (reply instanceof ReplyError) throw reply;
    return reply;
  }

  async sendAs<T>(
    args: CommandArguments,
    decode: (reply: Reply) => T,
    options: SendOptions = {},
  ): Promise<T> {
    return decode(await this.send(args, options));
  }

  sendWire(args: CommandArguments, { signal }: SendOptions = {}): Promise<WireReply> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed);
      if (signal?.aborted) return reject(new AbortError(signal.reason));
      const bytes = encodeCommand(args);
      const onAbort = (): void => {
        reject(new AbortError(signal?.reason));
        this.close();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const settled = (): void => signal?.removeEventListener('abort', onAbort);
      this.#pending.push({
        subscribes: /^[ps]?(un)?subscribe$/i.test(String(args[0])),
        resolve: (reply) => (settled(), resolve(reply)),
        reject: (error) => (settled(), reject(error)),
      });
      this.transmit(bytes);
    });
  }

  /** Sends commands that are encoded already; resolves when each of them has been answered. */
  sendEncoded(
    bytes: Uint8Array,
    count: number,
    onReply: (reply: WireReply, place: number) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed);
      for (let place = 0; place < count; place++) {
        const isLast = place === count - 1;
        this.#pending.push({
          subscribes: false,
          resolve: (reply) => (onReply(reply, place), isLast && resolve()),
          reject,
        });
      }
      this.transmit(bytes);
    });
  }

  onPush(handler: PushHandler): void {
    this.#onPush = handler;
  }

  close(): void {
    this.fail(new ConnectionClosedError());
    this.disconnect();
  }

  abstract duplicate(): Connection;

  /** Sends bytes. */
  protected abstract transmit(bytes: Uint8Array): void;

  /** Ends what carries them. */
  protected abstract disconnect(): void;

  /** Bytes have come. */
  protected receive(bytes: Uint8Array): void {
    try {
      for (const reply of this.#decoder.push(bytes)) {
        const isReply = reply.kind !== 'push' || this.#answers(reply.items);
        if (isReply) this.#pending.shift()?.resolve(reply);
        else this.#onPush?.(reply.items);
      }
    } catch (error) {
      this.fail(error as Error);
      this.disconnect();
    }
  }

  /** Whether a push is the first answer to the command that is to be answered next. */
  #answers([kind]: ReadonlyArray<WireReply>): boolean {
    const isAnswer = kind?.kind === 'bulk' && utf8(kind.bytes).endsWith('subscribe');
    return isAnswer && (this.#pending[0]?.subscribes ?? false);
  }

  /** It is over: nothing that waits will be answered. */
  protected fail(error: Error): void {
    this.#closed ??= error;
    for (const pending of this.#pending.splice(0)) pending.reject(this.#closed);
  }
}
