/** What an `IndexMemory` needs to know of a segment. */
export interface IndexOwner {
  readonly indexBytes: number;
  releaseIndexes(): void;
}

/** Bounds the memory of indexes of closed segments (INV-6): those unused for longest are dropped. */
export class IndexMemory {
  readonly #bytesMax: number;
  readonly #segments = new Map<IndexOwner, number>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  touch(segment: IndexOwner): void {
    this.forget(segment);
    const bytes = segment.indexBytes;
    this.#segments.set(segment, bytes);
    this.#bytes += bytes;
    for (const oldest of this.#segments.keys()) {
      if (this.#bytes <= this.#bytesMax || oldest === segment) return;
      this.forget(oldest);
      oldest.releaseIndexes();
    }
  }

  forget(segment: IndexOwner): void {
    this.#bytes -= this.#segments.get(segment) ?? 0;
    this.#segments.delete(segment);
  }
}
