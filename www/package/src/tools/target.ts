/** Where exported bytes go: a file, which is there when it is whole, or a stream. */
import { rmSync } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { codeOf } from '../storage/directory/files.js';
import { reasonOf, ToolError } from './problem.js';

/** Takes bytes, then ends. */
export interface Target {
  write(bytes: Uint8Array): Promise<void>;
  /** Everything was written: makes it what was asked for. */
  end(): Promise<void>;
  /** Gives it up. */
  abort(): Promise<void>;
}

/** A file that must not be there, unless it may be replaced. */
export async function toFile(path: string, replace: boolean): Promise<Target> {
  if (!replace && (await exists(path))) {
    throw new ToolError(`${path} is there already: choose another name, or add --force`);
  }
  const temporary = `${path}.part`;
  const remove = (): void => rmSync(temporary, { force: true });
  try {
    const file = await open(temporary, 'w');
    process.once('exit', remove);
    return {
      write: (bytes) => file.writeFile(bytes),
      async end() {
        await file.sync();
        await file.close();
        await rename(temporary, path);
        process.removeListener('exit', remove);
      },
      async abort() {
        await file.close().catch(() => undefined);
        remove();
        process.removeListener('exit', remove);
      },
    };
  } catch (error) {
    throw new ToolError(`${path} cannot be written: ${reasonOf(error)}`);
  }
}

/** A stream that somebody else ends. */
export function toStream(stream: Writable): Target {
  // Each write tells its own error.
  stream.on('error', () => undefined);
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    end: async () => undefined,
    abort: async () => undefined,
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw new ToolError(`${path} cannot be written: ${reasonOf(error)}`);
  }
}
