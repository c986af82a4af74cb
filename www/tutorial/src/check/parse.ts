/** Reads one line of the check language that LESSONS.md describes. */
import type { Comparison, Condition, Operator, Subject } from './model.ts';

const OPERATORS: readonly string[] = [
  '==', '!=', '>', '>=', '<', '<=', 'starts-with', 'contains',
];

/** A line that is not in the language; the message says what would be. */
export class CheckSyntaxError extends Error {
  override readonly name = 'CheckSyntaxError';
}

/** Turns one line, without comment or blank edges, into a condition. */
export function parseCheck(line: string): Condition {
  const words = splitWords(line);
  const negated = words[0] === 'not';
  const cursor = new Cursor(negated ? words.slice(1) : words);
  const form = cursor.next('a check, such as `exists KEY`');
  const read = FORMS[form];
  if (!read) {
    throw new CheckSyntaxError(
      `unknown check \`${form}\`; known are ${Object.keys(FORMS).join(', ')}`,
    );
  }
  const { subject, comparison } = read(cursor);
  cursor.end();
  return { source: line, negated, subject, comparison };
}

interface Parsed {
  readonly subject: Subject;
  readonly comparison: Comparison | null;
}

/** Every form of the language; the key is the first word of the line. */
const FORMS: Readonly<Record<string, (cursor: Cursor) => Parsed>> = {
  exists: (at) => plain({ of: 'key', key: at.next('KEY') }),
  entry: (at) => {
    const subject: Subject = { of: 'entry', key: at.next('KEY'), id: at.next('ID') };
    at.word('exists');
    return plain(subject);
  },
  client: (at) => {
    const subject: Subject = { of: 'client', name: at.next('NAME') };
    at.word('connected');
    return plain(subject);
  },
  ran: parseRan,
  group: parseGroup,
  consumer: parseConsumer,
  pending: parsePending,
  type: (at) => compared({ of: 'type', key: at.next('KEY') }, at),
  length: (at) => compared({ of: 'length', key: at.next('KEY') }, at),
  value: (at) => compared({ of: 'value', key: at.next('KEY') }, at),
  xinfo: (at) => {
    at.word('stream');
    const key = at.next('KEY');
    return compared({ of: 'stream-field', key, field: at.next('FIELD') }, at);
  },
  'entry-owner': parseEntry('entry-owner'),
  'entry-deliveries': parseEntry('entry-deliveries'),
  'entry-idle': parseEntry('entry-idle'),
  'last-error': (at) => compared({ of: 'last-error', consumer: at.nameBeforeOperator() }, at),
  'last-reply': (at) => compared({ of: 'last-reply', consumer: at.nameBeforeOperator() }, at),
  output: (at) => compared({ of: 'output' }, at),
  clock: (at) => {
    at.word('advanced');
    return compared({ of: 'clock' }, at);
  },
};

/** `ran [by NAME] WORD…`: a command of this step that began with these words did not fail. */
function parseRan(at: Cursor): Parsed {
  let consumer: string | null = null;
  if (at.peek() === 'by') {
    at.word('by');
    consumer = at.next('NAME');
  }
  const words = [at.next('the words of a command')];
  while (at.peek() !== undefined) words.push(at.next('WORD'));
  return plain({ of: 'ran', consumer, words });
}

function parseGroup(at: Cursor): Parsed {
  const key = at.next('KEY');
  const group = at.next('GROUP');
  const field = at.next('`exists` or a field of XINFO GROUPS');
  if (field === 'exists') return plain({ of: 'group', key, group });
  return compared({ of: 'group-field', key, group, field }, at);
}

function parseConsumer(at: Cursor): Parsed {
  const key = at.next('KEY');
  const group = at.next('GROUP');
  const name = at.next('NAME');
  const field = at.next('`exists` or a field of XINFO CONSUMERS');
  if (field === 'exists') return plain({ of: 'consumer', key, group, name });
  return compared({ of: 'consumer-field', key, group, name, field }, at);
}

/** `pending KEY GROUP [CONSUMER] OP N`: short for the field `pending` of either. */
function parsePending(at: Cursor): Parsed {
  const key = at.next('KEY');
  const group = at.next('GROUP');
  const name = at.nameBeforeOperator();
  const field = 'pending';
  if (name === null) return compared({ of: 'group-field', key, group, field }, at);
  return compared({ of: 'consumer-field', key, group, name, field }, at);
}

function parseEntry(of: 'entry-owner' | 'entry-deliveries' | 'entry-idle') {
  return (at: Cursor): Parsed =>
    compared({ of, key: at.next('KEY'), group: at.next('GROUP'), id: at.next('ID') }, at);
}

function plain(subject: Subject): Parsed {
  return { subject, comparison: null };
}

function compared(subject: Subject, at: Cursor): Parsed {
  const operator = at.next('an operator');
  if (!isOperator(operator)) {
    throw new CheckSyntaxError(
      `expected an operator (${OPERATORS.join(' ')}), found \`${operator}\``,
    );
  }
  return { subject, comparison: { operator, value: at.rest('a value') } };
}

function isOperator(word: string): word is Operator {
  return OPERATORS.includes(word);
}

/** Words are separated by blanks; double quotes keep blanks together. */
function splitWords(line: string): string[] {
  const words: string[] = [];
  const pattern = /\s*(?:"([^"]*)"|([^\s"]+))/y;
  let end = 0;
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    words.push(match[1] ?? match[2] ?? '');
    end = pattern.lastIndex;
  }
  if (line.slice(end).trim() !== '') throw new CheckSyntaxError('a quote is not closed');
  return words;
}

/** Walks the words and says what was missing where. */
class Cursor {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  peek(): string | undefined {
    return this.#words[this.#at];
  }

  next(expected: string): string {
    const word = this.#words[this.#at];
    if (word === undefined) throw new CheckSyntaxError(`expected ${expected}, found the end`);
    this.#at += 1;
    return word;
  }

  word(expected: string): void {
    const found = this.next(`\`${expected}\``);
    if (found !== expected) {
      throw new CheckSyntaxError(`expected \`${expected}\`, found \`${found}\``);
    }
  }

  /** An optional name: absent when an operator comes next. */
  nameBeforeOperator(): string | null {
    const word = this.peek();
    return word === undefined || isOperator(word) ? null : this.next('NAME');
  }

  /** All remaining words as one value. */
  rest(expected: string): string {
    const first = this.next(expected);
    const value = [first, ...this.#words.slice(this.#at)].join(' ');
    this.#at = this.#words.length;
    return value;
  }

  end(): void {
    const extra = this.peek();
    if (extra !== undefined) throw new CheckSyntaxError(`did not expect \`${extra}\` here`);
  }
}
