/**
 * A host for the component: jco, a clock that is set, and journals in memory.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transpile } from '@bytecodealliance/jco-transpile';
import { Journals, logOf } from './journals.mjs';

/** What jco makes of the component that `cargo xtask component` has built. */
export async function compile() {
  const path = process.env.BROOKLET_COMPONENT;
  if (path === undefined) throw new Error('BROOKLET_COMPONENT names the component');
  // As `jco transpile` does it unless it is told otherwise, but for the instantiation.
  const options = { name: 'brooklet', instantiation: 'sync', noComponentErrorWrapping: false };
  const { files, imports } = await transpile(path, options);
  const folder = await mkdtemp(join(tmpdir(), 'brooklet-jco-'));
  await writeFile(join(folder, 'brooklet.mjs'), files['brooklet.js']);
  const { instantiate } = await import(pathToFileURL(join(folder, 'brooklet.mjs')).href);
  await rm(folder, { recursive: true });
  const cores = Object.entries(files).filter(([name]) => name.endsWith('.wasm'));
  return { instantiate, imports, cores, modules: modulesOf(cores) };
}

/** The same with so many pages of memory at most, fewer than 128. */
export function capped(component, pages) {
  const limited = component.cores.map(([name, bytes]) => [name, withMaximum(bytes, pages)]);
  return { ...component, modules: modulesOf(limited) };
}

const modulesOf = (cores) =>
  new Map(cores.map(([name, bytes]) => [name, new WebAssembly.Module(bytes)]));

/** A module whose memory, if it has one, has a maximum: its section is written anew. */
function withMaximum(module, pages) {
  const [HEADER, MEMORY] = [8, 5];
  for (let at = HEADER; at < module.length; ) {
    const kind = module[at];
    const [length, content] = leb128(module, at + 1);
    if (kind === MEMORY) {
      const [minimum] = leb128(module, content + 2);
      const section = [MEMORY, 4, 1, 1, minimum, pages];
      const rest = module.subarray(content + length);
      return Buffer.concat([module.subarray(0, at), Uint8Array.from(section), rest]);
    }
    at = content + length;
  }
  return module;
}

/** A number as Wasm writes lengths, and where it ends. */
function leb128(bytes, at) {
  let number = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    number |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [number, at];
  }
}

/** An instance, and the ground that it stands on. */
export class Host {
  /** Milliseconds since 1970. */
  clock = 1000n;
  /** When each database wants its next tick. */
  ticks = new Map();
  #ready = [];

  constructor({ instantiate, modules }, journals = new Journals()) {
    const imports = {
      'brooklet:streams/clock': { now: () => this.clock },
      'brooklet:streams/journal': { Log: logOf(journals) },
      'brooklet:streams/wake': {
        ready: (_database, id) => void this.#ready.push(id),
        schedule: (database, at) => {
          if (at === undefined) this.ticks.delete(database);
          else this.ticks.set(database, at);
        },
      },
    };
    const { databases, groups, raw, streams } = instantiate((name) => modules.get(name), imports);
    Object.assign(this, { databases, groups, raw, streams });
  }

  /** Opens a database, in memory or with a journal. */
  open(name, durable) {
    const settings = [['enable-debug-command', 'yes']];
    return this.databases.Database.open(name, { durable, settings });
  }

  /** Lets time pass up to `clock`. */
  pass(database, clock) {
    this.clock = clock;
    database.tick();
  }

  /** Who has something to take, since this was asked last; by their numbers. */
  takeReady() {
    return this.#ready.splice(0);
  }
}

/** What jco throws is an error whose payload is the contract's `error`. */
export function errorOf(call) {
  try {
    call();
  } catch (error) {
    if (error.payload === undefined) throw error;
    return error.payload;
  }
  throw new Error('it was to fail');
}
