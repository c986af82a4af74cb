/** What a client speaks over: the engine in this thread today, anything that carries RESP later. */
import type { CommandArguments, Reply, WireReply } from './reply.js';

/** Options of one command. */
export interface SendOptions {
  /** Bulk strings of the reply as `Uint8Array` instead of `string`. */
  readonly buffers?: boolean;
  /** Ends a blocked or queued command: it rejects with AbortError and has delivered nothing. */
  readonly signal?: AbortSignal;
}

/** Is told what nobody asked for, element by element: `message`, a channel, a text. */
export type PushHandler = (push: ReadonlyArray<WireReply>) => void;

/** One session of an engine or a server: commands are run in the order in which they are sent. */
export interface Connection {
  /** Runs a command; rejects with ReplyError when the answer is an error. */
  send(args: CommandArguments, options?: SendOptions): Promise<Reply>;
  /** As `send`, and turns the reply into something else without another turn of the event loop. */
  sendAs<T>(
    args: CommandArguments,
    decode: (reply: Reply) => T,
    options?: SendOptions,
  ): Promise<T>;
  /** Runs a command and keeps the wire's types; an error is a reply like any other. */
  sendWire(args: CommandArguments, options?: SendOptions): Promise<WireReply>;
  /**
   * Tells what comes without being asked for, such as messages of channels. A command that answers
   * by pushes only (SUBSCRIBE) has the first of them for its reply.
   */
  onPush(handler: PushHandler): void;
  /** Another session of the same engine or server. */
  duplicate(): Connection;
  /** Ends the session; whatever still waits rejects with ConnectionClosedError. */
  close(): void;
}
