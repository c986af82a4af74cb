/** Turns whatever the caller has (module, bytes, response, address) into a compiled module. */
import { WasmLoadError } from '../errors.js';

/** Where the engine's Wasm comes from. */
export type WasmSource = WebAssembly.Module | BufferSource | Response | URL;

/** A {@link WasmSource}, or a promise of one (a dynamic `import()`, a `fetch()`). */
export type WasmInput = WasmSource | PromiseLike<WasmSource>;

const WASM_MAGIC = '00 61 73 6d';

/** Compiles `input`; rejects with a {@link WasmLoadError} that says what was found instead. */
export async function compile(input: WasmInput): Promise<WebAssembly.Module> {
  const source = await input;
  if (isModule(source)) return source as WebAssembly.Module;
  if (source instanceof URL) return compileResponse(await download(source), source.href);
  if (typeof Response !== 'undefined' && source instanceof Response) {
    return compileResponse(source, source.url);
  }
  return compileBytes(source as BufferSource);
}

/** Compiles a module or bytes without waiting. */
export function compileSync(source: WebAssembly.Module | BufferSource): WebAssembly.Module {
  if (isModule(source)) return source as WebAssembly.Module;
  const bytes = viewOf(source as BufferSource);
  checkMagic(bytes, {});
  return new WebAssembly.Module(bytes);
}

/** By tag, not `instanceof`: some hosts hand in a module that was made in another realm. */
function isModule(source: unknown): boolean {
  return Object.prototype.toString.call(source) === '[object WebAssembly.Module]';
}

async function download(url: URL): Promise<Response> {
  try {
    return await fetch(url);
  } catch (cause) {
    const message = `the engine's Wasm could not be fetched from ${url.href}`;
    throw new WasmLoadError(message, { url: url.href, cause });
  }
}

async function compileResponse(response: Response, url: string): Promise<WebAssembly.Module> {
  const { status } = response;
  const isWasm = response.headers.get('content-type')?.startsWith('application/wasm') ?? false;
  // Streaming compiles while it downloads, and browsers cache the machine code of it.
  if (response.ok && isWasm && typeof WebAssembly.compileStreaming === 'function') {
    try {
      return await WebAssembly.compileStreaming(response);
    } catch (cause) {
      throw new WasmLoadError(`${url} is not valid WebAssembly`, { url, status, cause });
    }
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) {
    const details = { url, status, firstBytes: firstBytes(bytes) };
    throw new WasmLoadError(`${url} answered with HTTP status ${status}`, details);
  }
  return compileBytes(bytes, { url, status });
}

async function compileBytes(
  source: BufferSource,
  origin: { url?: string; status?: number } = {},
): Promise<WebAssembly.Module> {
  const bytes = viewOf(source);
  checkMagic(bytes, origin);
  return WebAssembly.compile(bytes);
}

function viewOf(source: BufferSource): Uint8Array<ArrayBuffer> {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) {
    return new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength);
  }
  throw new WasmLoadError(
    'the `wasm` option takes a WebAssembly.Module, bytes, a Response, a URL, or a promise of one',
  );
}

function checkMagic(bytes: Uint8Array, origin: { url?: string; status?: number }): void {
  const found = firstBytes(bytes);
  if (found.startsWith(WASM_MAGIC)) return;
  const hint = found.startsWith('3c') ? ' (this looks like an HTML page)' : '';
  const subject = origin.url ? `what ${origin.url} answered` : 'what was given';
  const message = `${subject} is not WebAssembly: it starts with ${found || 'nothing'}${hint}`;
  throw new WasmLoadError(message, { ...origin, firstBytes: found });
}

function firstBytes(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
