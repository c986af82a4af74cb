/** A StreamsObject that is told line by line what clients do, at a time that it is told as well. */
import { StreamsObject } from '../../www/package/dist/cloudflare/index.js';
import { encodeCommand } from '../../www/package/dist/resp/encode.js';
import { turn } from '../../www/package/dist/storage/turn.js';

let now = 0;
Date.now = () => now;

const bytesOf = (hex) =>
  Uint8Array.from(hex === '-' ? [] : hex.match(/../g), (byte) => parseInt(byte, 16));

/** A client: one session, and what it was told. */
class Client {
  closed = false;
  #heard = [];

  constructor(database) {
    this.connection = database.connectResp({
      onOutput: (bytes, close) => {
        this.#heard.push(bytes);
        this.closed ||= close;
        if (close) this.connection.close();
      },
    });
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

  #verbs = {
    reset: async (clock) => {
      now = Number(clock);
      await this.database();
    },
    open: async (name, protocol) => {
      const client = new Client(await this.database());
      this.#clients.set(name, client);
      if (protocol === '3') {
        client.connection.write(encodeCommand(['HELLO', '3']));
        await turn();
        client.heard();
      }
      return String(client.connection.id);
    },
    command: (name, ...words) =>
      this.#clients.get(name).connection.write(encodeCommand(words.map(bytesOf))),
    send: (name, bytes) => this.#clients.get(name).connection.write(bytesOf(bytes)),
    leave: (name) => this.#clients.get(name).connection.close(),
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
