/** The Idempotency-Key header: a request that is sent again adds no entry again. */
import type { CommandArguments } from '../reply.js';
import type { CommandFacts } from './commands.js';
import { RestError } from './error.js';

/** The producer of keys that name none. */
const PRODUCER = 'rest';
const LONGEST_KEY = 255;

/** `producer/id`, or an id alone. In quotation marks or not. */
export class IdempotencyKey {
  readonly #producer: string;
  readonly #id: string;

  /** The key of a request, if it has one. */
  static of(headers: Headers): IdempotencyKey | undefined {
    const value = headers.get('idempotency-key');
    return value === null ? undefined : new IdempotencyKey(value);
  }

  private constructor(value: string) {
    const key = value.trim().replace(/^"(.*)"$/, '$1');
    const slash = key.lastIndexOf('/');
    this.#producer = slash < 0 ? PRODUCER : key.slice(0, slash);
    this.#id = key.slice(slash + 1);
    if (this.#producer === '' || this.#id === '' || key.length > LONGEST_KEY) {
      throw new RestError(
        400,
        `ERR Idempotency-Key must be an ID, or a producer/ID, of 1 to ${LONGEST_KEY} characters`,
      );
    }
  }

  /** The command with the key in it; `index` is its place in a request of several. */
  onto(command: CommandArguments, facts: CommandFacts, index?: number): CommandArguments {
    if (facts.reads) return command;
    if (facts.name !== 'xadd') {
      throw new RestError(
        400,
        `ERR Idempotency-Key goes with XADD and with reads: '${facts.name}' would be run again`,
      );
    }
    const [name, key, ...rest] = command;
    if (name === undefined || key === undefined) return command;
    const id = index === undefined ? this.#id : `${this.#id}#${index}`;
    return [name, key, 'IDMP', this.#producer, id, ...rest];
  }
}
