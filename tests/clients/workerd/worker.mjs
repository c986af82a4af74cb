/** A StreamsObject that counts the rows that it writes, and the Worker in front of it. */
import { StreamsObject } from '../../../www/package/dist/cloudflare/index.js';

/** `/rows` tells how many rows were written, which is what is paid for. */
export class CountingObject extends StreamsObject {
  #cursors = [];
  #written = 0;

  constructor(state, env) {
    const { storage } = state;
    const exec = (...query) => {
      const cursor = storage.sql.exec(...query);
      this.#cursors.push(cursor);
      return cursor;
    };
    const transactionSync = (run) => storage.transactionSync(run);
    super({ storage: { sql: { exec }, transactionSync } }, env);
  }

  fetch(request) {
    for (const cursor of this.#cursors.splice(0)) this.#written += cursor.rowsWritten;
    if (new URL(request.url).pathname !== '/rows') return super.fetch(request);
    return Response.json({ result: this.#written });
  }
}

export default {
  /** The object's name is the host's. */
  fetch(request, env) {
    const { hostname } = new URL(request.url);
    return env.STREAMS.get(env.STREAMS.idFromName(hostname)).fetch(request);
  },
};
