/** The engine's output descriptor: where in linear memory a session's waiting output lies. */

/** Indexes of the descriptor's words. */
const WORDS_AT = 0;
const WORD_COUNT = 1;
const BYTES_AT = 2;
const BYTE_LENGTH = 3;
const FLAGS = 4;
const CLOSE_FLAG = 1;

/** Views over linear memory, made anew when the memory grows. */
export class Output {
  /** All of linear memory as bytes. */
  memory = new Uint8Array(0);
  /** All of linear memory as words. */
  words = new Uint32Array(0);
  readonly #memory: WebAssembly.Memory;
  readonly #descriptor: number;

  constructor(memory: WebAssembly.Memory, descriptor: number) {
    this.#memory = memory;
    this.#descriptor = descriptor >>> 2;
    this.refresh();
  }

  /** Call after the engine ran: growing the memory detaches every view of it. */
  refresh(): void {
    // A detached view has length 0, which is much cheaper to see than to ask for the buffer.
    if (this.memory.length !== 0) return;
    this.memory = new Uint8Array(this.#memory.buffer);
    this.words = new Uint32Array(this.#memory.buffer);
  }

  /** Index of the first reply word in `words`. */
  get wordsAt(): number {
    return this.#word(WORDS_AT) >>> 2;
  }

  /** Number of reply words; 0 for RESP sessions. */
  get wordCount(): number {
    return this.#word(WORD_COUNT);
  }

  /** Index of the first byte (text blob, or RESP bytes) in `memory`. */
  get bytesAt(): number {
    return this.#word(BYTES_AT);
  }

  /** Number of bytes. */
  get byteLength(): number {
    return this.#word(BYTE_LENGTH);
  }

  /** Whether the session must be closed after this output. */
  get closes(): boolean {
    return (this.#word(FLAGS) & CLOSE_FLAG) !== 0;
  }

  /** A copy of the bytes, to keep. */
  copyBytes(): Uint8Array<ArrayBuffer> {
    const at = this.bytesAt;
    return this.memory.slice(at, at + this.byteLength);
  }

  #word(index: number): number {
    return this.words[this.#descriptor + index] as number;
  }
}
