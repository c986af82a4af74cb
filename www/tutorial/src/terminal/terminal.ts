/** One consumer's terminal: a log, a prompt and the session that runs what is typed. */
import type { Argument } from 'brooklet';
import type { Assistant } from 'brooklet/repl';
import type { Exchange } from '../check/evaluate.ts';
import type { Outcome, Session } from '../engine/session.ts';
import { announce } from '../ui/announcer.ts';
import { h } from '../ui/dom.ts';
import { helpText } from './help.ts';
import { Log } from './log.ts';
import { Prompt } from './prompt.ts';
import { errorOf, PromptState, segmentsOf, segmentText, splitLine, wordOf } from './repl.ts';

/** A command that has not been answered after so long is shown as waiting. */
const WAITING_AFTER_MS = 60;

/** What a terminal tells the rest of the page. */
export interface TerminalEvents {
  /** A command has ended. */
  onExchange(exchange: Exchange): void;
  /** The session waits, is idle, has died or lives again. */
  onState(): void;
}

/** The terminal of one session. */
export class Terminal {
  readonly element: HTMLElement;
  readonly session: Session;
  readonly #assistant: Assistant;
  readonly #state = new PromptState();
  readonly #events: TerminalEvents;
  readonly #log: Log;
  readonly #prompt: Prompt;
  #waiting = false;

  constructor(session: Session, assistant: Assistant, events: TerminalEvents) {
    this.session = session;
    this.#assistant = assistant;
    this.#events = events;
    this.#log = new Log(`Replies to ${session.name}`);
    this.#prompt = new Prompt(session.name, {
      run: (line) => void this.run(line),
      cancel: () => this.cancel(),
      clear: () => this.#log.clear(),
      hint: (line) => assistant.hint(line),
      complete: (line) => assistant.complete(line),
    });
    const revive = h('button', {
      type: 'button', class: 'revive', onclick: () => void this.revive(),
    }, 'Connect again');
    this.element = h('div', { class: 'terminal', id: `terminal-${session.name}` },
      this.#log.element, this.#prompt.element, revive);
    this.element.addEventListener('click', () => this.#focusUnlessSelecting());
  }

  /** True while a command blocks. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** Types a command in without running it. */
  type(line: string): void {
    this.#prompt.type(line);
  }

  note(text: string): void {
    this.#log.note(text);
  }

  /** Runs a line; resolves when it has ended or has begun to wait. */
  async run(line: string): Promise<void> {
    this.#log.command(this.#state.render(this.session.name), line);
    const args = splitLine(line);
    if (args === null) {
      this.#log.reply([{ text: 'Invalid argument(s)', style: 'error' }]);
      return;
    }
    const words = args.map(wordOf);
    const [name = ''] = words;
    if (name.toLowerCase() === 'clear') return this.#log.clear();
    if (name.toLowerCase() === 'help') return this.#log.text(helpText(words, this.#assistant));
    await this.#execute(args, words);
  }

  cancel(): void {
    if (this.#waiting) this.session.cancel();
  }

  /** Ends the connection as a crash would. */
  kill(): void {
    if (!this.session.alive) return;
    this.session.kill();
    this.#died(`${this.session.name} is gone: the connection broke, nothing was acknowledged.`);
  }

  /** Connects again under the same name. */
  async revive(): Promise<void> {
    await this.session.open();
    this.element.dataset['dead'] = 'false';
    this.#prompt.setDead(false);
    this.#log.note(`${this.session.name} is connected again.`);
    this.#prompt.focus();
    this.#events.onState();
  }

  async #execute(args: readonly Argument[], words: readonly string[]): Promise<void> {
    let ended = false;
    const ending = this.session.run(args).then((outcome) => {
      ended = true;
      this.#setWaiting(false);
      this.#finish(args, words, outcome);
    });
    const waiting = delay(WAITING_AFTER_MS).then(() => {
      if (!ended) this.#setWaiting(true);
    });
    await Promise.race([ending, waiting]);
  }

  #finish(args: readonly Argument[], words: readonly string[], outcome: Outcome): void {
    if (outcome.kind === 'cancelled') {
      this.#log.note('Cancelled. Nothing was delivered.');
      announce('Cancelled. Nothing was delivered.');
    } else if (outcome.kind === 'closed') {
      if (this.element.dataset['dead'] !== 'true') this.#died(`${outcome.reason}.`);
    } else {
      this.#state.observe(args, outcome.reply);
      this.#prompt.setLabel(this.#state.render(this.session.name));
      const segments = segmentsOf(outcome.reply);
      this.#log.reply(segments);
      this.#events.onExchange({
        consumer: this.session.name,
        words,
        reply: segmentText(segments),
        error: errorOf(outcome.reply),
      });
    }
  }

  #died(sentence: string): void {
    this.#setWaiting(false);
    this.element.dataset['dead'] = 'true';
    this.#prompt.setDead(true);
    this.#log.note(sentence);
    announce(sentence);
    this.#events.onState();
  }

  #setWaiting(waiting: boolean): void {
    if (this.#waiting === waiting) return;
    this.#waiting = waiting;
    this.#prompt.setWaiting(waiting);
    if (waiting) announce(`${this.session.name} is waiting. Control C cancels.`);
    this.#events.onState();
  }

  #focusUnlessSelecting(): void {
    const coarse = matchMedia('(pointer: coarse)').matches;
    if (!coarse && getSelection()?.isCollapsed !== false) this.#prompt.focus();
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
