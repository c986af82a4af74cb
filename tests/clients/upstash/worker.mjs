/** A database in a Durable Object, and the Worker in front of it, as workerd runs them. */
import { StreamsObject } from '../../../www/package/dist/cloudflare/index.js';

/** As people extend it: with options of their own. */
export class Streams extends StreamsObject {
  options() {
    // Here, a client that hung up is noticed when something is written to it.
    return { ...super.options(), limits: { silenceMs: 100 } };
  }
}

export default {
  fetch: (request, env) => env.STREAMS.get(env.STREAMS.idFromName('all')).fetch(request),
};
