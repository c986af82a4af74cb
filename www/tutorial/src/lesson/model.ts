/** A lesson once its Markdown has been read: plain data, the same in the build and the page. */
import type { Condition } from '../check/model.ts';

/** One thing that the learner is offered to do; a click performs it, "Solve" performs all. */
export type Suggestion =
  | { readonly kind: 'command'; readonly consumer: string; readonly text: string }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'kill'; readonly consumer: string }
  | { readonly kind: 'script'; readonly code: string };

/** A piece of a step, in reading order: prose, or something to do. */
export type Block =
  | { readonly kind: 'prose'; readonly html: string }
  | { readonly kind: 'suggestion'; readonly index: number };

/** One step: prose, suggestions, and the conditions that are true when it is done. */
export interface Step {
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly suggestions: readonly Suggestion[];
  readonly checks: readonly Condition[];
}

/** One lesson: everything that its Markdown file says. */
export interface Lesson {
  readonly slug: string;
  readonly order: number;
  readonly title: string;
  readonly summary: string;
  /** Commands that run, unseen, before the first step. */
  readonly setup: readonly string[];
  /** The terminals that the lesson opens, by name. */
  readonly consumers: readonly string[];
  /** Prose before the first step and after the last one. */
  readonly intro: string;
  readonly outro: string;
  readonly steps: readonly Step[];
}
