import type { RenderedRecords } from '@millrace/record';
import type { JsonSink } from './json-sink.ts';

/** JSON forms of many records, one after another in the present chunk of a sink. */
export class PackedJson implements RenderedRecords {
  readonly bytes: Buffer;
  readonly at: Int32Array;
  readonly hasKeys: boolean;
  readonly valueEnd: Uint8Array;
  count = 0;

  constructor(
    sink: JsonSink,
    options: {
      readonly countMax: number;
      readonly hasKeys: boolean;
      readonly valueEnd: Uint8Array;
    },
  ) {
    this.bytes = sink.bytes;
    this.at = new Int32Array(options.countMax * 4);
    this.hasKeys = options.hasKeys;
    this.valueEnd = options.valueEnd;
  }

  /** The record whose value and, behind it, whose key were just written. */
  add(valueStart: number, valueEnd: number, keyEnd: number): void {
    const slot = this.count * 4;
    this.at[slot] = valueEnd;
    this.at[slot + 1] = keyEnd;
    this.at[slot + 2] = valueStart;
    this.at[slot + 3] = valueEnd;
    this.count++;
  }
}
