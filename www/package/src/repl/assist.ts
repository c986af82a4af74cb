/** Help while typing: hints behind the cursor, completion, and help pages. */
import type { CommandDoc } from './docs.js';
import { endsInArgument, splitCommandLine } from './split.js';
import { remainingSyntax, renderSyntax, tokensOf } from './syntax.js';

/** What a command line needs to know about the commands of the server it talks to. */
export class Assistant {
  readonly #commands: ReadonlyArray<CommandDoc>;
  readonly #byName = new Map<string, CommandDoc>();

  constructor(commands: ReadonlyArray<CommandDoc>) {
    this.#commands = commands;
    for (const command of commands) {
      this.#byName.set(command.name, command);
      for (const sub of command.subcommands) this.#byName.set(sub.name, sub);
    }
  }

  /** What may follow `line`, to be shown dimmed behind the cursor; '' when nothing may. */
  hint(line: string): string {
    const words = splitCommandLine(line)?.map(String);
    if (words === undefined || words.length === 0) return '';
    const found = this.#find(words);
    if (found === undefined) return '';
    const { command, length } = found;
    const rest =
      command.subcommands.length > 0
        ? words.length === 1 ? '<subcommand>' : ''
        : remainingSyntax(command.syntax, words.slice(length));
    return rest !== '' && endsInArgument(line) ? ` ${rest}` : rest;
  }

  /** Whole lines that `line` could become: names of commands, then their option words. */
  complete(line: string): string[] {
    const help = /^(help\s+|\?\s*)/i.exec(line)?.[0] ?? '';
    const typed = line.slice(help.length);
    const names = [...this.#byName.values()].flatMap(({ name, subcommands }) =>
      subcommands.length > 0 ? [] : [name],
    );
    const matching = names.filter((name) => name.startsWith(typed.toUpperCase()) && typed !== '');
    if (matching.length > 0) return matching.map((name) => help + inCaseOf(typed, name));
    return help === '' ? this.#completeOption(line) : [];
  }

  /** The help page of a command, or of all commands of a group (`@stream`); '' without one. */
  help(topic: string): string {
    if (topic.startsWith('@')) {
      const group = topic.slice(1).toLowerCase();
      return this.#commands.filter((each) => each.group === group).map(page).join('\n');
    }
    const command = this.#byName.get(topic.trim().toUpperCase());
    if (command === undefined) return '';
    return [command, ...command.subcommands].map(page).join('\n');
  }

  #completeOption(line: string): string[] {
    const words = splitCommandLine(line)?.map(String);
    const last = words?.at(-1);
    if (words === undefined || last === undefined || !endsInArgument(line)) return [];
    const found = this.#find(words);
    if (found === undefined || words.length <= found.length) return [];
    const head = line.slice(0, line.length - last.length);
    return [...new Set(tokensOf(found.command.syntax))]
      .filter((token) => token.startsWith(last.toUpperCase()) && /^[A-Z]/.test(token))
      .map((token) => head + inCaseOf(last, token));
  }

  /** The longest command name that the words begin with, and how many words it has. */
  #find(words: ReadonlyArray<string>): { command: CommandDoc; length: number } | undefined {
    const upper = words.slice(0, 2).map((word) => word.toUpperCase());
    for (let length = upper.length; length > 0; length--) {
      const command = this.#byName.get(upper.slice(0, length).join(' '));
      if (command) return { command, length };
    }
    return undefined;
  }
}

/** Someone who types small letters gets small letters. */
function inCaseOf(typed: string, completion: string): string {
  return typed === typed.toLowerCase() && typed !== typed.toUpperCase()
    ? completion.toLowerCase()
    : completion;
}

function page(command: CommandDoc): string {
  const syntax = `${command.name} ${renderSyntax(command.syntax)}`.trimEnd();
  return [
    `  ${syntax}`,
    `  summary: ${command.summary}`,
    `  since: ${command.since}`,
    `  group: ${command.group}`,
    '',
  ].join('\n');
}
