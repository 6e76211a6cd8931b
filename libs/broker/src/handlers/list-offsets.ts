import {
  apis,
  ErrorCode,
  type ListOffsetsRequest,
  type ListOffsetsRequestPartition,
  type ListOffsetsResponseInput,
  type ListOffsetsResponsePartitionInput,
} from '@millrace/kafka-protocol';
import type { PartitionLog } from '@millrace/log';
import { checkLeaderEpoch, leaderEpochOf, openPartition, type Call } from '../core.ts';
import { serve, type ServedApi } from '../served-api.ts';

const LATEST = -1;
const EARLIEST = -2;
const MAX_TIMESTAMP = -3;
const EARLIEST_LOCAL = -4;
const LATEST_TIERED = -5;
/** From which version on a client may ask for each of them. */
const SPECIAL_SINCE: Readonly<Record<number, number>> = {
  [MAX_TIMESTAMP]: 7,
  [EARLIEST_LOCAL]: 8,
  [LATEST_TIERED]: 9,
};
const READ_COMMITTED = 1;

export const listOffsetsHandler: ServedApi = serve(apis.listOffsets, listOffsets);

async function listOffsets(
  request: ListOffsetsRequest,
  call: Call,
): Promise<ListOffsetsResponseInput> {
  const isCommitted = request.isolationLevel === READ_COMMITTED;
  const topics: { name: string; partitions: ListOffsetsResponsePartitionInput[] }[] = [];
  for (const { name, partitions } of request.topics) {
    const answers: ListOffsetsResponsePartitionInput[] = [];
    const twice = findTwice(partitions.map(({ partitionIndex }) => partitionIndex));
    for (const partitionIndex of twice)
      answers.push({ partitionIndex, errorCode: ErrorCode.INVALID_REQUEST });
    for (const partition of partitions) {
      if (!twice.has(partition.partitionIndex))
        answers.push(await findOffset(name, partition, isCommitted, call));
    }
    topics.push({ name, partitions: answers });
  }
  return { topics };
}

async function findOffset(
  topic: string,
  { partitionIndex, currentLeaderEpoch, timestamp }: ListOffsetsRequestPartition,
  isCommitted: boolean,
  { core, version }: Call,
): Promise<ListOffsetsResponsePartitionInput> {
  const log = await openPartition(core, topic, partitionIndex);
  if (typeof log === 'number') return { partitionIndex, errorCode: log };
  const problem = checkLeaderEpoch(core, log, currentLeaderEpoch);
  if (problem !== ErrorCode.NONE) return { partitionIndex, errorCode: problem };
  if (timestamp < LATEST_TIERED || version < (SPECIAL_SINCE[timestamp] ?? 0))
    return { partitionIndex, errorCode: ErrorCode.UNSUPPORTED_VERSION };
  try {
    const found = await offsetAt(log, timestamp, isCommitted);
    if (found === undefined) return { partitionIndex, errorCode: ErrorCode.NONE };
    return {
      partitionIndex,
      errorCode: ErrorCode.NONE,
      timestamp: found.timestampMs,
      offset: found.offset,
      leaderEpoch:
        // The next record, not there yet, will be of the leader's own epoch.
        found.offset === log.logEndOffset ? leaderEpochOf(core, log) : log.epochAt(found.offset),
    };
  } catch (error) {
    core.log.warn({ topic, partition: partitionIndex, err: error }, 'a log could not be searched');
    return { partitionIndex, errorCode: ErrorCode.KAFKA_STORAGE_ERROR };
  }
}

/** Asked for more than once: which of the answers were meant? */
function findTwice(partitions: readonly number[]): ReadonlySet<number> {
  return new Set(partitions.filter((each, index) => partitions.indexOf(each) !== index));
}

interface Found {
  readonly offset: number;
  readonly timestampMs: number;
}

async function offsetAt(
  log: PartitionLog,
  timestamp: number,
  isCommitted: boolean,
): Promise<Found | undefined> {
  const limit = isCommitted ? 'last-stable' : 'high-watermark';
  switch (timestamp) {
    case LATEST:
      return {
        offset: isCommitted ? log.lastStableOffset : log.highWatermark,
        timestampMs: -1,
      };
    case EARLIEST:
    case EARLIEST_LOCAL:
      return { offset: log.logStartOffset, timestampMs: -1 };
    case LATEST_TIERED:
      return undefined;
    case MAX_TIMESTAMP:
      return log.maxTimestampOffset(limit);
    default:
      return log.offsetForTimestamp(timestamp, limit);
  }
}
