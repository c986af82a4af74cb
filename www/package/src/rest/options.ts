/** The options of the REST handler: tokens, origins, limits, and what each is by default. */

/** Bounds on what one request, and all of them together, may take. */
export interface RestLimits {
  /** Longest body of a request, in bytes (10 MiB); more is answered with 413. */
  readonly bodyBytes: number;
  /** Most commands of a pipeline or a transaction (10,000); more is answered with 413. */
  readonly commands: number;
  /** Most requests that are read or answered at the same time (1,000); more: 503. */
  readonly parallel: number;
  /** Most blocked reads and event streams at the same time (1,000); more: 503. */
  readonly waiting: number;
  /** Longest wait of a blocked read, in milliseconds (25,000): then it has found nothing. */
  readonly waitMs: number;
  /** Most bytes of an event stream that its client has not read (8 MiB); then it is ended. */
  readonly unreadBytes: number;
  /** Longest silence of an event stream, in milliseconds (15,000): then a comment is sent. */
  readonly silenceMs: number;
}

/** Options of the handler. */
export interface RestOptions {
  /** Who may do everything. More than one, so that tokens can be changed without a gap. */
  readonly token?: string | readonly string[];
  /** Who may only read. */
  readonly readOnlyToken?: string | readonly string[];
  /**
   * Pages of which origins may call from a browser ('*': all, since none can without a token).
   * Without a token it is only those on this machine, whatever is said here.
   */
  readonly origins?: '*' | readonly string[];
  /** Where the handler is mounted, such as `/redis` ('': at the root). */
  readonly path?: string;
  /** Bounds that differ from the defaults. */
  readonly limits?: Partial<RestLimits>;
}

/** Options with nothing left open. */
export interface RestSettings {
  readonly tokens: readonly string[];
  readonly readOnlyTokens: readonly string[];
  readonly origins: '*' | readonly string[];
  readonly path: string;
  readonly limits: RestLimits;
}

const LIMITS: RestLimits = {
  bodyBytes: 10 << 20,
  commands: 10_000,
  parallel: 1_000,
  waiting: 1_000,
  waitMs: 25_000,
  unreadBytes: 8 << 20,
  silenceMs: 15_000,
};

/** Fills in the defaults; throws a TypeError that names the option at fault. */
export function settingsOf(options: RestOptions): RestSettings {
  const tokens = tokensOf('token', options.token);
  const readOnlyTokens = tokensOf('readOnlyToken', options.readOnlyToken);
  if (tokens.some((token) => readOnlyTokens.includes(token))) {
    throw new TypeError('token and readOnlyToken must not be the same');
  }
  return {
    tokens,
    readOnlyTokens,
    origins: options.origins ?? '*',
    path: (options.path ?? '').replace(/\/+$/, ''),
    limits: limitsOf(options.limits ?? {}),
  };
}

function tokensOf(name: string, given: string | readonly string[] = []): readonly string[] {
  const tokens = typeof given === 'string' ? [given] : given;
  for (const token of tokens) {
    // An empty token is a variable that is not set, and would let everybody in who sends none.
    if (typeof token !== 'string' || token === '') {
      throw new TypeError(`${name} must not be empty`);
    }
  }
  return tokens;
}

function limitsOf(given: Partial<RestLimits>): RestLimits {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in LIMITS)) throw new TypeError(`there is no limit ${JSON.stringify(name)}`);
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new TypeError(`limit ${name} must be a whole number from 1 on, not ${value}`);
    }
  }
  return { ...LIMITS, ...given };
}
