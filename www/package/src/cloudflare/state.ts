/** The part of a Durable Object's state that is needed here, as workerd gives it. */
import type { ObjectStorage } from './storage.js';

/** One end of a WebSocket that outlives the object's time in memory. */
export interface ObjectSocket {
  readonly readyState: number;
  send(message: string | ArrayBuffer | ArrayBufferView): void;
  close(code?: number, reason?: string): void;
  /** Keeps a copy of a value of at most 16,384 bytes with the socket; throws when it is larger. */
  serializeAttachment(value: unknown): void;
  deserializeAttachment(): unknown;
}

/** What workerd gives to an object: its storage is on SQLite (`new_sqlite_classes`). */
export interface ObjectState {
  readonly storage: ObjectStorage;
  /** The socket's events come to the object's `webSocketMessage`, `webSocketClose`, … */
  acceptWebSocket(socket: ObjectSocket, tags?: string[]): void;
  getWebSockets(tag?: string): ObjectSocket[];
  getTags(socket: ObjectSocket): string[];
  /** A text message that is answered without the object being woken. */
  setWebSocketAutoResponse(pair?: AutoResponse): void;
  getWebSocketAutoResponse(): AutoResponse | null;
}

/** A text message and its answer: a `WebSocketRequestResponsePair`. */
export interface AutoResponse {
  readonly request: string;
  readonly response: string;
}
