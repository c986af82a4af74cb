/** The engine as wasm-bindgen exposes it: numbers cross, bytes lie in linear memory. */

/** Session kinds of `openSession`. */
export const RESP_SESSION = 0;
export const PACKED_SESSION = 1;

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

/** The generated class. All times are Unix milliseconds. */
export interface GlueEngine {
  openSession(now: number, kind: number): number;
  closeSession(session: number): void;
  setPeer(session: number, addr: string, laddr: string): void;
  reserve(bytes: number): number;
  exchange(now: number, session: number, length: number): void;
  call(now: number, session: number, length: number): boolean;
  cancel(now: number, session: number): boolean;
  tick(now: number): void;
  deadline(): number;
  nextOutput(): number;
  output(session: number): boolean;
  consume(session: number): void;
  descriptor(): number;
  statistics(): EngineStatistics;
  free(): void;
}
