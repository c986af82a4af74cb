/** Everything that every entry of the package exports, besides its own `Brooklet`. */
export { Client } from './client.js';
export type { ClientOptions } from './client.js';
export type { Connection, PushHandler, SendOptions } from './connection.js';
export { EngineConnection } from './connection/engine.js';
export { RespConnection, type RespHandlers } from './connection/resp.js';
export type {
  BrookletFactory,
  BrookletOpenOptions,
  BrookletOptions,
  BrookletSyncOptions,
  Database,
  StoreKind,
} from './database.js';
export { systemClock, type Clock } from './engine/clock.js';
export type { EngineConfig, EngineStatistics } from './engine/glue.js';
export type { WasmInput, WasmSource } from './engine/source.js';
export {
  AbortError,
  ConnectionClosedError,
  EngineFailure,
  MultiErrorReply,
  ReplyError,
  WasmLoadError,
  WatchError,
} from './errors.js';
export {
  DataLostError,
  FencedError,
  JournalDamagedError,
  StoreBusyError,
  StoreError,
  StoreFullError,
} from './storage/errors.js';
export type { StorageEvents } from './storage/events.js';
export type { ExportLosses, ExportOptions, ExportProfile } from './storage/export.js';
export type { ImportSource } from './storage/source.js';
export type { StorageInfo } from './storage/journal.js';
export type {
  BaseWriter,
  Durability,
  OpenStore,
  Store,
  StoredFile,
  Survives,
} from './storage/store.js';
export type { Multi } from './client/multi.js';
export type { PubSubListener } from './client/subscriptions.js';
export type { Argument, CommandArguments, Reply, ReplyMap, WireReply } from './reply.js';
export type * from './client/types.js';
