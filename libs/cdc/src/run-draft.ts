import type { RenderedRecords } from '@millrace/record';
import type { JsonSink } from './json-sink.ts';

/** All bytes of a value are its own. */
const NO_BYTES = new Uint8Array(0);

/**
 * A run in the making: the places of keys and values that were rendered into one buffer of a sink. What it gives is
 * good until the sink is recycled, as the bytes are.
 */
export class RunDraft {
  readonly hasKeys: boolean;
  count = 0;
  #bytes: Buffer;
  #at: Int32Array;

  readonly #valueEnd: Uint8Array;

  /** `valueEnd` ends each of the values. */
  constructor(hasKeys: boolean, sink: JsonSink, valueEnd: Uint8Array = NO_BYTES) {
    this.hasKeys = hasKeys;
    this.#valueEnd = valueEnd;
    this.#bytes = sink.bytes;
    this.#at = sink.takePlaces();
  }

  /** Whether what the sink writes next lies in the same buffer. */
  fits(sink: JsonSink): boolean {
    return this.#bytes === sink.bytes;
  }

  /** Without a key both of its places are those of the value. */
  add(keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    const slot = this.count * 4;
    if (slot === this.#at.length) {
      const wider = new Int32Array(slot * 2);
      wider.set(this.#at);
      this.#at = wider;
    }
    const at = this.#at;
    at[slot] = keyStart;
    at[slot + 1] = keyEnd;
    at[slot + 2] = valueStart;
    at[slot + 3] = valueEnd;
    this.count++;
  }

  rendered(): RenderedRecords {
    const { count, hasKeys } = this;
    return { count, bytes: this.#bytes, at: this.#at, hasKeys, valueEnd: this.#valueEnd };
  }
}
