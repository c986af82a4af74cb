/** A `brooklet serve` on a directory, which can be killed at any moment. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { BROOKLET, stop } from '../clients/support/server.mjs';

const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** One process of the server. */
export class Server {
  port = 0;
  #child;
  #began = performance.now();

  constructor(child) {
    this.#child = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
  }

  /** Starts one, and does not wait until it is there. */
  static launch(directory, appendfsync) {
    const words = ['serve', '--port', '0', '--dir', directory, '--appendfsync', appendfsync];
    const stdio = ['ignore', 'pipe', 'inherit'];
    return new Server(spawn(process.execPath, [BROOKLET, ...words], { stdio }));
  }

  /** Resolves, once clients can connect, to how many milliseconds that took. */
  async ready() {
    for await (const line of createInterface({ input: this.#child.stdout })) {
      const said = /^Listening on 127\.0\.0\.1:(\d+)/.exec(line);
      if (!said) continue;
      this.#child.stdout.resume();
      this.port = Number(said[1]);
      return performance.now() - this.#began;
    }
    throw new Error('brooklet serve ended before it was ready');
  }

  /** Ends it as a crash does. */
  async kill() {
    if (this.#child.exitCode !== null) {
      throw new Error(`brooklet serve ended by itself, with ${this.#child.exitCode}`);
    }
    this.#child.kill('SIGKILL');
    if (this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  /** Asks it to end. */
  stop() {
    return stop(this.#child);
  }
}
