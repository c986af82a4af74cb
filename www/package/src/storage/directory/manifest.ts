/** Redis' manifest of an append-only directory: which files are the journal, in which order. */
import { splitCommandLine } from '../../repl/split.js';
import { StoreError } from '../errors.js';

/** The longest line that Redis reads, its end included. */
const LONGEST_LINE = 1024;

/** A file that a manifest names. */
export interface ManifestFile {
  readonly name: string;
  readonly sequence: number;
}

/** What a manifest says. */
export interface Manifest {
  readonly base: ManifestFile | undefined;
  readonly increments: ReadonlyArray<ManifestFile>;
  /** Files that a rewrite has made superfluous and that were not removed yet. */
  readonly history: ReadonlyArray<ManifestFile>;
}

/** Reads a manifest as Redis does; throws a StoreError that names the line. */
export function parseManifest(text: string, path: string): Manifest {
  const lines = text.split('\n');
  const rest = lines.pop();
  if (lines.length === 0 && rest === '') throw new StoreError(`${path} is empty`);
  let base: ManifestFile | undefined;
  const increments: ManifestFile[] = [];
  const history: ManifestFile[] = [];
  const fail = (line: number, what: string): never => {
    throw new StoreError(`${path}, line ${line}: ${what}`);
  };
  if (rest !== '' && !rest?.startsWith('#')) fail(lines.length + 1, 'the line does not end');
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('#')) continue;
    if (Buffer.byteLength(line) >= LONGEST_LINE) fail(index + 1, 'the line is too long');
    const { type, ...file } = fileOf(line) ?? fail(index + 1, `no file is named in: ${line}`);
    if (/[/\\]/.test(file.name)) fail(index + 1, `a path is no file name: ${file.name}`);
    if (type === 'h') history.push(file);
    else if (type === 'i') {
      if (file.sequence <= (increments.at(-1)?.sequence ?? 0)) {
        fail(index + 1, 'the sequence numbers do not grow');
      }
      increments.push(file);
    } else if (type === 'b') {
      if (base !== undefined) fail(index + 1, 'there is a base already');
      base = file;
    } else fail(index + 1, `files of type ${type} are not known`);
  }
  return { base, increments, history };
}

/** The text of a manifest. What Redis adds about replication is not kept: we replicate nothing. */
export function formatManifest({ base, increments, history }: Manifest): string {
  const line = (file: ManifestFile, type: string) =>
    `file ${quoted(file.name)} seq ${file.sequence} type ${type}\n`;
  return [
    ...(base ? [line(base, 'b')] : []),
    ...history.map((file) => line(file, 'h')),
    ...increments.map((file) => line(file, 'i')),
  ].join('');
}

/** Pairs of a key and a value; keys that are not known are passed over, as Redis does. */
function fileOf(line: string): (ManifestFile & { type: string }) | undefined {
  const words = splitCommandLine(line);
  if (words === null || words.length < 6 || words.length % 2 !== 0) return undefined;
  const pairs = new Map<string, string>();
  for (let at = 0; at < words.length; at += 2) {
    const [key, value] = [words[at], words[at + 1]];
    if (typeof key !== 'string') return undefined;
    if (typeof value === 'string') pairs.set(key.toLowerCase(), value);
  }
  const name = pairs.get('file');
  const type = pairs.get('type')?.[0];
  const sequence = Number.parseInt(pairs.get('seq') ?? '', 10);
  if (!name || !type || !(Number.isSafeInteger(sequence) && sequence > 0)) return undefined;
  return { name, sequence, type };
}

/** A name as Redis writes it: in quotes where a bare word would be read otherwise. */
function quoted(name: string): string {
  if (/^[!#-&(-[\]-~]+$/.test(name)) return name;
  const bytes = [...Buffer.from(name)].map((byte) => {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === '\\') return `\\${character}`;
    const isPlain = byte >= 0x20 && byte < 0x7f;
    return isPlain ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `"${bytes.join('')}"`;
}
