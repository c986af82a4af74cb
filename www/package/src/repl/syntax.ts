/** A command's syntax: printing it, and what remains of it behind words typed already. */
import type { ArgumentDoc } from './docs.js';

/** The syntax of some arguments, as the reference pages print it. */
export function renderSyntax(syntax: ReadonlyArray<ArgumentDoc>): string {
  return syntax.map(render).join(' ');
}

/**
 * What may still follow after `words`, as text; '' when nothing may. Words that do not fit the
 * syntax end the matching: what they were taken for is simply no longer shown.
 */
export function remainingSyntax(
  syntax: ReadonlyArray<ArgumentDoc>,
  words: ReadonlyArray<string>,
): string {
  return matchSequence(syntax, words, 0)?.rest ?? '';
}

/** Every token of a syntax, at any depth. */
export function tokensOf(syntax: ReadonlyArray<ArgumentDoc>): string[] {
  return syntax.flatMap((part) => [...(part.token ? [part.token] : []), ...tokensOf(part.parts)]);
}

const NO_WORDS: ReadonlySet<string> = new Set();

/** Words that an argument took, and what remains of it when they ran out. */
interface Match {
  readonly next: number;
  readonly rest: string;
}

function render(argument: ArgumentDoc): string {
  const text = repeated(argument, once(argument));
  return argument.optional ? `[${text}]` : text;
}

/** An argument once, without its brackets. */
function once(argument: ArgumentDoc): string {
  if (argument.type === 'pure-token') return argument.token ?? argument.name;
  return withToken(argument, value(argument));
}

function value(argument: ArgumentDoc): string {
  if (argument.type === 'oneof') {
    const choices = argument.parts.map(render).join(' | ');
    return argument.optional && !argument.token ? choices : `<${choices}>`;
  }
  return argument.type === 'block' ? renderSyntax(argument.parts) : argument.name;
}

function withToken(argument: ArgumentDoc, text: string): string {
  if (argument.token === undefined) return text;
  return `${argument.token} ${text}`;
}

function repeated(argument: ArgumentDoc, text: string): string {
  if (!argument.multiple) return text;
  const again = argument.multipleToken ? text : value(argument);
  return `${text} [${again} ...]`;
}

/** Matches arguments in order; optional ones that stand together may come in any order. */
function matchSequence(
  syntax: ReadonlyArray<ArgumentDoc>,
  words: ReadonlyArray<string>,
  start: number,
): Match | null {
  const left = [...syntax];
  let at = start;
  while (at < words.length && left.length > 0) {
    const found = matchNext(left, words, at);
    if (found === null) break;
    const { index, match } = found;
    const taken = left[index] as ArgumentDoc;
    // A required argument closes the optional ones before it.
    left.splice(taken.optional ? index : 0, taken.optional ? 1 : index + 1);
    at = match.next;
    if (match.rest !== '') return { next: at, rest: join(match.rest, renderSyntax(left)) };
  }
  if (at === start && at < words.length) return null;
  return { next: at, rest: at < words.length ? '' : renderSyntax(left) };
}

/** The first argument that takes the next word: any of the optional ones, or the required one. */
function matchNext(
  left: ReadonlyArray<ArgumentDoc>,
  words: ReadonlyArray<string>,
  at: number,
): { index: number; match: Match } | null {
  const required = left.findIndex((argument) => !argument.optional);
  const last = required < 0 ? left.length - 1 : required;
  const open = left.slice(0, last + 1).map((argument, index) => ({ argument, index }));
  // Tokens first: a word such as COUNT is a value only where no option claims it.
  const ordered = [
    ...open.filter(({ argument }) => beginsWithToken(argument)),
    ...open.filter(({ argument }) => !beginsWithToken(argument) && !argument.optional),
    ...open.filter(({ argument }) => !beginsWithToken(argument) && argument.optional),
  ];
  const tokens = new Set(tokensOf(left));
  for (const { argument, index } of ordered) {
    const match = matchArgument(argument, words, at, tokens);
    if (match) return { index, match };
  }
  return null;
}

function beginsWithToken(argument: ArgumentDoc): boolean {
  if (argument.token !== undefined) return true;
  if (argument.type === 'oneof') return argument.parts.every(beginsWithToken);
  const [first] = argument.parts;
  return first !== undefined && !first.optional && beginsWithToken(first);
}

/** Matches an argument as often as it may come; a `stop` word belongs to one that follows. */
function matchArgument(
  argument: ArgumentDoc,
  words: ReadonlyArray<string>,
  start: number,
  stop: ReadonlySet<string>,
): Match | null {
  let match = matchOnce(argument, words, start);
  if (match === null || !argument.multiple) return match;
  while (match.rest === '' && match.next < words.length) {
    if (!argument.multipleToken && stop.has((words[match.next] ?? '').toUpperCase())) return match;
    const again = matchAgain(argument, words, match.next);
    if (again === null || again.next === match.next) return match;
    match = again;
  }
  if (match.next < words.length) return match;
  const more = `[${argument.multipleToken ? once(argument) : value(argument)} ...]`;
  return { next: match.next, rest: join(match.rest, more) };
}

function matchAgain(
  argument: ArgumentDoc,
  words: ReadonlyArray<string>,
  at: number,
): Match | null {
  return argument.multipleToken ? matchOnce(argument, words, at) : matchValue(argument, words, at);
}

function matchOnce(
  argument: ArgumentDoc,
  words: ReadonlyArray<string>,
  at: number,
): Match | null {
  if (argument.token === undefined) return matchValue(argument, words, at);
  if (words[at]?.toUpperCase() !== argument.token.toUpperCase()) return null;
  if (argument.type === 'pure-token') return { next: at + 1, rest: '' };
  if (at + 1 === words.length) return { next: at + 1, rest: value(argument) };
  return matchValue(argument, words, at + 1);
}

function matchValue(
  argument: ArgumentDoc,
  words: ReadonlyArray<string>,
  at: number,
): Match | null {
  if (argument.type === 'block') return matchSequence(argument.parts, words, at);
  if (argument.type !== 'oneof') return { next: at + 1, rest: '' };
  for (const choice of argument.parts) {
    const match = matchArgument(choice, words, at, NO_WORDS);
    if (match) return match;
  }
  return null;
}

function join(...texts: string[]): string {
  return texts.filter((text) => text !== '').join(' ');
}
