/**
 * A StreamsObject in workerd, as an edge for `cargo xtask test edges`: lines come in, each has one
 * line out; `tests/notation/src/edge.rs` describes them. Every scenario has an object of its own,
 * which `object-worker.mjs` has, and which is told the lines over a WebSocket.
 */
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Miniflare } from 'miniflare';

// Each row is flushed before it is answered: for these objects a disk in memory is good enough.
const MEMORY = '/dev/shm';
if (existsSync(MEMORY)) process.env.TMPDIR = MEMORY;

const miniflare = new Miniflare({
  modules: true,
  modulesRoot: fileURLToPath(new URL('../..', import.meta.url)),
  scriptPath: fileURLToPath(new URL('object-worker.mjs', import.meta.url)),
  modulesRules: [
    { type: 'ESModule', include: ['**/*.js', '**/*.mjs'] },
    { type: 'CompiledWasm', include: ['**/*.wasm'] },
  ],
  compatibilityDate: '2026-04-01',
  durableObjects: { STREAMS: { className: 'EdgeObject', useSQLite: true } },
  cf: false,
  telemetry: { enabled: false },
});

/** Lines whose answers tell something. */
const ASKS = /^(reset|open|heard) /;

/** The object of one scenario. */
class Scenario {
  #socket;
  #answers = [];
  #missing = 0;
  #told = () => undefined;

  static async begin(number) {
    const upgrade = { headers: { upgrade: 'websocket' } };
    const { webSocket } = await miniflare.dispatchFetch(`http://scenario-${number}/`, upgrade);
    return new Scenario(webSocket);
  }

  constructor(socket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      this.#answers.push(data);
      if (--this.#missing === 0) this.#told();
    });
    socket.accept();
  }

  /** What tells nothing is answered at once; if it fails, that is told by the next answer. */
  async say(line) {
    this.#missing += 1;
    this.#socket.send(line);
    if (!ASKS.test(line)) return 'ok';
    await new Promise((resolve) => (this.#told = resolve));
    const answers = this.#answers.splice(0);
    return answers.find((answer) => answer.startsWith('error')) ?? answers.at(-1);
  }

  end() {
    this.#socket.close();
  }
}

let scenario;
let scenarios = 0;
for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('reset ')) {
    scenario?.end();
    scenario = await Scenario.begin(++scenarios);
  }
  process.stdout.write(`${await scenario.say(line)}\n`);
}
await miniflare.dispose();
