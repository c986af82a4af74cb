/** A client behind a WebSocket: RESP both ways, and what is kept of it while nobody is in memory. */
import type { RespConnection, RespHandlers } from '../connection/resp.js';
import type { Argument } from '../reply.js';
import { RespDecoder } from '../resp/decode.js';
import { encodeCommand, joined } from '../resp/encode.js';
import { RequestReader, type Request } from '../resp/requests.js';
import type { Role } from '../rest/access.js';
import type { CommandFacts } from '../rest/commands.js';
import { Memory, opening, type Fields, type Remembered } from './memory.js';
import { waitOf, withTimeLeft } from './read.js';
import type { ObjectSocket } from './state.js';

/** Replies go out in frames of at most that size: not every client takes longer ones. */
const FRAME_BYTES = 1 << 20;
/** Attachments hold no more. */
const KEPT_BYTES = 1 << 14;
const PUSH = 0x3e;
const encoder = new TextEncoder();

/** Codes of the end of a WebSocket. */
export const END = { normal: 1000, protocol: 1002, tooLong: 1009, restart: 1012 } as const;

/** A read that is blocked. */
export interface BlockedRead {
  readonly words: readonly Argument[];
  /** When it is over, in Unix milliseconds. */
  readonly until: number;
  /** Whoever waits longer has a lower one. */
  readonly place: number;
  readonly claims: boolean;
}

/** What lies in a socket's attachment. */
export interface Kept {
  readonly role: Role;
  /** Where the client is. */
  readonly addr: string;
  readonly session: Remembered;
  readonly read: BlockedRead | undefined;
  /** Request bytes that have not been run. */
  readonly held: Uint8Array;
}

/** What a socket needs of its object. */
export interface SocketHome {
  /** Longest request. */
  readonly requestBytes: number;
  open(handlers: RespHandlers): RespConnection;
  factsOf(words: readonly Argument[]): CommandFacts;
  /** What CLIENT LIST says of a session, once everything that it was answered is handed out. */
  look(session: number): Promise<Fields | undefined>;
  nextPlace(): number;
  /** A read has begun to wait. */
  waits(read: BlockedRead): void;
}

/** One socket and its session. */
export class SocketSession {
  readonly #requests = new RequestReader();
  /** Complete requests that wait for a read to end. */
  readonly #queue: Request[] = [];
  readonly #memory: Memory;
  readonly #session: RespConnection;
  #read: BlockedRead | undefined;
  /** Replies so far, to see whether one came meanwhile. */
  #outputs = 0;
  /** So many bytes of the next request the engine has already. */
  #ahead = 0;
  #isRunning = false;
  #isClosed = false;
  #isKept = false;
  /** Takes the replies to what brings a new session to where the old one was. */
  #opening: ((bytes: Uint8Array) => void) | undefined;

  /** Throws a ReplyError when there can be no more sessions. */
  constructor(
    private readonly socket: ObjectSocket,
    private readonly home: SocketHome,
    private readonly kept: Kept,
  ) {
    this.#memory = new Memory(kept.session);
    this.#session = home.open({
      onOutput: (bytes, close) => this.#output(bytes, close),
      onFailure: () => this.close(END.restart, 'service restart'),
    });
    this.#session.setPeer(kept.addr, '');
  }

  /** The read that waits. */
  get read(): BlockedRead | undefined {
    return this.#read;
  }

  /** Makes the session what it was when it was kept. Nothing else may be sent before. */
  async reopen(): Promise<void> {
    const { commands, replies } = opening(this.kept.session);
    if (replies > 0) {
      const queued = this.kept.session.queued ?? [];
      await new Promise<void>((resolve) => {
        const decoder = new RespDecoder();
        let left = replies;
        this.#opening = (bytes) => {
          left -= decoder.push(bytes).length;
          if (left <= 0) resolve();
        };
        this.#session.write(joined([...commands.map(encodeCommand), ...queued]));
      });
      this.#opening = undefined;
    }
    this.#isKept = true;
    this.#queue.push(...this.#requests.push(this.kept.held));
    this.#read = this.kept.read;
  }

  /** Waits again, with what is left of its time; then goes on with what was held behind it. */
  resume(): Promise<void> {
    if (!this.#read) return this.#run();
    const { words, until } = this.#read;
    this.home.waits(this.#read);
    this.#session.write(encodeCommand(withTimeLeft(words, until - Date.now())));
    return Promise.resolve();
  }

  /** Bytes of requests, cut anywhere. */
  async receive(bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) return;
    this.#queue.push(...this.#requests.push(bytes));
    if (this.#requests.rest.length > this.home.requestBytes) {
      return this.close(END.tooLong, `the request has more than ${this.home.requestBytes} bytes`);
    }
    await this.#run();
    this.keep();
  }

  /** Ends both, the socket and the session. */
  close(code: number, reason = ''): void {
    if (this.#isClosed) return;
    this.gone();
    try {
      this.socket.close(code, reason);
    } catch {
      // It was closed by the other side.
    }
  }

  /** The client is gone. */
  gone(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#session.close();
  }

  /** Writes down what another session needs to go on from here, unless it stands there. */
  keep(): void {
    const { rest } = this.#requests;
    const isEmpty = rest.length === 0 && this.#queue.length === 0;
    if (this.#isClosed || (this.#isKept && isEmpty)) return;
    const held = [...this.#queue.map(({ bytes }) => bytes), rest];
    const isShort = held.reduce((sum, { length }) => sum + length, 0) < KEPT_BYTES;
    keepWith(this.socket, this.#memory.canReturn && isShort ? this.#state(joined(held)) : undefined);
    this.#isKept = isEmpty;
  }

  #state(held: Uint8Array): Kept {
    const { role, addr } = this.kept;
    return { role, addr, session: this.#memory.remembered, read: this.#read, held };
  }

  #output(bytes: Uint8Array, close: boolean): void {
    if (this.#opening) return this.#opening(bytes);
    this.#outputs += 1;
    this.#send(bytes);
    if (close) return this.close(END.normal);
    // A push may come while a read waits; anything else is its answer.
    if (this.#read) void (bytes[0] === PUSH ? this.#lookAgain() : this.#answered());
  }

  #send(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; at += FRAME_BYTES) {
        this.socket.send(bytes.subarray(at, at + FRAME_BYTES));
      }
    } catch {
      this.gone();
    }
  }

  #lookAgain(): Promise<void> {
    return this.#look((fields) => {
      if (this.#read && !isBlocked(fields)) void this.#answered();
    });
  }

  /** The read is over. It must not be sent again, whatever happens. */
  #answered(): Promise<void> {
    this.#read = undefined;
    this.#isKept = false;
    this.keep();
    return this.#run().then(() => this.keep());
  }

  /** Sends what is complete, as far as the next read that waits. */
  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (this.#queue.length > 0 && !this.#read && !this.#isClosed) await this.#step();
    } finally {
      this.#isRunning = false;
    }
    if (!this.#read && !this.#isClosed && this.kept.role === 'all') this.#goAhead();
  }

  /** The engine sees what is not complete, and may find that it never can be. */
  #goAhead(): void {
    const { rest } = this.#requests;
    if (rest.length === this.#ahead) return;
    const behind = rest.slice(this.#ahead);
    this.#ahead = rest.length;
    this.#session.write(behind);
  }

  async #step(): Promise<void> {
    const batch: Uint8Array[] = [];
    let read: Omit<BlockedRead, 'place'> | undefined;
    let refusal: string | undefined;
    let asks = false;
    while (this.#queue.length > 0 && !read && !this.#memory.isEnding) {
      const request = this.#queue.shift() as Request;
      refusal = this.#refusalOf(request);
      if (refusal !== undefined) break;
      batch.push(this.#passedOn(request));
      const isAlone = !this.#memory.isInTransaction;
      asks = this.#memory.sent(request) || asks;
      if (isAlone && this.#memory.canReturn) read = readOf(request, this.home);
    }
    if (batch.length > 0) this.#session.write(joined(batch));
    if (!asks && !read && refusal === undefined) return;
    await this.#look((fields) => {
      if (refusal !== undefined) this.#refuse(refusal);
      if (fields !== undefined) this.#learn(fields, asks, read);
    });
  }

  #learn(fields: Fields, asks: boolean, read: Omit<BlockedRead, 'place'> | undefined): void {
    this.#memory.learn(fields);
    this.#isKept &&= !asks;
    if (!read || !isBlocked(fields)) return;
    this.#read = { ...read, place: this.home.nextPlace() };
    this.#isKept = false;
    this.home.waits(this.#read);
  }

  /** Whoever may only read is told so in its turn; nothing that is not understood is passed on. */
  #refusalOf({ words }: Request): string | undefined {
    if (this.kept.role === 'all') return undefined;
    if (words === undefined) return 'ERR Protocol error: the request cannot be read';
    const { isOpen, name } = this.home.factsOf(words);
    if (isOpen) return undefined;
    return `NOPERM this user has no permissions to run the '${name}' command`;
  }

  /** What was looked at is what is run. */
  #passedOn({ words, bytes }: Request): Uint8Array {
    if (this.kept.role !== 'all' && words) return encodeCommand(words);
    const behind = bytes.subarray(this.#ahead);
    this.#ahead = 0;
    return behind;
  }

  #refuse(text: string): void {
    this.#send(encoder.encode(`-${text}\r\n`));
    if (text.startsWith('ERR')) this.close(END.protocol);
  }

  /** Tells what the engine says of the session, as long as that is so: nothing came meanwhile. */
  async #look(use: (fields: Fields | undefined) => void): Promise<void> {
    for (;;) {
      const outputs = this.#outputs;
      const fields = await this.home.look(this.#session.id);
      if (outputs === this.#outputs) return use(fields);
    }
  }
}

/** Puts it into the socket's attachment. What is too large for that cannot return. */
export function keepWith(socket: ObjectSocket, kept: Kept | undefined): void {
  try {
    socket.serializeAttachment(kept ?? null);
  } catch {
    socket.serializeAttachment(null);
  }
}

function readOf(
  { words }: Request,
  home: SocketHome,
): Omit<BlockedRead, 'place'> | undefined {
  const wait = words && home.factsOf(words).waits ? waitOf(words) : undefined;
  if (!words || !wait) return undefined;
  const until = wait.block === 0 ? Infinity : Date.now() + wait.block;
  return { words, until, claims: wait.claims };
}

function isBlocked(fields: Fields | undefined): boolean {
  return fields?.get('flags')?.includes('b') ?? false;
}
