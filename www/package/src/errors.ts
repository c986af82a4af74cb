/** Every error class that the package throws or rejects with. */

/** An error that the engine or a server answered; the message is Redis' own text. */
export class ReplyError extends Error {
  override readonly name: string = 'ReplyError';

  /** The first word of the message: `ERR`, `WRONGTYPE`, `NOGROUP`, `BUSYGROUP`, … */
  get code(): string {
    return this.message.split(' ', 1)[0] ?? '';
  }
}

/** `exec()` ran, and some of its commands failed: all replies, errors among them. */
export class MultiErrorReply extends ReplyError {
  override readonly name = 'MultiErrorReply';

  constructor(
    /** One reply per queued command; a {@link ReplyError} where it failed. */
    readonly replies: ReadonlyArray<unknown>,
    /** The positions of the errors in `replies`. */
    readonly errorIndexes: ReadonlyArray<number>,
  ) {
    super(`${errorIndexes.length} commands failed, see .replies and .errorIndexes`);
  }

  /** The errors alone. */
  *errors(): Generator<unknown> {
    for (const index of this.errorIndexes) yield this.replies[index];
  }
}

/** A watched key changed before `exec()`: nothing was executed. */
export class WatchError extends Error {
  override readonly name = 'WatchError';

  constructor() {
    super('One (or more) of the watched keys has been changed');
  }
}

/** The command's AbortSignal fired before a reply: the command has delivered nothing. */
export class AbortError extends Error {
  override readonly name = 'AbortError';

  constructor(cause?: unknown) {
    super('The command was aborted', { cause });
  }
}

/** The connection is closed: by `close()`, by CLIENT KILL, or by the other side. */
export class ConnectionClosedError extends Error {
  override readonly name = 'ConnectionClosedError';

  constructor(message = 'The connection is closed') {
    super(message);
  }
}

/**
 * The engine stopped in the middle of a command, which is a bug in Brooklet. Its memory can no
 * longer be trusted, so every database of the same Wasm instance refuses every later command. One
 * that is opened afterwards has another instance.
 */
export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';

  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`the engine failed and cannot be used any more (please report this): ${reason}`, {
      cause,
    });
  }
}

/** What was given or fetched as the engine's Wasm is not WebAssembly. */
export class WasmLoadError extends Error {
  override readonly name = 'WasmLoadError';
  /** Where it was fetched from. */
  readonly url: string | undefined;
  /** The HTTP status of the fetch. */
  readonly status: number | undefined;
  /** The first bytes in hexadecimal; Wasm starts with `00 61 73 6d`, HTML with `3c 21`. */
  readonly firstBytes: string | undefined;

  constructor(
    message: string,
    details: { url?: string; status?: number; firstBytes?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.url = details.url;
    this.status = details.status;
    this.firstBytes = details.firstBytes;
  }
}
