/** Reads a request's body, up to a limit. */
import { joined } from '../resp/encode.js';
import { RestError } from './error.js';

/** The whole body; throws a RestError as soon as it is known to be longer than `limit`. */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > limit) throw tooLarge(limit);
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await nextChunk(reader);
    if (done) break;
    length += value.length;
    if (length > limit) {
      void reader.cancel().catch(() => undefined);
      throw tooLarge(limit);
    }
    chunks.push(value);
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : joined(chunks);
}

async function nextChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read();
  } catch {
    throw new RestError(400, 'ERR the body of the request ended early');
  }
}

function tooLarge(limit: number): RestError {
  return new RestError(413, `ERR max request size exceeded. Limit: ${limit} bytes`);
}
