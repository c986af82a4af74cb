/** A database in a Durable Object, and the Worker in front of it, as workerd runs them. */
import { Brooklet } from '../../../www/package/dist/env/workerd.js';
import { handler } from '../../../www/package/dist/rest/index.js';

/** One database: it lives as long as this object does. */
export class Streams {
  #handle;

  constructor(_state, env) {
    this.#handle = handler(Brooklet.createSync(), {
      token: env.TOKEN,
      readOnlyToken: env.READ_ONLY,
      // Here, a client that hung up is noticed when something is written to it.
      limits: { silenceMs: 100 },
    });
  }

  fetch(request) {
    return this.#handle(request);
  }
}

export default {
  fetch: (request, env) => env.STREAMS.get(env.STREAMS.idFromName('all')).fetch(request),
};
