/** A Worker that sends commands to its StreamsObject, so many one after the other. */
import { StreamsObject } from '../../www/package/dist/cloudflare/index.js';
import { clientOf } from '../../www/package/dist/cloudflare/client.js';

export { StreamsObject };

const DOORS = {
  /** The typed client over RPC. */
  rpc(stub) {
    const client = clientOf(stub);
    return {
      xadd: (key, message) => client.xAdd(key, '*', message),
      async deliver(count) {
        const options = { COUNT: count };
        const [stream] = await client.xReadGroup('g', 'c', { key: 'r', id: '>' }, options);
        return stream.messages.length;
      },
      run: (commands) => Promise.all(commands.map((command) => client.sendCommand(command))),
    };
  },
  /** Requests of the REST protocol. */
  rest(stub, token) {
    const post = async (path, body) => {
      const response = await stub.fetch(`http://object/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
      const answer = await response.json();
      if (answer.error) throw new Error(answer.error);
      return answer.result ?? answer;
    };
    return {
      xadd: (key, message) => post('', ['XADD', key, '*', ...Object.entries(message).flat()]),
      async deliver(count) {
        const words = ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', count, 'STREAMS', 'r', '>'];
        const [[, entries]] = await post('', words);
        return entries.length;
      },
      run: (commands) => post('pipeline', commands),
    };
  },
};

export default {
  /** What is to be done is in the body; the answer tells how many entries came. */
  async fetch(request, env) {
    const { door, commands, name, size, times, message } = await request.json();
    const stub = env.STREAMS.get(env.STREAMS.idFromName(door));
    const { xadd, deliver, run } = DOORS[door](stub, env.BROOKLET_HTTP_TOKEN);
    let entries = 0;
    if (commands) await run(commands);
    for (let at = 0; at < times; at += 1) {
      if (name === 'xadd') await xadd('s', message);
      else entries += await deliver(size);
    }
    return Response.json({ entries });
  },
};
