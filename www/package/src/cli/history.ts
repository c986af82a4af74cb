/** The file of lines typed before, without those that hold a password. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Lines kept. */
const LIMIT = 1000;

/** Where the history lies; `BROOKLET_CLI_HISTORY` moves it, and `/dev/null` turns it off. */
export function historyFile(): string {
  return process.env['BROOKLET_CLI_HISTORY'] ?? join(homedir(), '.brooklet_cli_history');
}

/** Whether a line holds a password and must not be written down. */
export function isSensitive(line: string): boolean {
  return (
    /^\s*auth(\s|$)/i.test(line) ||
    /^\s*hello\s.*\sauth\s/i.test(line) ||
    /^\s*config\s+set\s.*requirepass/i.test(line)
  );
}

/** The lines, newest first, as Node's readline wants them. */
export function loadHistory(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).reverse().slice(0, LIMIT);
  } catch {
    return []; // No file yet, or not ours to read: begin without a past.
  }
}

/** Writes the lines, given newest first. */
export function saveHistory(file: string, lines: ReadonlyArray<string>): void {
  const kept = lines.filter((line) => !isSensitive(line)).slice(0, LIMIT).reverse();
  try {
    writeFileSync(file, kept.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    chmodSync(file, 0o600);
  } catch {
    // A history that cannot be written is no reason to fail.
  }
}
