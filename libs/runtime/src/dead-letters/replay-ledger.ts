import type { ProducerRecord } from '@millrace/kafka-client';
import type { OffsetChange, SourceOffsets } from '../stores/offset-store.ts';
import { OffsetRanges } from './offset-ranges.ts';

/**
 * Which dead letters of a connector were replayed: records in `connect-offsets`, in Connect's format, under a name that
 * no connector can have (names have no control characters). Written in the transaction that also holds what the replay
 * put into the log, so the two never differ, whenever the process dies.
 */
export class ReplayLedger {
  readonly #offsets: SourceOffsets;
  readonly #owner: string;
  readonly #topic: string;

  constructor(offsets: SourceOffsets, connector: string, topic: string) {
    this.#offsets = offsets;
    this.#owner = `\u0000dead-letters:${connector}`;
    this.#topic = topic;
  }

  /** Takes in what another worker wrote. */
  async refresh(signal: AbortSignal): Promise<void> {
    await this.#offsets.refresh(signal);
  }

  of(partition: number): OffsetRanges {
    const stored = this.#offsets.reader(this.#owner).find(this.#keyOf(partition));
    return OffsetRanges.parse(stored?.['next'], stored?.['above']) ?? OffsetRanges.empty;
  }

  recordsOf(partition: number, done: OffsetRanges): readonly ProducerRecord[] {
    return this.#offsets.recordsOf(this.#owner, [this.#changeOf(partition, done)]);
  }

  /** The transaction is committed. */
  noteWritten(partition: number, done: OffsetRanges): void {
    this.#offsets.noteWritten(this.#owner, [this.#changeOf(partition, done)]);
  }

  #changeOf(partition: number, done: OffsetRanges): OffsetChange {
    return {
      partition: this.#keyOf(partition),
      offset: { next: done.next, above: done.text },
    };
  }

  #keyOf(partition: number): { readonly topic: string; readonly partition: number } {
    return { topic: this.#topic, partition };
  }
}
