/** The part of a Durable Object's storage that is needed here, as workerd gives it. */

/** One value of a row. */
export type SqlValue = ArrayBuffer | string | number | null;

/** Rows, read as they are asked for. */
export interface SqlRows extends Iterable<Readonly<Record<string, SqlValue>>> {
  /** All of them. */
  toArray(): Array<Readonly<Record<string, SqlValue>>>;
}

/** What `state.storage` of an object on SQLite has. */
export interface ObjectStorage {
  readonly sql: { exec(query: string, ...values: SqlValue[]): SqlRows };
  /** Runs all or nothing. */
  transactionSync<T>(run: () => T): T;
  /** When the one alarm goes off, in Unix milliseconds. */
  getAlarm(): Promise<number | null>;
  /** Moves it. */
  setAlarm(at: number): Promise<void>;
}
