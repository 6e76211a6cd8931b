import { ErrorCode } from '@millrace/kafka-protocol';
import { recordOfChange } from './consumer/records.ts';
import type { ConsumerStep } from './consumer/step.ts';
import type { GroupLogRecord } from './group-log-record.ts';

/** Well below the largest record batch that a log takes, so that only a single huge change can be refused. */
const BATCH_BYTES = 128 * 1024;

/**
 * What several requests of one group do to it: written to the log as one, and only then answered. When
 * the log refuses, all of it is taken back and everybody is told.
 */
export class Batch {
  readonly records: GroupLogRecord[] = [];
  readonly #takeBack: (() => void)[] = [];
  readonly #settle: ((errorCode: number) => void)[] = [];
  #isSealed = false;

  /** The next job must find this one's changes in the log, or there are enough for one record batch. */
  get isSealed(): boolean {
    return this.#isSealed || this.#bytes() >= BATCH_BYTES;
  }

  #bytes(): number {
    return this.records.reduce(
      (sum, { key, value }) => sum + key.byteLength + (value?.byteLength ?? 0),
      0,
    );
  }

  seal(): void {
    this.#isSealed = true;
  }

  add(groupId: string, step: ConsumerStep): void {
    for (const change of step.changes) this.records.push(recordOfChange(groupId, change));
    this.onFailure(() => step.takeBack());
  }

  onFailure(takeBack: () => void): void {
    this.#takeBack.push(takeBack);
  }

  /** Called with 0 once the changes are durable, or with the error for the client. */
  onSettled(settle: (errorCode: number) => void): void {
    this.#settle.push(settle);
  }

  settle(errorCode: number): void {
    if (errorCode !== ErrorCode.NONE) for (const takeBack of this.#takeBack.reverse()) takeBack();
    for (const settle of this.#settle) settle(errorCode);
  }
}
