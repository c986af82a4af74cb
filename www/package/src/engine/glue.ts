/** The engine as wasm-bindgen exposes it: numbers cross, bytes lie in linear memory. */

/** Session kinds of `openSession`. */
export const RESP_SESSION = 0;
export const PACKED_SESSION = 1;

/** What `call` says: the reply lies ready; the session is blocked; a frame must be confirmed. */
export const READY = 1;
export const BLOCKED = 0;
export const AWAITED = 2;

/** The policies of `appendfsync`, as `startJournal` numbers them. */
export const FSYNC = ['no', 'everysec', 'always'];

/** Bits of `pending`: a frame waits to be appended or confirmed; it is time for a rewrite. */
export const FRAME_PENDING = 1;
export const REWRITE_DUE = 2;

/** What `nextBaseFrame` says. */
export const NO_FRAME = 0;
export const BASE_FRAME = 1;
export const LAST_BASE_FRAME = 2;

/** Limits and sizes of an engine. All optional; the defaults are Redis' own. */
export interface EngineConfig {
  /** Most sessions open at once (10000). */
  maxclients?: number;
  /** Most bytes of data, 0 = no limit (0). On the limit writes fail with `OOM`. */
  maxmemory?: number;
  /** Password that sessions must send with AUTH ('' = none). */
  requirepass?: string;
  /** Longest bulk string in bytes (536870912). */
  protoMaxBulkLen?: number;
  /** Most bytes of an incomplete request that a RESP session may hold. */
  queryBufferLimit?: number;
  /** Most bytes of replies that may wait for a session before it is closed. */
  outputBufferLimit?: number;
  /** Number of databases (16). */
  databases?: number;
  /** TCP port that INFO and CONFIG show (0). */
  port?: number;
  /** Who may call DEBUG, for test suites: nobody, clients on this machine, or all ('no'). */
  enableDebugCommand?: 'no' | 'local' | 'yes';
  /** Seed of the engine's random choices, for reproducible runs (random). */
  seed?: number;
  /** Most entries of one block of a stream (100). */
  streamNodeMaxEntries?: number;
  /** Most bytes of one block of a stream (4096). */
  streamNodeMaxBytes?: number;
}

/** Counters of an engine. */
export interface EngineStatistics {
  /** Open sessions. */
  sessions: number;
  /** Sessions that wait in a blocking read. */
  blockedReaders: number;
  /** Keys in all databases. */
  keys: number;
  /** Bytes of data. */
  usedMemory: number;
  /** Commands run since the engine was made. */
  commandsProcessed: number;
}

/** What was read of a journal. */
export interface Recovered {
  /** Commands that ran. */
  commands: number;
  /** The highest epoch of a frame, 0 where there was none. */
  epoch: number;
  /** The number of the last frame, 0 where there was none. */
  sequence: number;
}

/** What `recover` and `endFile` throw when the file is at fault. */
export interface RecoveryProblem extends Error {
  /** Where in the file the first piece begins that cannot be read, in bytes. */
  offset: number;
}

/** State on its way into a file: the generated class. */
export interface GlueExport {
  /** Makes the next frame, of about so many bytes; its length, 0 behind the last. */
  next(now: number, bytes: number): number;
  /** Where the frame lies until the next one is made. */
  address(): number;
  /** What the profile could not say so far. */
  losses(): { givenBack: number; idempotentIds: number };
  free(): void;
}

/** The generated class. All times are Unix milliseconds. */
export interface GlueEngine {
  openSession(now: number, kind: number): number;
  closeSession(session: number): void;
  setPeer(session: number, addr: string, laddr: string): void;
  reserve(bytes: number): number;
  exchange(now: number, session: number, length: number): void;
  /** One of {@link READY}, {@link BLOCKED}, {@link AWAITED}. */
  call(now: number, session: number, length: number): number;
  cancel(now: number, session: number): boolean;
  tick(now: number): void;
  /** A session with output; or, below zero, when the next tick is needed. */
  nextOutput(): number;
  consume(session: number): void;
  /** As `consume`, then as `nextOutput`. */
  finish(session: number): number;
  output(session: number): boolean;
  descriptor(): number;
  statistics(): EngineStatistics;
  /** Replies wait until the frames that they tell of are confirmed. Place in {@link FSYNC}. */
  startJournal(epoch: number, sequence: number, fsync: number): void;
  /** True: the descriptor tells the frame to append, the same until it is confirmed. */
  nextFrame(now: number): boolean;
  /** {@link FRAME_PENDING} and {@link REWRITE_DUE}, or nothing. */
  pending(): number;
  confirmFrame(): void;
  /** False while a base is written, or when a change is in no frame. */
  beginRewrite(now: number): boolean;
  /** One of {@link NO_FRAME}, {@link BASE_FRAME}, {@link LAST_BASE_FRAME}; the descriptor tells it. */
  nextBaseFrame(now: number, bytes: number): number;
  /** The base is the journal's now, or was given up. */
  endRewrite(now: number, done: boolean): void;
  /** Refuses commands that add data with MISCONF, for lack of room. */
  setFull(full: boolean): void;
  /** A copy of the state, for the Redis of this place among the profiles. */
  export(profile: number): GlueExport;
  beginRecovery(now: number): void;
  beginFile(base: boolean): void;
  /** Takes in bytes of the file from the request buffer; throws a {@link RecoveryProblem}. */
  recover(now: number, length: number): void;
  /** How many bytes of the file are good; throws a {@link RecoveryProblem}. */
  endFile(last: boolean): number;
  endRecovery(): Recovered;
  free(): void;
}
