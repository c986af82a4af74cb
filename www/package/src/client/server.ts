/** The session and the server: who is connected, what commands there are, what is configured. */
import {
  bulk,
  bulkOrNull,
  bulks,
  clientInfo,
  clientInfos,
  command,
  integer,
  list,
  put,
  record,
  text,
} from './decode.js';
import { KeyCommands } from './keys.js';
import { pushOption, pushVariadic } from './runner.js';
import type { Argument, Reply } from '../reply.js';
import type {
  Bulk,
  ClientInfoReply,
  ClientKillFilter,
  ClientListFilter,
  CommandListOptions,
  CommandReply,
  HelloOptions,
  HelloReply,
  RedisArgument,
  RedisVariadicArgument,
} from './types.js';

/** Commands of the connection and the server. */
export abstract class ServerCommands<S extends Bulk> extends KeyCommands<S> {
  /** `'PONG'`, or the message (PING). O(1). */
  ping(message?: RedisArgument): Promise<S | 'PONG'> {
    return this.run(message === undefined ? ['PING'] : ['PING', message], bulk<S | 'PONG'>);
  }

  /** The message (ECHO). O(1). */
  echo(message: RedisArgument): Promise<S> {
    return this.run(['ECHO', message], bulk<S>);
  }

  /** Changes this session's database (SELECT). Rejects when the index is out of range. O(1). */
  select(db: number): Promise<void> {
    return this.run(['SELECT', db], () => undefined);
  }

  /** Signs in (AUTH). Rejects with WRONGPASS, or ERR when no password is set. O(1). */
  auth(credentials: { username?: RedisArgument; password: RedisArgument }): Promise<string> {
    const { username, password } = credentials;
    const args = username === undefined ? [password] : [username, password];
    return this.run(['AUTH', ...args], text);
  }

  /** Asks who the server is (HELLO). A typed client always speaks RESP3 shapes. O(1). */
  hello(protover?: 2 | 3, options: HelloOptions = {}): Promise<HelloReply<S>> {
    const args: Argument[] = ['HELLO'];
    if (protover !== undefined) {
      args.push(protover);
      if (options.AUTH) args.push('AUTH', options.AUTH.username, options.AUTH.password);
      pushOption(args, 'SETNAME', options.SETNAME);
    }
    return this.run(args, (reply: Reply) => record(reply) as unknown as HelloReply<S>);
  }

  /** This session's number (CLIENT ID). O(1). */
  clientId(): Promise<number> {
    return this.run(['CLIENT', 'ID'], integer);
  }

  /** This session (CLIENT INFO). O(1). */
  clientInfo(): Promise<ClientInfoReply> {
    return this.run(['CLIENT', 'INFO'], clientInfo);
  }

  /** All sessions, or some by type or ID (CLIENT LIST). O(sessions). */
  clientList(filter?: ClientListFilter): Promise<ClientInfoReply[]> {
    const args: Argument[] = ['CLIENT', 'LIST'];
    if (filter && 'TYPE' in filter) args.push('TYPE', filter.TYPE);
    else if (filter) args.push('ID', ...filter.ID);
    return this.run(args, clientInfos);
  }

  /** Names this session; the name may hold no spaces (CLIENT SETNAME). O(1). */
  clientSetName(name: RedisArgument): Promise<string> {
    return this.run(['CLIENT', 'SETNAME', name], text);
  }

  /** This session's name, null without one (CLIENT GETNAME). O(1). */
  clientGetName(): Promise<S | null> {
    return this.run(['CLIENT', 'GETNAME'], bulkOrNull<S>);
  }

  /** Ends another session's blocked read: 1, or 0 when there is none (CLIENT UNBLOCK). O(1). */
  clientUnblock(clientId: number | `${number}`, mode?: 'TIMEOUT' | 'ERROR'): Promise<number> {
    const args: Argument[] = ['CLIENT', 'UNBLOCK', clientId];
    if (mode) args.push(mode);
    return this.run(args, integer);
  }

  /** Ends the sessions that fit all filters; resolves to how many (CLIENT KILL). O(sessions). */
  clientKill(filters: ClientKillFilter | ReadonlyArray<ClientKillFilter>): Promise<number> {
    const args: Argument[] = ['CLIENT', 'KILL'];
    const all = Array.isArray(filters) ? filters : [filters];
    for (const filter of all as ReadonlyArray<ClientKillFilter>) args.push(...killFilter(filter));
    return this.run(args, integer);
  }

  /** Keeps this session's keys from eviction; Brooklet evicts nothing (CLIENT NO-EVICT). O(1). */
  clientNoEvict(value: boolean): Promise<string> {
    return this.run(['CLIENT', 'NO-EVICT', value ? 'ON' : 'OFF'], text);
  }

  /** Whether this session's reads leave a key's last use alone (CLIENT NO-TOUCH). O(1). */
  clientNoTouch(value: boolean): Promise<string> {
    return this.run(['CLIENT', 'NO-TOUCH', value ? 'ON' : 'OFF'], text);
  }

  /** All commands with arity, flags and key positions (COMMAND). O(commands). */
  command(): Promise<CommandReply[]> {
    return this.run(['COMMAND'], (reply: Reply) => list(reply).map(command));
  }

  /** The number of commands (COMMAND COUNT). O(1). */
  commandCount(): Promise<number> {
    return this.run(['COMMAND', 'COUNT'], integer);
  }

  /** Some commands, null where there is no such command (COMMAND INFO). O(N). */
  commandInfo(commands: ReadonlyArray<string>): Promise<Array<CommandReply | null>> {
    return this.run(['COMMAND', 'INFO', ...commands], (reply: Reply) =>
      list(reply).map((row) => (row === null ? null : command(row))),
    );
  }

  /** The keys of a whole command line (COMMAND GETKEYS). Rejects when it has none. O(N). */
  commandGetKeys(args: ReadonlyArray<RedisArgument>): Promise<S[]> {
    return this.run(['COMMAND', 'GETKEYS', ...args], bulks<S>);
  }

  /** The names of the commands, all or some (COMMAND LIST). O(commands). */
  commandList(options: CommandListOptions = {}): Promise<S[]> {
    const args: Argument[] = ['COMMAND', 'LIST'];
    if (options.FILTERBY) args.push('FILTERBY', options.FILTERBY.type, options.FILTERBY.value);
    return this.run(args, bulks<S>);
  }

  /** Parameters whose names match the glob patterns (CONFIG GET). O(parameters). */
  configGet(parameters: RedisVariadicArgument): Promise<Record<string, S>> {
    const args = pushVariadic(['CONFIG', 'GET'], parameters);
    return this.run(args, (reply: Reply) => record(reply) as Record<string, S>);
  }

  /** Sets one parameter, or all of an object at once (CONFIG SET). Rejects on a bad one. O(N). */
  configSet(
    ...parameters: [name: RedisArgument, value: RedisArgument] | [Record<string, RedisArgument>]
  ): Promise<string> {
    const args: Argument[] = ['CONFIG', 'SET'];
    if (parameters.length === 2) args.push(...parameters);
    else for (const [name, value] of Object.entries(parameters[0])) args.push(name, value);
    return this.run(args, text);
  }

  /** Sets the counters of INFO to zero (CONFIG RESETSTAT). O(1). */
  configResetStat(): Promise<string> {
    return this.run(['CONFIG', 'RESETSTAT'], text);
  }

  /** Tells a message to who listens to a channel; resolves to how many (PUBLISH). O(listeners). */
  publish(channel: RedisArgument, message: RedisArgument): Promise<number> {
    return this.run(['PUBLISH', channel, message], integer);
  }

  /** As {@link publish}, for shard channels (SPUBLISH). O(listeners). */
  sPublish(channel: RedisArgument, message: RedisArgument): Promise<number> {
    return this.run(['SPUBLISH', channel, message], integer);
  }

  /** Channels that are listened to by name, all or some (PUBSUB CHANNELS). O(channels). */
  pubSubChannels(pattern?: RedisArgument): Promise<S[]> {
    const args: Argument[] = ['PUBSUB', 'CHANNELS'];
    if (pattern !== undefined) args.push(pattern);
    return this.run(args, bulks<S>);
  }

  /** How many listen to channels by name (PUBSUB NUMSUB). O(channels asked for). */
  pubSubNumSub(channels: RedisVariadicArgument = []): Promise<Record<string, number>> {
    return this.run(pushVariadic(['PUBSUB', 'NUMSUB'], channels), (reply: Reply) => {
      const counts: Record<string, number> = {};
      const words = list(reply);
      for (let i = 0; i + 1 < words.length; i += 2) {
        put(counts, text(words[i] as Reply), integer(words[i + 1] as Reply));
      }
      return counts;
    });
  }

  /** How many patterns are listened by (PUBSUB NUMPAT). O(1). */
  pubSubNumPat(): Promise<number> {
    return this.run(['PUBSUB', 'NUMPAT'], integer);
  }

  /** The server's facts and counters as text, all or one section (INFO). O(1). */
  info(section?: RedisArgument): Promise<string> {
    return this.run(section === undefined ? ['INFO'] : ['INFO', section], text);
  }

  /** The time: Unix seconds, and the microseconds beyond them (TIME). O(1). */
  time(): Promise<[unixTimestamp: S, microseconds: S]> {
    return this.run(['TIME'], (reply: Reply) => reply as [S, S]);
  }
}

function killFilter(filter: ClientKillFilter): Argument[] {
  if (filter === 'SKIPME') return ['SKIPME', 'yes'];
  switch (filter.filter) {
    case 'ADDR':
      return ['ADDR', filter.address];
    case 'LADDR':
      return ['LADDR', filter.localAddress];
    case 'ID':
      return ['ID', filter.id];
    case 'TYPE':
      return ['TYPE', filter.type];
    case 'USER':
      return ['USER', filter.username];
    case 'SKIPME':
      return ['SKIPME', filter.skipMe ? 'yes' : 'no'];
    case 'MAXAGE':
      return ['MAXAGE', filter.maxAge];
  }
}
