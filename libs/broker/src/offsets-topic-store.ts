import {
  batchSize,
  decodeRecords,
  ErrorCode,
  isControl,
  openBatch,
  RecordBatchBuilder,
} from '@millrace/kafka-protocol';
import { describeError, type Clock, type Logger } from '@millrace/foundation';
import type { PartitionLog } from '@millrace/log';
import {
  readGroupRecord,
  type GroupLogRecord,
  type ReplayedRecord,
} from './groups/group-records.ts';
import type { GroupStore } from './groups/group-store.ts';
import { partitionForGroup } from './groups/java-hash.ts';
import { OFFSETS_TOPIC } from './topic-names.ts';
import type { Topics } from './topics.ts';

const READ_BYTES = 1024 * 1024;

export interface OffsetsTopicStoreOptions {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ensureTopic: () => Promise<void>;
}

/** Groups and offsets in `__consumer_offsets`, as Kafka keeps them there. */
export class OffsetsTopicStore implements GroupStore {
  readonly #options: OffsetsTopicStoreOptions;

  constructor(options: OffsetsTopicStoreOptions) {
    this.#options = options;
  }

  async append(groupId: string, records: readonly GroupLogRecord[]): Promise<number> {
    const { topics, clock, log } = this.#options;
    try {
      if (topics.find(OFFSETS_TOPIC) === undefined) await this.#options.ensureTopic();
      const entry = topics.mustFind(OFFSETS_TOPIC);
      const partition = partitionForGroup(groupId, entry.partitionCount);
      const builder = new RecordBatchBuilder();
      const nowMs = clock.nowMs();
      for (const { key, value } of records) builder.append(key, value, nowMs);
      const partitionLog =
        topics.findLog(entry, partition) ?? (await topics.openLog(entry, partition));
      const result = await partitionLog.append(builder.buildSync(), {
        leaderEpoch: topics.leaderEpoch,
        flush: 'every-append',
      });
      if (result.kind === 'appended') return ErrorCode.NONE;
      log.warn(
        { group: groupId, partition, error: result.error.message },
        'a group record was not stored; the client is told to try again',
      );
      return clientErrorCode(result.errorCode);
    } catch (error) {
      log.warn(
        { group: groupId, error: describeError(error) },
        'a group record was not stored; the client is told to try again',
      );
      return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    }
  }

  async replay(apply: (record: ReplayedRecord) => void): Promise<void> {
    const { topics } = this.#options;
    const entry = topics.find(OFFSETS_TOPIC);
    if (entry === undefined) return;
    for (let partition = 0; partition < entry.partitionCount; partition += 1) {
      const partitionLog = topics.findLog(entry, partition);
      if (partitionLog !== undefined) await this.#replayLog(partitionLog, apply);
    }
  }

  async #replayLog(log: PartitionLog, apply: (record: ReplayedRecord) => void): Promise<void> {
    for (let offset = log.logStartOffset; offset < log.logEndOffset;) {
      const read = await log.read(offset, READ_BYTES, { minOneMessage: true, upTo: 'log-end' });
      if (read === 'offset-out-of-range' || read.nextOffset <= offset) return;
      for (let at = 0; at < read.bytes.byteLength; at += batchSize(read.bytes, at)) {
        const batch = await openBatch(read.bytes, at);
        if (isControl(batch.header.attributes)) continue;
        for (const { key, value } of decodeRecords(batch)) {
          if (key !== null) apply(readGroupRecord(key, value));
        }
      }
      offset = read.nextOffset;
    }
  }
}

/** What clients of groups understand: they look for the coordinator again, or give up for a reason. */
function clientErrorCode(errorCode: number): number {
  return errorCode === ErrorCode.MESSAGE_TOO_LARGE || errorCode === ErrorCode.RECORD_LIST_TOO_LARGE
    ? ErrorCode.INVALID_COMMIT_OFFSET_SIZE
    : ErrorCode.COORDINATOR_NOT_AVAILABLE;
}
