/** What a tool tells people when it cannot do what it was asked for. */

/** Ends a tool with a message and an exit code; never a stack of calls. */
export class ToolError extends Error {
  override readonly name = 'ToolError';

  constructor(
    message: string,
    /** What the process ends with. */
    readonly exitCode = 1,
  ) {
    super(message);
  }
}

/** What went wrong, for people. Node gives one error per address it tried, and no message. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
