/** A StreamsObject that counts the rows that it writes, and the Worker in front of it. */
import { StreamsObject } from '../../../www/package/dist/cloudflare/index.js';

/**
 * `/counts` tells what is paid for: rows, and settings of the alarm, which are rows too; and
 * how often an object was begun.
 */
export class CountingObject extends StreamsObject {
  static #begun = 0;
  #cursors = [];
  #counts = { written: 0, read: 0, alarms: 0 };

  constructor(state, env) {
    const counting = {
      sql: {
        exec: (...query) => {
          const cursor = state.storage.sql.exec(...query);
          this.#cursors.push(cursor);
          return cursor;
        },
      },
      setAlarm: (at) => {
        this.#counts.alarms += 1;
        return state.storage.setAlarm(at);
      },
    };
    CountingObject.#begun += 1;
    super(onTop(state, { storage: onTop(state.storage, counting) }), env);
  }

  fetch(request) {
    for (const { rowsWritten, rowsRead } of this.#cursors.splice(0)) {
      this.#counts.written += rowsWritten;
      this.#counts.read += rowsRead;
    }
    if (new URL(request.url).pathname !== '/counts') return super.fetch(request);
    return Response.json({ result: { ...this.#counts, begun: CountingObject.#begun } });
  }
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
  /** The object's name is the host's. */
  fetch(request, env) {
    const { hostname } = new URL(request.url);
    return env.STREAMS.get(env.STREAMS.idFromName(hostname)).fetch(request);
  },
};
