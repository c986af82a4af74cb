/** Bare sockets, for bytes that no client would send and for manners that no client has. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach } from 'node:test';

/** Opens bare connections to `server`; none of them outlives the test. */
export function useWires(server) {
  const opened = new Set();
  afterEach(() => {
    for (const wire of opened) wire.destroy();
    opened.clear();
  });
  return async () => {
    const wire = new Wire(connect(server.port, server.host));
    opened.add(wire);
    await wire.connected;
    return wire;
  };
}

/** One connection that keeps every byte it gets, as text. */
class Wire {
  #socket;
  #text = '';

  constructor(socket) {
    this.#socket = socket;
    this.connected = once(socket, 'connect');
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    // The server may reset a connection whose last bytes it did not read; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => { this.#text += bytes.toString('latin1'); });
  }

  /** Resolves once the system has taken the bytes. */
  write(bytes) {
    return new Promise((resolve) => this.#socket.write(bytes, resolve));
  }

  /** Leaves unread whatever comes. */
  stopReading() {
    this.#socket.pause();
  }

  /** Sends `bytes`; resolves to the text that comes up to its last CRLF and `lines` lines. */
  async ask(bytes, lines = 1) {
    const begin = this.#text.length;
    this.#socket.write(bytes);
    while (this.#text.slice(begin).split('\r\n').length <= lines) {
      await Promise.race([once(this.#socket, 'data'), this.closed]);
      if (this.#socket.destroyed) break;
    }
    return this.#text.slice(begin);
  }

  /** Everything that came, once the server has closed the connection. */
  async untilClosed() {
    await this.closed;
    return this.#text;
  }

  /** Says that nothing more will be sent, as a client does that ends in peace. */
  end() {
    this.#socket.end();
  }

  /** Ends the connection at once, without a word. */
  destroy() {
    this.#socket.destroy();
  }
}
