/** Turns the Markdown of one lesson into a `Lesson`; the format is described in LESSONS.md. */
import { Marked, type Token, type Tokens } from 'marked';
import { CheckSyntaxError, parseCheck } from '../src/check/parse.ts';
import type { Condition } from '../src/check/model.ts';
import type { Block, Lesson, Step, Suggestion } from '../src/lesson/model.ts';
import { LessonError } from './error.ts';
import { readFrontMatter, type FrontMatter } from './front-matter.ts';

const marked = new Marked({ gfm: true });
const KNOWN_KEYS = new Set(['title', 'order', 'summary', 'consumers', 'setup']);

/** Reads a lesson; `file` is the name used in errors and, without number and ending, the slug. */
export function readLesson(file: string, text: string): Lesson {
  const front = readFrontMatter(file, text);
  const head = readHead(file, front);
  const body = new BodyReader(file, front.bodyLine, head.consumers);
  for (const token of marked.lexer(front.body)) body.take(token);
  return { ...head, ...body.finish() };
}

type Head = Pick<Lesson, 'slug' | 'order' | 'title' | 'summary' | 'setup' | 'consumers'>;

function readHead(file: string, front: FrontMatter): Head {
  for (const key of [...front.values.keys(), ...front.lists.keys()]) {
    if (!KNOWN_KEYS.has(key)) {
      throw new LessonError(file, 1, `unknown key \`${key}\` in the front matter`);
    }
  }
  const need = (key: string): string => {
    const value = front.values.get(key);
    if (value === undefined) throw new LessonError(file, 1, `the front matter needs \`${key}\``);
    return value;
  };
  const order = Number(need('order'));
  if (!Number.isInteger(order)) throw new LessonError(file, 1, '`order` must be a whole number');
  const base = file.split('/').at(-1) ?? file;
  return {
    slug: base.replace(/\.md$/, '').replace(/^\d+-/, ''),
    order,
    title: need('title'),
    summary: need('summary'),
    setup: front.lists.get('setup') ?? [],
    consumers: need('consumers').split(',').map((name) => name.trim()),
  };
}

/** A step while it is being read. */
interface Draft {
  readonly title: string;
  readonly line: number;
  readonly blocks: Block[];
  readonly suggestions: Suggestion[];
  readonly checks: Condition[];
}

/** Takes Markdown tokens in order and files them under introduction, steps or ending. */
class BodyReader {
  readonly #file: string;
  readonly #consumers: readonly string[];
  #line: number;
  #intro = '';
  #outro = '';
  #inOutro = false;
  readonly #steps: Draft[] = [];

  constructor(file: string, line: number, consumers: readonly string[]) {
    this.#file = file;
    this.#line = line;
    this.#consumers = consumers;
  }

  take(token: Token): void {
    if (token.type === 'heading' && (token as Tokens.Heading).depth === 2) {
      this.#startStep((token as Tokens.Heading).text);
    } else if (token.type === 'hr') {
      this.#inOutro = true;
    } else if (token.type === 'space') {
      // Blank lines only count as lines.
    } else if (token.type !== 'code' || !this.#takeFence(token as Tokens.Code)) {
      this.#takeProse(token);
    }
    this.#line += token.raw.split('\n').length - 1;
  }

  finish(): Pick<Lesson, 'intro' | 'outro' | 'steps'> {
    if (this.#steps.length === 0) this.#fail('a lesson needs at least one `## Step`');
    const steps = this.#steps.map(({ line, ...step }): Step => {
      if (step.checks.length === 0) {
        throw new LessonError(this.#file, line, `step "${step.title}" has no \`check\` block`);
      }
      return step;
    });
    return { intro: this.#intro, outro: this.#outro, steps };
  }

  #startStep(title: string): void {
    if (this.#inOutro) this.#fail('a step after the `---` that begins the ending');
    this.#steps.push({ title, line: this.#line, blocks: [], suggestions: [], checks: [] });
  }

  #takeProse(token: Token): void {
    const html = marked.parser([token]);
    const step = this.#steps.at(-1);
    if (this.#inOutro) this.#outro += html;
    else if (step) step.blocks.push({ kind: 'prose', html });
    else this.#intro += html;
  }

  /** True when the fence is one of ours; any other is shown as code. */
  #takeFence(token: Tokens.Code): boolean {
    const [word = '', ...names] = (token.lang ?? '').split(/\s+/);
    if (!['run', 'advance', 'kill', 'script', 'check'].includes(word)) return false;
    const step = this.#steps.at(-1);
    if (!step || this.#inOutro) this.#fail(`a \`${word}\` block outside of a step`);
    if (word === 'check') this.#takeChecks(step, token.text);
    else this.#suggest(step, this.#readSuggestion(word, names, token.text));
    return true;
  }

  #takeChecks(step: Draft, text: string): void {
    text.split('\n').forEach((line, index) => {
      const source = line.replace(/(^|\s)#.*$/, '').trim();
      if (source === '') return;
      try {
        step.checks.push(parseCheck(source));
      } catch (error) {
        if (!(error instanceof CheckSyntaxError)) throw error;
        this.#fail(error.message, 1 + index);
      }
    });
  }

  #readSuggestion(word: string, names: readonly string[], text: string): Suggestion {
    const only = text.trim();
    if (word === 'script') return { kind: 'script', code: text };
    if (only === '' || only.includes('\n')) this.#fail(`a \`${word}\` block holds one line`);
    if (word === 'advance') return { kind: 'advance', ms: this.#duration(only) };
    const consumer = word === 'kill' ? only : (names[0] ?? this.#consumers[0] ?? '');
    if (!this.#consumers.includes(consumer)) {
      this.#fail(`\`${consumer}\` is not among the lesson's consumers`);
    }
    return word === 'kill' ? { kind: 'kill', consumer } : { kind: 'command', consumer, text: only };
  }

  #duration(text: string): number {
    const match = /^(\d+)(s|m|h)$/.exec(text);
    if (!match) this.#fail(`\`${text}\` is not a duration such as 30s, 1m or 2h`);
    return Number(match[1]) * { s: 1_000, m: 60_000, h: 3_600_000 }[match[2] as 's' | 'm' | 'h'];
  }

  #suggest(step: Draft, suggestion: Suggestion): void {
    step.blocks.push({ kind: 'suggestion', index: step.suggestions.length });
    step.suggestions.push(suggestion);
  }

  #fail(message: string, offset = 0): never {
    throw new LessonError(this.#file, this.#line + offset, message);
  }
}
