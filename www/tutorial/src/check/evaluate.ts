/** Decides whether conditions hold, by asking the engine and looking at what was typed. */
import { field, list, text, type Value } from '../engine/value.ts';
import type { Comparison, Condition, Subject } from './model.ts';

/** One command that was typed in the current step, and how it ended. */
export interface Exchange {
  readonly consumer: string;
  readonly words: readonly string[];
  /** The reply as the terminal printed it. */
  readonly reply: string;
  /** The error text, when the command failed. */
  readonly error: string | null;
}

/** What conditions may look at. */
export interface Evidence {
  /** Runs a reading command; resolves to `undefined` when the engine answers with an error. */
  query(args: readonly string[]): Promise<Value | undefined>;
  readonly exchanges: readonly Exchange[];
  /** What the script of this step has printed. */
  readonly output: string;
  /** How far this step has moved the clock forward, in milliseconds. */
  readonly advancedMs: number;
}

/** True when every condition holds. */
export async function allHold(
  conditions: readonly Condition[],
  evidence: Evidence,
): Promise<boolean> {
  for (const condition of conditions) {
    if (!(await holds(condition, evidence))) return false;
  }
  return true;
}

/** True when this one condition holds. */
export async function holds(condition: Condition, evidence: Evidence): Promise<boolean> {
  const found = await look(condition.subject, evidence);
  const { comparison } = condition;
  const result = comparison
    ? found !== undefined && compare(found, comparison)
    : found !== undefined;
  return result !== condition.negated;
}

/** What is there to compare: `undefined` when the subject does not exist. */
async function look(subject: Subject, evidence: Evidence): Promise<string | undefined> {
  const ask = (...args: string[]): Promise<Value | undefined> => evidence.query(args);
  switch (subject.of) {
    case 'key':
      return text(await ask('EXISTS', subject.key)) === '1' ? subject.key : undefined;
    case 'type':
      return text(await ask('TYPE', subject.key));
    case 'length':
      return text(await ask('XLEN', subject.key));
    case 'value':
      return text(await ask('GET', subject.key));
    case 'entry': {
      const { key, id } = subject;
      return list(await ask('XRANGE', key, id, id)).length > 0 ? id : undefined;
    }
    case 'stream-field':
      return text(field(await ask('XINFO', 'STREAM', subject.key), subject.field));
    case 'client':
      return clientNames(await ask('CLIENT', 'LIST')).includes(subject.name)
        ? subject.name
        : undefined;
    case 'group':
    case 'group-field':
    case 'consumer':
    case 'consumer-field':
      return lookAtGroup(subject, ask);
    case 'entry-owner':
    case 'entry-deliveries':
    case 'entry-idle':
      return lookAtPending(subject, ask);
    default:
      return lookAtSession(subject, evidence);
  }
}

type Ask = (...args: string[]) => Promise<Value | undefined>;
type Of<Name extends Subject['of']> = Extract<Subject, { of: Name }>;

async function lookAtGroup(
  subject: Of<'group' | 'group-field' | 'consumer' | 'consumer-field'>,
  ask: Ask,
): Promise<string | undefined> {
  const { key, group } = subject;
  const ofConsumer = subject.of === 'consumer' || subject.of === 'consumer-field';
  const rows = ofConsumer
    ? list(await ask('XINFO', 'CONSUMERS', key, group))
    : list(await ask('XINFO', 'GROUPS', key));
  const name = ofConsumer ? subject.name : group;
  const row = rows.find((each) => text(field(each, 'name')) === name);
  const wanted = 'field' in subject ? subject.field : 'name';
  return row === undefined ? undefined : text(field(row, wanted));
}

/** XPENDING rows are `[id, consumer, idle, deliveries]`. */
async function lookAtPending(
  subject: Of<'entry-owner' | 'entry-deliveries' | 'entry-idle'>,
  ask: Ask,
): Promise<string | undefined> {
  const { key, group, id } = subject;
  const [row] = list(await ask('XPENDING', key, group, id, id, '1'));
  const column = { 'entry-owner': 1, 'entry-idle': 2, 'entry-deliveries': 3 }[subject.of];
  return row === undefined ? undefined : text(list(row)[column]);
}

function lookAtSession(
  subject: Of<'ran' | 'last-error' | 'last-reply' | 'output' | 'clock'>,
  evidence: Evidence,
): string | undefined {
  if (subject.of === 'output') return evidence.output;
  if (subject.of === 'clock') return String(evidence.advancedMs);
  const exchanges = evidence.exchanges.filter(
    ({ consumer }) => subject.consumer === null || subject.consumer === consumer,
  );
  if (subject.of === 'ran') {
    const { words } = subject;
    return exchanges.find((each) => each.error === null && begins(each, words))?.words.join(' ');
  }
  if (subject.of === 'last-reply') return exchanges.at(-1)?.reply;
  return exchanges.findLast((each) => each.error !== null)?.error ?? undefined;
}

/** Words compare without case, as command names do; `*` stands for any one word. */
function begins(exchange: Exchange, words: readonly string[]): boolean {
  return words.every((word, at) => {
    const typed = exchange.words[at];
    return typed !== undefined && (word === '*' || typed.toLowerCase() === word.toLowerCase());
  });
}

/** The names in CLIENT LIST, whose lines read `id=3 addr=… name=alice …`. */
function clientNames(reply: Value | undefined): string[] {
  return [...(text(reply) ?? '').matchAll(/ name=(\S+)/g)].map((match) => match[1] ?? '');
}

function compare(found: string, { operator, value }: Comparison): boolean {
  switch (operator) {
    case 'starts-with':
      return found.startsWith(value);
    case 'contains':
      return found.includes(value);
    case '==':
      return found === value;
    case '!=':
      return found !== value;
    default:
      return compareOrder(Number(found), operator, Number(value));
  }
}

function compareOrder(found: number, operator: '>' | '>=' | '<' | '<=', value: number): boolean {
  if (operator === '>') return found > value;
  if (operator === '>=') return found >= value;
  return operator === '<' ? found < value : found <= value;
}
