/** What a client speaks over: the engine in this thread today, anything that carries RESP later. */
import type { CommandArguments, Reply, WireReply } from './reply.js';

/** Options of one command. */
export interface SendOptions {
  /** Bulk strings of the reply as `Uint8Array` instead of `string`. */
  readonly buffers?: boolean;
  /** Ends a blocked or queued command: it rejects with AbortError and has delivered nothing. */
  readonly signal?: AbortSignal;
}

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
  /** Another session of the same engine or server. */
  duplicate(): Connection;
  /** Ends the session; whatever still waits rejects with ConnectionClosedError. */
  close(): void;
}
