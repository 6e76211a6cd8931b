import { parseNumberLines } from './checkpoint-files.ts';

export interface EpochStart {
  readonly epoch: number;
  readonly startOffset: number;
}

/** Which leader epoch began at which offset; how replicas find where their logs part. */
export class LeaderEpochs {
  #entries: EpochStart[] = [];
  #isDirty = false;

  /** Changed since `markSaved`. */
  get isDirty(): boolean {
    return this.#isDirty;
  }

  get entries(): readonly EpochStart[] {
    return this.#entries;
  }

  get latest(): EpochStart | undefined {
    return this.#entries.at(-1);
  }

  /** Notes that a batch of `epoch` is at `startOffset`. An epoch never goes back: an older one is ignored. */
  assign(epoch: number, startOffset: number): void {
    const latest = this.latest;
    if (epoch < 0 || (latest !== undefined && epoch <= latest.epoch)) return;
    this.truncateFrom(startOffset);
    this.#entries.push({ epoch, startOffset });
    this.#isDirty = true;
  }

  /**
   * The largest epoch at or below `epoch`, and the offset where it ended (`logEndOffset` for the
   * latest one). Undefined when `epoch` is newer than all, or nothing is known.
   */
  endOffsetFor(
    epoch: number,
    logEndOffset: number,
  ): { readonly epoch: number; readonly endOffset: number } | undefined {
    const [first] = this.#entries;
    const latest = this.latest;
    if (first === undefined || latest === undefined || epoch > latest.epoch) return undefined;
    if (epoch === latest.epoch) return { epoch, endOffset: logEndOffset };
    const next = this.#entries.findIndex((entry) => entry.epoch > epoch);
    const before = this.#entries[next - 1];
    if (before === undefined) return { epoch, endOffset: first.startOffset };
    return { epoch: before.epoch, endOffset: this.#entries[next]?.startOffset ?? logEndOffset };
  }

  /** The epoch of the record at `offset`; -1 when unknown. */
  epochAt(offset: number): number {
    for (let index = this.#entries.length - 1; index >= 0; index -= 1) {
      const entry = this.#entries[index];
      if (entry !== undefined && entry.startOffset <= offset) return entry.epoch;
    }
    return -1;
  }

  /** Drops epochs that began at or after `offset`. */
  truncateFrom(offset: number): void {
    while ((this.#entries.at(-1)?.startOffset ?? -1) >= offset) {
      this.#entries.pop();
      this.#isDirty = true;
    }
  }

  /** Drops epochs that ended before `logStartOffset`; the one that is running there begins there. */
  truncateBefore(logStartOffset: number): void {
    const kept = this.#entries.filter(
      (_, index) => (this.#entries[index + 1]?.startOffset ?? Infinity) > logStartOffset,
    );
    const [first] = kept;
    if (first === undefined || first.startOffset >= logStartOffset) {
      if (kept.length === this.#entries.length) return;
    } else {
      kept[0] = { epoch: first.epoch, startOffset: logStartOffset };
    }
    this.#entries = kept;
    this.#isDirty = true;
  }

  /** What is saved is not in the log's folder. */
  markDirty(): void {
    this.#isDirty = true;
  }

  /** From epoch and start offset of each, oldest first. */
  static of(entries: readonly (readonly [epoch: number, startOffset: number])[]): LeaderEpochs {
    const epochs = new LeaderEpochs();
    epochs.#entries = entries.map(([epoch, startOffset]) => ({ epoch, startOffset }));
    return epochs;
  }

  markSaved(): void {
    this.#isDirty = false;
  }

  /** Kafka's `leader-epoch-checkpoint`: version 0, the count, then epoch and start offset a line. */
  encode(): string {
    const lines = this.#entries.map((entry) => `${entry.epoch} ${entry.startOffset}\n`);
    return `0\n${lines.length}\n${lines.join('')}`;
  }

  /** Undefined when the text is damaged. */
  static decode(text: string): LeaderEpochs | undefined {
    const rows = parseNumberLines(text, 2);
    if (rows === undefined) return undefined;
    const epochs = new LeaderEpochs();
    for (const row of rows) {
      const [epoch, startOffset] = row.map(Number);
      if (epoch === undefined || startOffset === undefined) return undefined;
      epochs.#entries.push({ epoch, startOffset });
    }
    return epochs;
  }
}
