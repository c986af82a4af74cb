/** A database in a Durable Object, and the Worker in front of it, as workerd runs them. */
import { Brooklet } from '../../../www/package/dist/env/workerd.js';
import { handler } from '../../../www/package/dist/rest/index.js';

/** One database: it lives as long as this object does. */
export class Streams {
  #handle;

  constructor(_state, env) {
    const options = { token: env.TOKEN, readOnlyToken: env.READ_ONLY };
    this.#handle = handler(Brooklet.createSync(), options);
  }

  fetch(request) {
    return this.#handle(request);
  }
}

export default {
  fetch: (request, env) => env.STREAMS.get(env.STREAMS.idFromName('all')).fetch(request),
};
