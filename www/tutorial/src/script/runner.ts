/** Runs what the learner wrote, as an async function with a client; it can be cancelled. */
import type { Brooklet, Client } from 'brooklet';
import type { World } from '../engine/world.ts';

/** How a script ended. */
export type ScriptEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string; readonly line: number | null };

/** Thrown inside a cancelled script at its next `log` or `sleep`. */
class ScriptCancelled extends Error {
  override readonly name = 'ScriptCancelled';
}

type Script = (
  client: Client, db: Pick<Brooklet, 'client'>, log: Log, sleep: Sleep,
) => Promise<unknown>;
type Log = (...values: readonly unknown[]) => void;
type Sleep = (ms: number) => Promise<void>;

const AsyncFunction = (async () => undefined).constructor as unknown as {
  new (...parameters: string[]): Script;
};

/** The engine's own prelude to a function made from text is so many lines long. */
const PRELUDE_LINES = 2;

/** Runs `code`; whatever it connected is closed when it has ended. Never rejects. */
export async function runScript(
  code: string, world: World, print: Log, signal: AbortSignal,
): Promise<ScriptEnd> {
  const clients: Client[] = [];
  const open = (): Client => track(world.db.client(), clients);
  const closeAll = (): void => clients.splice(0).forEach((client) => client.close());
  const cancelled = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      closeAll();
      reject(new ScriptCancelled('cancelled'));
    }, { once: true });
  });
  const log: Log = (...values) => {
    if (signal.aborted) throw new ScriptCancelled('cancelled');
    print(...values);
  };
  const sleep: Sleep = (ms) => sleepOn(world, ms, signal);
  try {
    const script = new AsyncFunction('client', 'db', 'log', 'sleep', code);
    await Promise.race([script(open(), { client: open }, log, sleep), cancelled]);
    return { kind: 'done' };
  } catch (error) {
    if (signal.aborted) return { kind: 'cancelled' };
    return { kind: 'failed', ...describe(error) };
  } finally {
    closeAll();
  }
}

/** Remembers a client, and those duplicated from it, so that none outlives the script. */
function track(client: Client, clients: Client[]): Client {
  clients.push(client);
  return new Proxy(client, {
    get(target, property) {
      if (property === 'duplicate') return () => track(target.duplicate(), clients);
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Sleeps by the engine's clock, so that skipped time counts. */
function sleepOn(world: World, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (): void => reject(new ScriptCancelled('cancelled'));
    if (signal.aborted) return give();
    const disarm = world.clock.setTimer(world.clock.now() + ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    const onAbort = (): void => {
      disarm();
      give();
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function describe(error: unknown): { message: string; line: number | null } {
  if (!(error instanceof Error)) return { message: `Thrown: ${String(error)}`, line: null };
  const place = /<anonymous>:(\d+):\d+\)?|AsyncFunction:(\d+):\d+/.exec(error.stack ?? '');
  const line = Number(place?.[1] ?? place?.[2] ?? Number.NaN) - PRELUDE_LINES;
  const message = `${error.name}: ${error.message}`;
  return { message, line: Number.isInteger(line) && line > 0 ? line : null };
}
