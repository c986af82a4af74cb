/** A workerd on a folder of its own, that can be ended and started again, and clients of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Miniflare } from 'miniflare';
import { until } from '../support/until.mjs';
import { Client } from '../../../www/package/dist/client.js';
import { plainReply } from '../../../www/package/dist/reply.js';
import { RespDecoder } from '../../../www/package/dist/resp/decode.js';
import { encodeCommand, joined } from '../../../www/package/dist/resp/encode.js';
import { WebSocketConnection } from '../../../www/package/dist/websocket.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const TOKEN = 'secret';
export const READ_TOKEN = 'look';
const folders = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** workerd evicts an object that nothing happens to for ten seconds. */
const EVICTED_AFTER_MS = 12_000;

/** Two Workers on one class of objects: `main` has it, `other` has only a binding. */
export class World {
  #folder = mkdtempSync(join(tmpdir(), 'brooklet-workerd-'));
  #miniflare;
  #main;
  #other;

  /** Their files; `bindings` are further ones of the other Worker. */
  constructor(main = 'worker.mjs', other = main, bindings = {}) {
    folders.push(this.#folder);
    this.#main = { scriptPath: pathOf(main) };
    this.#other = { scriptPath: pathOf(other), ...bindings };
    this.start();
  }

  start() {
    const code = {
      modules: true,
      modulesRoot: ROOT,
      modulesRules: [
        { type: 'ESModule', include: ['**/*.js', '**/*.mjs'] },
        { type: 'CompiledWasm', include: ['**/*.wasm'] },
      ],
      compatibilityDate: '2026-04-01',
      bindings: { BROOKLET_HTTP_TOKEN: TOKEN, BROOKLET_HTTP_READONLY_TOKEN: READ_TOKEN },
    };
    const STREAMS = { className: 'CountingObject', useSQLite: true };
    this.#miniflare = new Miniflare({
      workers: [
        { ...code, ...this.#main, name: 'main', durableObjects: { STREAMS } },
        {
          ...code,
          ...this.#other,
          name: 'other',
          durableObjects: { STREAMS: { ...STREAMS, scriptName: 'main' } },
        },
      ],
      durableObjectsPersist: this.#folder,
      cf: false,
      telemetry: { enabled: false },
    });
  }

  async restart() {
    await this.end();
    this.start();
  }

  /** Lets an object be evicted; whatever is done to it meanwhile keeps it from that. */
  async evict() {
    await pause(EVICTED_AFTER_MS);
  }

  end() {
    return this.#miniflare.dispose();
  }

  /** Runs a command through a Worker, in the object of that name. */
  async run(command, object = 'all', path = '', through = 'main') {
    const worker = await this.#miniflare.getWorker(through);
    const response = await worker.fetch(`http://${object}/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(command),
    });
    const answer = await response.json();
    if (answer.error) throw new Error(answer.error);
    return path === 'pipeline' ? answer : answer.result;
  }

  /** What an object has cost so far, and what lies in it. */
  counts(object = 'all') {
    return this.run([], object, 'counts');
  }

  /** Resolves when so many clients are blocked. */
  async blocked(count) {
    await until(`${count} clients are blocked`, async () => {
      const info = await this.run(['INFO', 'clients']);
      return info.includes(`blocked_clients:${count}\r`);
    });
  }

  /** What `work` costs, other than requests. */
  async cost(work, object = 'all') {
    const before = await this.counts(object);
    await work();
    const after = await this.counts(object);
    const of = (name) => after[name] - before[name];
    return { written: of('written'), read: of('read'), alarms: of('alarms'), rings: of('rings') };
  }

  /** A request to upgrade. */
  upgrade(object = 'all', headers = { authorization: `Bearer ${TOKEN}` }, path = '') {
    const url = `http://${object}/${path}`;
    return this.#miniflare.dispatchFetch(url, { headers: { upgrade: 'websocket', ...headers } });
  }

  /** The typed client behind a WebSocket. */
  async typed(object) {
    const { webSocket } = await this.upgrade(object);
    webSocket.accept();
    return new Client(new WebSocketConnection(() => webSocket));
  }

  /** A client behind a WebSocket, reply by reply. */
  async connect(object, headers, path) {
    const response = await this.upgrade(object, headers, path);
    if (!response.webSocket) throw new Error(`${response.status} ${await response.text()}`);
    const protocol = response.headers.get('sec-websocket-protocol');
    return new SocketClient(response.webSocket, protocol);
  }
}

function pathOf(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Speaks RESP over a WebSocket; what comes is handed out in order. */
class SocketClient {
  longestFrame = 0;
  /** Code and reason, once the socket has been closed. */
  closed;
  #socket;
  #decoder = new RespDecoder();
  #replies = [];
  #texts = [];
  #waiting = [];

  constructor(socket, protocol) {
    this.protocol = protocol;
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code, reason }) => resolve([code, reason]));
    });
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') this.#texts.push(data);
      else this.#receive(new Uint8Array(data));
      while (this.#waiting.length > 0 && this.#replies.length > 0) this.#waiting.shift()();
    });
    socket.accept();
  }

  /** Bytes or text as they are. */
  write(bytes) {
    this.#socket.send(bytes);
  }

  send(...args) {
    this.write(encodeCommand(args));
  }

  /** The next reply; errors are values. */
  async next() {
    if (this.#replies.length === 0) {
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
    return plainReply(this.#replies.shift());
  }

  run(...args) {
    this.send(...args);
    return this.next();
  }

  /** Sends commands in one frame; resolves to their replies. */
  async all(commands) {
    this.write(joined(commands.map(encodeCommand)));
    return this.take(commands.length);
  }

  /** The next replies, so many of them. */
  async take(count) {
    const replies = [];
    while (replies.length < count) replies.push(await this.next());
    return replies;
  }

  /** Replies that nobody has asked for yet. */
  get unread() {
    return this.#replies.length;
  }

  /** Text frames so far. */
  get texts() {
    return this.#texts;
  }

  #receive(bytes) {
    this.longestFrame = Math.max(this.longestFrame, bytes.length);
    this.#replies.push(...this.#decoder.push(bytes));
  }

  close(code) {
    this.#socket.close(code);
  }
}
