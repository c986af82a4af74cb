/** A StreamsObject that can be broken, a service in front of it, and the Worker that has both. */
import { WorkerEntrypoint } from 'cloudflare:workers';
import { StreamsObject } from '../../../www/package/dist/cloudflare/index.js';
import { currentInstance } from '../../../www/package/dist/engine/instance.js';

export { default } from './rpc-caller.mjs';

/** Its reads wait no longer than a second. */
export class CountingObject extends StreamsObject {
  options() {
    return { ...super.options(), limits: { waitMs: 1000 } };
  }

  /** The next command traps, in every object of the isolate. */
  destroy() {
    new Uint8Array(currentInstance().memory.buffer).fill(0xff);
  }

  reset() {
    this.state.abort('reset by a test');
  }

  /** Between a change and the turn in which it is written. */
  async resetInTurn() {
    const client = (await this.database()).client();
    void client.xAdd('s', '*', { a: '1' }).catch(() => undefined);
    this.reset();
  }
}

/** Hands calls on to one object. */
export class Service extends WorkerEntrypoint {
  get #stub() {
    return this.env.STREAMS.getByName('all');
  }

  runCommands(commands) {
    return this.#stub.runCommands(commands);
  }

  beginRead(commands) {
    return this.#stub.beginRead(commands);
  }
}
