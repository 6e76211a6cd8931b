/** What `push` needs to know of a frame that can't be: its announced size. */
export type FrameProblem = { readonly announcedBytes: number };

/**
 * Cuts a byte stream into frames (int32 size, then so many bytes). A frame that lies within one
 * chunk is a view of it; others are gathered into a buffer of just their size.
 */
export class FrameReader {
  readonly #frameBytesMax: number;
  readonly #onFrame: (frame: Uint8Array) => void;
  /** The size prefix, as far as it has come. */
  readonly #head = new Uint8Array(4);
  #headBytes = 0;
  #body: Uint8Array | undefined;
  #bodyBytes = 0;

  constructor(frameBytesMax: number, onFrame: (frame: Uint8Array) => void) {
    this.#frameBytesMax = frameBytesMax;
    this.#onFrame = onFrame;
  }

  /** A problem means that the stream can't be read further. */
  push(chunk: Uint8Array): FrameProblem | undefined {
    let at = 0;
    while (at < chunk.byteLength) {
      if (this.#body !== undefined) {
        at += this.#gather(this.#body, chunk, at);
        continue;
      }
      while (this.#headBytes < 4 && at < chunk.byteLength) {
        this.#head[this.#headBytes++] = chunk[at++] ?? 0;
      }
      if (this.#headBytes < 4) return undefined;
      const [a = 0, b = 0, c = 0, d = 0] = this.#head;
      const size = (a << 24) | (b << 16) | (c << 8) | d;
      // INV-6: refused before anything of that size is allocated.
      if (size < 0 || size > this.#frameBytesMax) return { announcedBytes: size };
      this.#headBytes = 0;
      if (at + size <= chunk.byteLength) {
        this.#onFrame(chunk.subarray(at, at + size));
        at += size;
      } else {
        this.#body = Buffer.allocUnsafeSlow(size);
        this.#bodyBytes = 0;
      }
    }
    return undefined;
  }

  #gather(body: Uint8Array, chunk: Uint8Array, at: number): number {
    const taken = Math.min(body.byteLength - this.#bodyBytes, chunk.byteLength - at);
    body.set(chunk.subarray(at, at + taken), this.#bodyBytes);
    this.#bodyBytes += taken;
    if (this.#bodyBytes === body.byteLength) {
      this.#body = undefined;
      this.#onFrame(body);
    }
    return taken;
  }
}
