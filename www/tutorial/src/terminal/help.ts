/** The words of `help` and `help COMMAND`. */
import type { Assistant } from 'brooklet/repl';

const KEYS = `Type any command, as in redis-cli.

  help COMMAND     what a command does and how it is written
  clear            empty this terminal (also Ctrl-L)
  Tab              complete the word
  Up, Down         earlier lines
  Ctrl-C           cancel a command that waits
  Escape, Tab      leave the line`;

/** Answers `help`, with or without the name of a command. */
export function helpText(words: readonly string[], assistant: Assistant): string {
  const name = words.slice(1).join(' ');
  if (name === '') return KEYS;
  return assistant.help(name) || `There is no command \`${name}\`. Tab completes names.`;
}
