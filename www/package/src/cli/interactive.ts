/** The interactive prompt: hints, completion, history, coloured replies. */
import { createInterface, type Interface } from 'node:readline';
import { AbortError } from '../errors.js';
import type { Argument } from '../reply.js';
import { Assistant, formatReplyOf, splitCommandLine } from '../repl/index.js';
import { historyFile, isSensitive, loadHistory, saveHistory } from './history.js';
import { reasonOf } from '../tools/problem.js';
import type { Link } from './link.js';
import { dim, paint, wantsColour } from './style.js';

/** The two streams of a terminal. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream & { columns?: number; isTTY?: boolean };
}

/** Reads and runs commands until `quit` or the end of input; resolves to the exit code. */
export async function interact(
  link: Link,
  terminal: Terminal = { input: process.stdin, output: process.stdout },
): Promise<number> {
  return new Prompt(link, terminal).run();
}

class Prompt {
  readonly #readline: Interface;
  readonly #history: string[];
  readonly #file = historyFile();
  readonly #colour: boolean;
  #assistant = new Assistant([]);
  #running: AbortController | undefined;
  #finish: (code: number) => void = () => undefined;
  #connected = false;

  constructor(
    private readonly link: Link,
    private readonly terminal: Terminal,
  ) {
    this.#colour = wantsColour(terminal.output);
    this.#history = loadHistory(this.#file);
    this.#readline = createInterface({
      input: terminal.input,
      output: terminal.output,
      terminal: true,
      history: [...this.#history],
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: (line: string) => [this.#assistant.complete(line), line],
    });
    this.#readline.on('line', (line) => void this.#enter(line));
    this.#readline.on('SIGINT', () => this.#interrupt());
    this.#readline.on('close', () => this.#leave());
    terminal.input.on('keypress', this.#onKey);
  }

  async run(): Promise<number> {
    const finished = new Promise<number>((resolve) => (this.#finish = resolve));
    try {
      this.#assistant = await this.link.assistant();
      this.#connected = true;
    } catch (error) {
      this.#print(this.#problem(error));
    }
    this.#ask();
    return finished;
  }

  /** The hint is drawn after readline has drawn the line with the key that was just pressed. */
  readonly #onKey = (): void => void setImmediate(() => this.#drawHint());

  #drawHint(): void {
    const { line, cursor } = this.#readline;
    if (this.#running || !this.#colour || cursor !== line.length) return;
    const column = this.#readline.getCursorPos().cols;
    const room = (this.terminal.output.columns ?? 80) - column - 1;
    const hint = this.#assistant.hint(line).slice(0, Math.max(room, 0));
    this.#print(`\x1b7\x1b[K${hint === '' ? '' : dim(hint)}\x1b8`);
  }

  #ask(): void {
    const address = this.#connected ? this.link.prompt.render(this.link.name) : 'not connected> ';
    this.#readline.setPrompt(address);
    this.#readline.prompt();
  }

  async #enter(line: string): Promise<void> {
    if (line.trim() !== '') this.#remember(line);
    this.#print('\x1b[K');
    const args = splitCommandLine(line);
    if (args === null) this.#print('Invalid argument(s)\n');
    else if (args.length > 0 && (await this.#run(line, args)) === 'leave') {
      return this.#readline.close();
    }
    this.#ask();
  }

  async #run(line: string, args: Argument[]): Promise<'leave' | 'stay'> {
    const name = String(args[0]).toLowerCase();
    if (name === 'quit' || name === 'exit') return 'leave';
    if (name === 'clear') this.#print('\x1b[H\x1b[2J');
    else if (name === 'help' || name === '?') this.#help(line.trim().split(/\s+/).slice(1));
    else await this.#send(args);
    return 'stay';
  }

  async #send(args: Argument[]): Promise<void> {
    this.#running = new AbortController();
    try {
      const reply = await this.link.send(args, this.#running.signal);
      this.#connected = true;
      this.#print(paint(formatReplyOf(args, reply), this.#colour));
    } catch (error) {
      this.#connected = error instanceof AbortError;
      this.#print(this.#problem(error));
    } finally {
      this.#running = undefined;
    }
  }

  #help(topic: string[]): void {
    const page = this.#assistant.help(topic.join(' '));
    this.#print(
      page === ''
        ? 'Type: help <command> | help @stream | quit. Tab completes, dim text is a hint.\n'
        : `${page}\n`,
    );
  }

  /** Ctrl-C ends a blocked command first, then clears the line, then leaves. */
  #interrupt(): void {
    if (this.#running) return this.#running.abort();
    if (this.#readline.line === '') return this.#readline.close();
    this.#print('\n');
    this.#readline.write(null, { ctrl: true, name: 'e' });
    this.#readline.write(null, { ctrl: true, name: 'u' });
    this.#ask();
  }

  #leave(): void {
    this.terminal.input.removeListener('keypress', this.#onKey);
    this.#running?.abort();
    saveHistory(this.#file, this.#history);
    this.link.close();
    this.#finish(0);
  }

  #remember(line: string): void {
    if (isSensitive(line) || this.#history[0] === line) return;
    this.#history.unshift(line);
  }

  #print(text: string): void {
    this.terminal.output.write(text);
  }

  #problem(error: unknown): string {
    if (error instanceof AbortError) return '(interrupted)\n';
    return `Could not reach ${this.link.name}: ${reasonOf(error)}\n`;
  }
}
