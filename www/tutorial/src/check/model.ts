/** The conditions that a step can ask for, as data: `parse.ts` reads, `evaluate.ts` decides. */

/** How a value is compared with what the lesson expects. */
export type Operator = '==' | '!=' | '>' | '>=' | '<' | '<=' | 'starts-with' | 'contains';

/** A comparison such as `>= 3` or `starts-with NOGROUP`. */
export interface Comparison {
  readonly operator: Operator;
  readonly value: string;
}

/** One subject that can be looked at; the names are those of the check language. */
export type Subject =
  | { readonly of: 'key'; readonly key: string }
  | { readonly of: 'group'; readonly key: string; readonly group: string }
  | { readonly of: 'consumer'; readonly key: string; readonly group: string; readonly name: string }
  | { readonly of: 'entry'; readonly key: string; readonly id: string }
  | { readonly of: 'client'; readonly name: string }
  | { readonly of: 'ran'; readonly consumer: string | null; readonly words: readonly string[] }
  | { readonly of: 'type'; readonly key: string }
  | { readonly of: 'length'; readonly key: string }
  | { readonly of: 'value'; readonly key: string }
  | { readonly of: 'group-field'; readonly key: string; readonly group: string;
      readonly field: string }
  | { readonly of: 'consumer-field'; readonly key: string; readonly group: string;
      readonly name: string; readonly field: string }
  | { readonly of: 'stream-field'; readonly key: string; readonly field: string }
  | { readonly of: 'entry-owner' | 'entry-deliveries' | 'entry-idle'; readonly key: string;
      readonly group: string; readonly id: string }
  | { readonly of: 'last-error' | 'last-reply'; readonly consumer: string | null }
  | { readonly of: 'output' }
  | { readonly of: 'clock' };

/** One line of a check: a subject that must exist, or whose value must compare as said. */
export interface Condition {
  /** The line as the author wrote it, for messages. */
  readonly source: string;
  readonly negated: boolean;
  readonly subject: Subject;
  /** Absent for subjects that only exist or not. */
  readonly comparison: Comparison | null;
}
