/** A StreamsObject that counts what it costs, and the Worker in front of it. */
import { StreamsObject } from '../../../www/package/dist/cloudflare/index.js';

const decoder = new TextDecoder();

/**
 * `/counts` tells what is paid for: rows, and settings of the alarm, which are rows too; how many
 * rows there are, those of a base among them, and how often objects were begun.
 *
 * `/break` with a number lets the object end, as in a crash, when it has written so many rows of a
 * base, `/break-after-sending` when it has sent that text over a WebSocket. `/litter` leaves enough
 * behind for the garbage collector to come. `/work` with a number gives it work of its own to do, so
 * many milliseconds later.
 */
export class CountingObject extends StreamsObject {
  static #begun = 0;
  #cursors = [];
  #counts = { written: 0, read: 0, alarms: 0, rings: 0, worked: 0 };
  #baseRows = Infinity;
  #lastWords = '';
  #workAt = Infinity;
  #sql;

  constructor(state, env) {
    const { storage } = state;
    const counting = {
      sql: {
        exec: (...query) => {
          const cursor = storage.sql.exec(...query);
          this.#cursors.push(cursor);
          const isBase = query[0].startsWith('INSERT INTO brooklet_journal') && query[2] === 0;
          if (isBase && --this.#baseRows === 0) state.abort('broken by the test');
          return cursor;
        },
      },
      setAlarm: (at) => {
        this.#counts.alarms += 1;
        return storage.setAlarm(at);
      },
    };
    const accept = state.acceptWebSocket.bind(state);
    const acceptWebSocket = (socket, tags) => {
      accept(socket, tags);
      const send = socket.send.bind(socket);
      socket.send = (bytes) => {
        send(bytes);
        const isLast = this.#lastWords && decoder.decode(bytes).includes(this.#lastWords);
        if (isLast) state.abort('broken by the test');
      };
    };
    CountingObject.#begun += 1;
    Object.defineProperties(state, {
      storage: { value: onTop(storage, counting) },
      acceptWebSocket: { value: acceptWebSocket },
    });
    super(state, env);
    this.#sql = storage.sql;
  }

  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/break')) {
      if (pathname === '/break') this.#baseRows = await request.json();
      else this.#lastWords = await request.json();
      return Response.json({ result: 'OK' });
    }
    if (pathname === '/work') {
      this.#workAt = Date.now() + (await request.json());
      await this.wakeBy(this.#workAt);
      return Response.json({ result: 'OK' });
    }
    if (pathname === '/litter') return litter();
    if (pathname !== '/counts') return super.fetch(request);
    return Response.json({ result: this.#count() });
  }

  async alarm() {
    await super.alarm();
    this.#counts.rings += 1;
    if (Date.now() < this.#workAt) return this.wakeBy(this.#workAt);
    this.#workAt = Infinity;
    this.#counts.worked += 1;
  }

  #count() {
    for (const { rowsWritten, rowsRead } of this.#cursors.splice(0)) {
      this.#counts.written += rowsWritten;
      this.#counts.read += rowsRead;
    }
    const rows = 'SELECT count(*) AS rows, total(kind = 0) AS baseRows FROM brooklet_journal';
    return { ...this.#counts, begun: CountingObject.#begun, ...this.#sql.exec(rows).one() };
  }
}

async function litter() {
  for (let i = 0; i < 100; i++) {
    new Uint8Array(8 << 20).fill(i);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return Response.json({ result: 'OK' });
}

/** An object with some members of its own in front of another's. */
function onTop(object, members) {
  return new Proxy(object, {
    get(target, name) {
      if (name in members) return members[name];
      const value = target[name];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

export default {
  /** The object's name is the host's, or begins the path: `http://by-path/<name>/…`. */
  fetch(request, env) {
    const url = new URL(request.url);
    if (url.hostname !== 'by-path') return env.STREAMS.getByName(url.hostname).fetch(request);
    const [, name, ...rest] = url.pathname.split('/');
    url.pathname = `/${rest.join('/')}`;
    return env.STREAMS.getByName(name).fetch(new Request(url, request));
  },
};
