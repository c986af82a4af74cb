/** A StreamsObject that is told line by line what clients behind its sockets do, and the time. */
import { StreamsObject } from '../../www/package/dist/cloudflare/index.js';
import { Memory } from '../../www/package/dist/cloudflare/memory.js';
import { keepWith } from '../../www/package/dist/cloudflare/socket.js';
import { Sockets } from '../../www/package/dist/cloudflare/sockets.js';
import { encodeCommand } from '../../www/package/dist/resp/encode.js';
import { settingsOf } from '../../www/package/dist/rest/options.js';
import { turn } from '../../www/package/dist/storage/turn.js';

const decoder = new TextDecoder();
let now = 0;
Date.now = () => now;

const bytesOf = (hex) =>
  Uint8Array.from(hex === '-' ? [] : hex.match(/../g), (byte) => parseInt(byte, 16));

/** A client: one socket of the object, and what it was told. */
class Client {
  readyState = 1;
  #heard = [];

  constructor(sockets) {
    this.sockets = sockets;
    const session = new Memory().remembered;
    keepWith(this, { role: 'all', addr: '', session, read: undefined, held: new Uint8Array() });
  }

  get closed() {
    return this.readyState !== 1;
  }

  write(bytes) {
    return this.sockets.message(this, bytes.slice().buffer);
  }

  leave() {
    return this.sockets.closed(this);
  }

  send(bytes) {
    this.#heard.push(bytes.slice());
  }

  close() {
    this.readyState = 3;
    queueMicrotask(() => this.leave());
  }

  serializeAttachment(kept) {
    this.kept = structuredClone(kept);
  }

  deserializeAttachment() {
    return this.kept;
  }

  heard() {
    const digits = this.#heard.splice(0).map((bytes) => {
      let hex = '';
      for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
      return hex;
    });
    return digits.join('') || '-';
  }
}

export class EdgeObject extends StreamsObject {
  #clients = new Map();
  #sockets;

  #verbs = {
    reset: async (clock) => {
      now = Number(clock);
      const database = await this.database();
      this.#sockets = new Sockets(this.state, database, settingsOf({}), () => undefined);
    },
    open: async (name, protocol) => {
      const client = new Client(this.#sockets);
      this.#clients.set(name, client);
      const ask = async (...command) => {
        await client.write(encodeCommand(command));
        await turn();
        return client.heard();
      };
      const id = await ask('CLIENT', 'ID');
      if (protocol === '3') await ask('HELLO', '3');
      return decoder.decode(bytesOf(id)).slice(1).trim();
    },
    command: (name, ...words) =>
      this.#clients.get(name).write(encodeCommand(words.map(bytesOf))),
    send: (name, bytes) => this.#clients.get(name).write(bytesOf(bytes)),
    leave: (name) => this.#clients.get(name).leave(),
    clock: (clock) => {
      now = Number(clock);
      return this.alarm();
    },
    heard: (name) => {
      const client = this.#clients.get(name);
      return client.heard() + (client.closed ? ' closed' : '');
    },
  };

  config() {
    // As the transcripts were recorded: without a limit.
    return { enableDebugCommand: 'yes' };
  }

  fetch() {
    const { 0: told, 1: socket } = new WebSocketPair();
    let last = Promise.resolve();
    socket.accept();
    socket.addEventListener('message', ({ data }) => {
      last = last.then(async () => socket.send(await this.#answer(data)));
    });
    return new Response(null, { status: 101, webSocket: told });
  }

  async #answer(line) {
    const [verb, ...words] = line.split(' ');
    try {
      const answer = await this.#verbs[verb](...words);
      // What was changed is written in the next turn, and answered then.
      if (verb !== 'heard') await turn();
      return `ok ${answer ?? ''}`;
    } catch (error) {
      return `error ${String(error?.stack ?? error).replaceAll('\n', ' | ')}`;
    }
  }
}

export default {
  fetch: (request, env) => env.STREAMS.getByName(new URL(request.url).hostname).fetch(request),
};
