import type { StoredRecord } from './stored-record.ts';

/** What a change comes to: records that carry it out, and what the client is told once they are durable. */
export interface Decision<T> {
  readonly writes: readonly StoredRecord[];
  readonly outcome: T;
}
