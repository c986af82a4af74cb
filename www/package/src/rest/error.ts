/** What is refused before a command runs: a text and an HTTP status. */

/** Becomes an answer with this status and `{"error": message}`. */
export class RestError extends Error {
  override readonly name = 'RestError';

  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
