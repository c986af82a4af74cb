/** A queue of jobs at the edge: adds them, works them off, and shows what becomes of them. */
import { clientOf, StreamsObject, type StreamsEnvironment } from 'brooklet/cloudflare';
import { mayEnter } from './access';
import { add, JobError, status, workOff } from './jobs';
import { pageOf } from './page';

interface Env extends StreamsEnvironment {
  readonly STREAMS: DurableObjectNamespace<Streams>;
  readonly ABANDONED_AFTER_MS: number;
}

/** The database. It also answers Redis commands over HTTP, for scripts and `@upstash/redis`. */
export class Streams extends StreamsObject {
  protected override options() {
    return { ...super.options(), path: '/redis' };
  }
}

/** One object has one queue. Give each customer, or each kind of job, an object by its name. */
const stubOf = (env: Env) => env.STREAMS.getByName('jobs');

export default {
  async fetch(request, env, context): Promise<Response> {
    const { pathname } = new URL(request.url);
    const page = request.method === 'GET' ? pageOf(pathname) : undefined;
    if (page) return page;
    if (!(await mayEnter(request, env.BROOKLET_HTTP_TOKEN))) {
      const error = env.BROOKLET_HTTP_TOKEN ? 'a valid token is needed' : 'no token is configured';
      return Response.json({ error }, { status: 401, headers: { 'www-authenticate': 'Bearer' } });
    }
    if (pathname.startsWith('/redis')) return stubOf(env).fetch(request);
    const client = clientOf(stubOf(env));
    const work = (consumer: string) => workOff(client, consumer, Number(env.ABANDONED_AFTER_MS));
    try {
      switch (`${request.method} ${pathname}`) {
        case 'POST /jobs': {
          const id = await add(client, await request.json(), request.headers);
          // Answered already; the job is worked off behind it.
          context.waitUntil(work('request'));
          return Response.json({ id }, { status: 202 });
        }
        case 'GET /status':
          return Response.json(await status(client), { headers: { 'cache-control': 'no-store' } });
        case 'POST /work':
          context.waitUntil(work('button'));
          return Response.json({}, { status: 202 });
        default:
          return Response.json({ error: 'there is nothing here' }, { status: 404 });
      }
    } catch (error) {
      if (error instanceof JobError || error instanceof SyntaxError) {
        return Response.json({ error: error.message }, { status: 400 });
      }
      console.error(error);
      const headers = { 'retry-after': '1' };
      return Response.json({ error: 'try again' }, { status: 503, headers });
    }
  },

  /** Every minute. */
  async scheduled(_controller, env, context): Promise<void> {
    const client = clientOf(stubOf(env));
    context.waitUntil(workOff(client, 'schedule', Number(env.ABANDONED_AFTER_MS)));
  },
} satisfies ExportedHandler<Env>;
