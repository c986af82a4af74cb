/** Compiles against the platform's own types: a Worker as people write it, with an object's class. */
import { StreamsObject, objectStore, type ObjectState } from 'brooklet/cloudflare';
import { clientOf } from 'brooklet/cloudflare/client';
import { Client, type EngineConfig } from 'brooklet';
import { connectWebSocket, WebSocketConnection } from 'brooklet/websocket';

export class Orders extends StreamsObject {
  override async alarm(): Promise<void> {
    await super.alarm();
    await this.wakeBy(Date.now() + 1000);
    const db = await this.database();
    await db.client().xAdd('a', '*', { a: '1' });
  }

  protected override config(): EngineConfig {
    return { maxmemory: 1 << 20 };
  }
}

interface Env {
  readonly STREAMS: DurableObjectNamespace<Orders>;
  readonly BROOKLET_HTTP_TOKEN: string;
}

/** What the platform gives is what is asked for. */
export function stateOf(state: DurableObjectState): ObjectState {
  objectStore(state.storage);
  return state;
}

export default {
  async fetch(request, env) {
    const stub = env.STREAMS.getByName('orders');
    await clientOf(stub).xLen('orders');
    const { webSocket } = await stub.fetch(request, { headers: { upgrade: 'websocket' } });
    if (!webSocket) return stub.fetch(request);
    webSocket.accept();
    const client = new Client(new WebSocketConnection(() => webSocket));
    const other = connectWebSocket('wss://example.com', { token: 'secret' });
    await other.xLen('orders');
    return Response.json(await client.xRange('orders', '-', '+'));
  },
} satisfies ExportedHandler<Env>;
