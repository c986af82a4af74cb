/** What tools say while they work: notes and progress, on standard error, or nothing. */
import cliProgress from 'cli-progress';
import { wantsColour } from '../cli/style.js';
import { sizeText } from './text.js';

/** Progress of one piece of work. */
export interface Progress {
  /** So much more is done. */
  advance(by: number): void;
  /** It is finished, or given up. */
  end(): void;
}

/** Where a tool's words go. */
export interface Reporter {
  /** What was done, or what is worth knowing. */
  note(text: string): void;
  /** What may be wrong. */
  warn(text: string): void;
  /** Begins a piece of work of so many bytes or keys; 0 when nobody knows. */
  begin(label: string, total: number, unit: 'bytes' | 'keys'): Progress;
  /** Takes what is shown of progress away: the process is about to end. */
  stop(): void;
}

const idle: Progress = { advance: () => undefined, end: () => undefined };

/** Says nothing but errors, which are not its business. */
export const silent: Reporter = {
  note: () => undefined,
  warn: () => undefined,
  begin: () => idle,
  stop: () => undefined,
};

/** Work shorter than this shows no bar: it would only flicker. */
const PATIENCE_MS = 300;

/** Notes as lines; bars only on a terminal. */
export function reporterTo(stream: NodeJS.WriteStream): Reporter {
  const colour = wantsColour(stream);
  let shown = idle;
  return {
    note: (text) => void stream.write(`${text}\n`),
    warn: (text) => void stream.write(colour ? `\x1b[33m${text}\x1b[0m\n` : `${text}\n`),
    begin: (label, total, unit) => (shown = stream.isTTY ? bar(stream, label, total, unit) : idle),
    stop: () => shown.end(),
  };
}

function bar(
  stream: NodeJS.WriteStream,
  label: string,
  total: number,
  unit: 'bytes' | 'keys',
): Progress {
  const show = (value: number): string => (unit === 'bytes' ? sizeText(value) : String(value));
  const known =
    total > 0 ? '{bar} {percentage}% · {done} of {all} · {eta_formatted} left' : '{done}';
  const shown = new cliProgress.SingleBar(
    {
      stream,
      format: `${label} ${known}`,
      barsize: 30,
      clearOnComplete: true,
      etaBuffer: 50,
      gracefulExit: false,
    },
    cliProgress.Presets.shades_classic,
  );
  const begun = Date.now();
  let done = 0;
  let visible = false;
  return {
    advance(by) {
      done += by;
      if (!visible && Date.now() - begun < PATIENCE_MS) return;
      const words = { done: show(done), all: show(total) };
      if (visible) shown.update(Math.min(done, total), words);
      else shown.start(total, done, words);
      visible = true;
    },
    end() {
      if (visible) shown.stop();
      visible = false;
    },
  };
}
