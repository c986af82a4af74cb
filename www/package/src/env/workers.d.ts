/** What workerd gives to classes that are called by RPC: the part that is used here. */
declare module 'cloudflare:workers' {
  export abstract class DurableObject<Env = unknown> {
    protected readonly env: Env;
    constructor(state: unknown, env: Env);
  }

  export abstract class RpcTarget {}
}
