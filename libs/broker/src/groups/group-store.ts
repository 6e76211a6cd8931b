import type { GroupLogRecord, ReplayedRecord } from './group-records.ts';

/** Where groups and their offsets are kept: `__consumer_offsets`. */
export interface GroupStore {
  /**
   * Writes the records of one group, all or none, and answers once they are durable, with 0 or the
   * error for the client. Calls of one group are written in their order.
   */
  append(groupId: string, records: readonly GroupLogRecord[]): Promise<number>;
  /** Everything stored, oldest first within a group. */
  replay(apply: (record: ReplayedRecord) => void): Promise<void>;
}
