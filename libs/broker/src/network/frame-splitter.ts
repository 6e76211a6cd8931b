import { assert } from '@millrace/foundation';

const SIZE_BYTES = 4;
/** Kafka's smallest request header: api key, version, correlation id. */
export const FRAME_BYTES_MIN = 8;

/** Sizes of frames that are taken. */
export interface FrameBounds {
  readonly bytesMin: number;
  readonly bytesMax: number;
}

/** A request without its size prefix, where it lies. Whoever takes it owns these bytes. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export type NextFrame =
  | { readonly kind: 'frame'; readonly frame: Frame }
  /** Everything given was used. */
  | { readonly kind: 'need-bytes' }
  /** A request that lies in several chunks needs memory that is not free now. */
  | { readonly kind: 'need-room' }
  | { readonly kind: 'bad-size'; readonly size: number };

/**
 * Cuts a stream into requests. One that lies whole in a chunk is used in place; another is gathered
 * in a buffer of exactly its size. The size is checked, and its bytes reserved, before anything is
 * allocated (INV-6).
 */
export class FrameSplitter {
  #bounds: FrameBounds;
  /** Whether so many bytes may be taken now; they count from then on. */
  readonly #reserve: (bytes: number) => boolean;
  #chunk: Uint8Array = NOTHING;
  #at = 0;
  readonly #size = new Uint8Array(SIZE_BYTES);
  #sizeFilled = 0;
  #gathered: Uint8Array | undefined;
  #gatheredFilled = 0;
  #next: Frame | undefined;

  constructor(frameBytesMax: number, reserve: (bytes: number) => boolean) {
    this.#bounds = { bytesMin: FRAME_BYTES_MIN, bytesMax: frameBytesMax };
    this.#reserve = reserve;
  }

  /** Holds for frames that are not begun yet. */
  setBounds(bounds: Partial<FrameBounds>): void {
    this.#bounds = { ...this.#bounds, ...bounds };
  }

  /** Bytes that have come of a frame that is not whole yet; 0 between frames. */
  get partialBytes(): number {
    return this.#gathered === undefined ? this.#sizeFilled : SIZE_BYTES + this.#gatheredFilled;
  }

  /** Only after 'need-bytes'. */
  push(chunk: Uint8Array): void {
    assert(this.#at === this.#chunk.byteLength, 'a chunk is used up before the next one');
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** Bytes reserved for a request that has not come whole, or was not taken. */
  get reservedBytes(): number {
    if (this.#next !== undefined) return this.#next.end - this.#next.start;
    return this.#gathered?.byteLength ?? 0;
  }

  /** The next request, again and again until it is taken. */
  peek(): NextFrame {
    if (this.#next !== undefined) return { kind: 'frame', frame: this.#next };
    const outcome = this.#gathered === undefined ? this.#begin() : this.#gather(this.#gathered);
    if (outcome.kind === 'frame') this.#next = outcome.frame;
    return outcome;
  }

  /** The frame that `peek` showed is the caller's now, with what was reserved for it. */
  take(): void {
    assert(this.#next !== undefined, 'a frame is seen before it is taken');
    this.#next = undefined;
  }

  #begin(): NextFrame {
    while (this.#sizeFilled < SIZE_BYTES) {
      const byte = this.#chunk[this.#at];
      if (byte === undefined) return this.#needBytes();
      this.#size[this.#sizeFilled] = byte;
      this.#sizeFilled += 1;
      this.#at += 1;
    }
    const [a = 0, b = 0, c = 0, d = 0] = this.#size;
    const size = (a << 24) | (b << 16) | (c << 8) | d;
    const { bytesMin, bytesMax } = this.#bounds;
    if (size < bytesMin || size > bytesMax) return { kind: 'bad-size', size };
    const isWhole = this.#chunk.byteLength - this.#at >= size;
    if (!this.#reserve(size)) return { kind: 'need-room' };
    this.#sizeFilled = 0;
    if (isWhole) {
      const frame = { bytes: this.#chunk, start: this.#at, end: this.#at + size };
      this.#at += size;
      return { kind: 'frame', frame };
    }
    // Its own memory, never a slice of Buffer's shared pool.
    this.#gathered = Buffer.allocUnsafeSlow(size);
    this.#gatheredFilled = 0;
    return this.#gather(this.#gathered);
  }

  #gather(gathered: Uint8Array): NextFrame {
    const count = Math.min(
      this.#chunk.byteLength - this.#at,
      gathered.byteLength - this.#gatheredFilled,
    );
    gathered.set(this.#chunk.subarray(this.#at, this.#at + count), this.#gatheredFilled);
    this.#at += count;
    this.#gatheredFilled += count;
    if (this.#gatheredFilled < gathered.byteLength) return this.#needBytes();
    this.#gathered = undefined;
    return { kind: 'frame', frame: { bytes: gathered, start: 0, end: gathered.byteLength } };
  }

  #needBytes(): NextFrame {
    this.#chunk = NOTHING;
    this.#at = 0;
    return { kind: 'need-bytes' };
  }
}

const NOTHING = new Uint8Array(0);
