import {
  decodeRecords,
  ErrorCode,
  isControl,
  isTransactional,
  readControlMarker,
  RecordBatchBuilder,
  type OpenBatch,
} from '@millrace/kafka-protocol';
import { describeError, type Clock, type Logger } from '@millrace/foundation';
import type { GroupLogRecord } from './groups/group-log-record.ts';
import { readGroupRecord } from './groups/group-records.ts';
import type { GroupStore, ReplayListener, TransactionalProducer } from './groups/group-store.ts';
import { partitionForGroup } from './groups/java-hash.ts';
import { replayBatches } from './internal-topics.ts';
import { OFFSETS_TOPIC } from './topic-names.ts';
import type { Topics } from './topics.ts';

export interface OffsetsTopicStoreOptions {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ensureTopic: () => Promise<void>;
  /** Of a topic that is not made yet. */
  readonly partitionCount: number;
}

/** Groups and offsets in `__consumer_offsets`, as Kafka keeps them there. */
export class OffsetsTopicStore implements GroupStore {
  readonly #options: OffsetsTopicStoreOptions;

  constructor(options: OffsetsTopicStoreOptions) {
    this.#options = options;
  }

  partitionOf(groupId: string): number {
    const { topics, partitionCount } = this.#options;
    const count = topics.find(OFFSETS_TOPIC)?.partitionCount ?? partitionCount;
    return partitionForGroup(groupId, count);
  }

  async append(
    groupId: string,
    records: readonly GroupLogRecord[],
    producer?: TransactionalProducer,
  ): Promise<number> {
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
      const batch = builder.buildSync(
        producer === undefined ? {} : { ...producer, baseSequence: -1, isTransactional: true },
      );
      const result = await partitionLog.append(batch, {
        leaderEpoch: topics.leaderEpochOf(entry, partition),
        flush: 'every-append',
        origin: 'coordinator',
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

  async replay(listener: ReplayListener): Promise<void> {
    const { topics } = this.#options;
    const entry = topics.find(OFFSETS_TOPIC);
    if (entry === undefined) return;
    for (let partition = 0; partition < entry.partitionCount; partition += 1) {
      const log = topics.findLog(entry, partition);
      if (log === undefined) continue;
      await replayBatches(log, (batch) => replayBatch(batch, partition, listener));
    }
  }
}

function replayBatch(batch: OpenBatch, partition: number, listener: ReplayListener): void {
  const { attributes, producerId } = batch.header;
  if (isControl(attributes)) {
    const marker = readControlMarker(batch);
    if (marker !== undefined)
      listener.onTransactionEnd({ partition, producerId }, marker.type === 'commit');
    return;
  }
  const transaction = isTransactional(attributes) ? { partition, producerId } : undefined;
  for (const { key, value } of decodeRecords(batch)) {
    if (key !== null) listener.onRecord(readGroupRecord(key, value), transaction);
  }
}

/** What clients of groups understand: they look for the coordinator again, or give up for a reason. */
function clientErrorCode(errorCode: number): number {
  return errorCode === ErrorCode.MESSAGE_TOO_LARGE || errorCode === ErrorCode.RECORD_LIST_TOO_LARGE
    ? ErrorCode.INVALID_COMMIT_OFFSET_SIZE
    : ErrorCode.COORDINATOR_NOT_AVAILABLE;
}
