import type { ProducerRecord, ProducerRun } from '@millrace/kafka-client';
import type { SourceRecord } from '@millrace/record';
import { countRecords, isRun, type Produced, type UnwrittenRun } from './runs.ts';
import type { ConvertedBatch } from './source-delivery.ts';

/** What a record costs in a batch beside its key and value. */
const RECORD_OVERHEAD_BYTES = 64;

/** A batch while it is converted. */
export class BatchDraft implements ConvertedBatch {
  readonly polled: readonly SourceRecord[];
  readonly polledCount: number;
  readonly produced: Produced[] = [];
  readonly sources: SourceRecord[] = [];
  producedCount = 0;
  bytes = 0;
  /** How many of the polled ones were looked at, the one that is being converted included. */
  begunCount = 0;

  constructor(polled: readonly SourceRecord[]) {
    this.polled = polled;
    this.polledCount = countRecords(polled);
  }

  addRecord(source: SourceRecord, record: ProducerRecord): void {
    this.#add(source, record);
    this.producedCount++;
    this.bytes +=
      RECORD_OVERHEAD_BYTES + (record.key?.byteLength ?? 0) + (record.value?.byteLength ?? 0);
  }

  addRun(source: SourceRecord, run: ProducerRun): void {
    this.#add(source, run);
    const { count, at, keyStart, keyEnd, valueStart, valueEnd } = run;
    this.producedCount += count;
    const constant =
      keyStart.byteLength + keyEnd.byteLength + valueStart.byteLength + valueEnd.byteLength;
    this.bytes += count * (RECORD_OVERHEAD_BYTES + constant);
    for (let slot = 0; slot < count * 4; slot += 2)
      this.bytes += (at[slot + 1] ?? 0) - (at[slot] ?? 0);
  }

  addUnwritten(source: SourceRecord, run: UnwrittenRun): void {
    this.#add(source, run);
    this.producedCount += run.count;
    this.bytes += run.bytes;
  }

  /** What was done before the one that is being converted; undefined when there was nothing. */
  before(): ConvertedBatch | undefined {
    const failing = this.polled[this.begunCount - 1];
    const polled = this.polled.slice(0, this.begunCount - 1);
    if (polled.length === 0) return undefined;
    let length = this.sources.length;
    while (length > 0 && this.sources[length - 1] === failing) length--;
    const produced = this.produced.slice(0, length);
    return {
      polled,
      produced,
      sources: this.sources.slice(0, length),
      bytes: this.bytes,
      polledCount: countRecords(polled),
      producedCount: produced.reduce((sum, each) => sum + (isRun(each) ? each.count : 1), 0),
    };
  }

  #add(source: SourceRecord, produced: Produced): void {
    this.produced.push(produced);
    this.sources.push(source);
  }
}
