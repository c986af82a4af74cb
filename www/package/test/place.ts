/** Directories for tests of their store, and what is in them. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { systemFiles, type FileSystem } from '#dist/storage/directory/files.js';
import { DirectoryStore } from '#dist/storage/directory/index.js';
import type { OpenStore } from '#dist/storage/store.js';
import { bytes } from './support.js';

const made: string[] = [];
after(() => made.forEach((path) => fs.rmSync(path, { recursive: true, force: true })));

/** A new directory with files in it. */
export function directory(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const path = fs.mkdtempSync(join(tmpdir(), 'brooklet-'));
  made.push(path);
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(dirname(join(path, name)), { recursive: true });
    fs.writeFileSync(join(path, name), content);
  }
  return path;
}

/** A frame of a text. */
export const frame = (text: string) => bytes(text) as Uint8Array<ArrayBuffer>;

/** What the files hold. */
export async function contents(store: OpenStore): Promise<string[]> {
  const texts: string[] = [];
  for (const file of store.files) {
    const pieces: Uint8Array[] = [];
    for await (const piece of file.read()) pieces.push(piece);
    texts.push(`${file.kind}: ${Buffer.concat(pieces).toString()}`);
  }
  return texts;
}

/** Opens a directory and goes on where it ends. */
export async function start(path: string, files: FileSystem = systemFiles): Promise<OpenStore> {
  const store = await new DirectoryStore(path, files).open('always');
  await store.start(1, store.files.at(-1)?.bytes ?? 0);
  return store;
}

/** What a directory that is opened once more holds. */
export async function reread(path: string): Promise<string[]> {
  const store = await new DirectoryStore(path).open('no');
  const found = await contents(store);
  await store.close();
  return found;
}

/** An append that is refused. */
export async function rejects(append: Promise<void> | undefined, error: object): Promise<void> {
  assert.ok(append);
  await assert.rejects(append, error);
}

/** That a directory cannot be opened, and why. */
export const refused = (path: string, name: string, message: RegExp) =>
  assert.rejects(new DirectoryStore(path).open('always'), { name, message });
