import { assert } from '@millrace/foundation';
import type { RequestBlock, RequestMemory, RequestPlace } from './request-memory.ts';

const SIZE_BYTES = 4;
/** Kafka's smallest request header: api key, version, correlation id. */
export const FRAME_BYTES_MIN = 8;

/** Sizes of frames that are taken. */
export interface FrameBounds {
  readonly bytesMin: number;
  readonly bytesMax: number;
}

/** A request without its size prefix, where it lies. Whoever takes it owns these bytes until he releases `block`. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Undefined when the bytes are nobody else's ever. */
  readonly block?: RequestBlock | undefined;
}

export type NextFrame =
  | { readonly kind: 'frame'; readonly frame: Frame }
  /** Everything given was used. */
  | { readonly kind: 'need-bytes' }
  /** A request that lies in several chunks needs memory that is not free now. */
  | { readonly kind: 'need-room' }
  | { readonly kind: 'bad-size'; readonly size: number };

export interface FrameSplitterOptions {
  readonly frameBytesMax: number;
  /** Whether so many bytes may be taken now; they count from then on. */
  readonly reserve: (bytes: number) => boolean;
  readonly memory: RequestMemory;
  /** Whether nobody reads the bytes of such a request once it is answered. */
  readonly isReleased: (apiKey: number) => boolean;
}

/**
 * Cuts a stream into requests, each copied out of the chunks into memory of its own: chunks belong to whoever reads
 * the socket, who uses their memory again. The size is checked, and its bytes reserved, before anything is allocated
 * (INV-6).
 */
export class FrameSplitter {
  #bounds: FrameBounds;
  readonly #options: FrameSplitterOptions;
  #chunk: Uint8Array = NOTHING;
  #at = 0;
  readonly #size = new Uint8Array(SIZE_BYTES);
  #sizeFilled = 0;
  /** Where the request goes that has begun to come. */
  #gathered: Gathered | undefined;
  #next: Frame | undefined;

  constructor(options: FrameSplitterOptions) {
    this.#bounds = { bytesMin: FRAME_BYTES_MIN, bytesMax: options.frameBytesMax };
    this.#options = options;
  }

  /** Holds for frames that are not begun yet. */
  setBounds(bounds: Partial<FrameBounds>): void {
    this.#bounds = { ...this.#bounds, ...bounds };
  }

  /** Bytes that have come of a frame that is not whole yet; 0 between frames. */
  get partialBytes(): number {
    return this.#gathered === undefined ? this.#sizeFilled : SIZE_BYTES + this.#gathered.filled;
  }

  /** Only after 'need-bytes'. The chunk is the splitter's until `keepRest`, or the next 'need-bytes'. */
  push(chunk: Uint8Array): void {
    assert(this.#at === this.#chunk.byteLength, 'a chunk is used up before the next one');
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** What is left of the chunk is copied: its memory is about to be used again. */
  keepRest(): void {
    if (this.#at === this.#chunk.byteLength) this.#chunk = NOTHING;
    else this.#chunk = Uint8Array.prototype.slice.call(this.#chunk, this.#at);
    this.#at = 0;
  }

  /** Bytes reserved for a request that has not come whole, or was not taken. */
  get reservedBytes(): number {
    if (this.#next !== undefined) return this.#next.end - this.#next.start;
    return this.#gathered?.size ?? 0;
  }

  /** No more comes: lets go of a request that is not whole or was not taken. Answers what was reserved for it. */
  abandon(): number {
    const { reservedBytes } = this;
    this.#options.memory.release((this.#next ?? this.#gathered?.place)?.block);
    this.#next = undefined;
    this.#gathered = undefined;
    this.#chunk = NOTHING;
    this.#at = 0;
    return reservedBytes;
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
    if (!this.#options.reserve(size)) return { kind: 'need-room' };
    this.#sizeFilled = 0;
    this.#gathered = { place: this.#place(size), size, filled: 0 };
    return this.#gather(this.#gathered);
  }

  /** By the api key that a request begins with. One whose key has not come is like those that are kept. */
  #place(size: number): RequestPlace {
    const { memory, isReleased } = this.#options;
    const high = this.#chunk[this.#at];
    const low = this.#chunk[this.#at + 1];
    return high !== undefined && low !== undefined && isReleased((high << 8) | low)
      ? memory.takeReleased(size)
      : memory.takeKept(size);
  }

  #gather(gathered: Gathered): NextFrame {
    const { place, size, filled } = gathered;
    const { bytes, start, block } = place;
    const count = Math.min(this.#chunk.byteLength - this.#at, size - filled);
    copyBytes(this.#chunk, this.#at, bytes, start + filled, count);
    this.#at += count;
    gathered.filled += count;
    if (gathered.filled < size) return this.#needBytes();
    this.#gathered = undefined;
    return { kind: 'frame', frame: { bytes, start, end: start + size, block } };
  }

  #needBytes(): NextFrame {
    this.#chunk = NOTHING;
    this.#at = 0;
    return { kind: 'need-bytes' };
  }
}

interface Gathered {
  readonly place: RequestPlace;
  readonly size: number;
  filled: number;
}

/** Up to here a loop costs less than the view that `set` needs. */
const LOOP_BYTES_MAX = 96;

function copyBytes(
  from: Uint8Array,
  at: number,
  into: Uint8Array,
  start: number,
  count: number,
): void {
  if (count > LOOP_BYTES_MAX) {
    into.set(from.subarray(at, at + count), start);
    return;
  }
  for (let index = 0; index < count; index += 1) into[start + index] = from[at + index] ?? 0;
}

const NOTHING = new Uint8Array(0);
