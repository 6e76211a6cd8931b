import {
  apis,
  ErrorCode,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochRequestPartition,
  type OffsetForLeaderEpochResponseInput,
  type OffsetForLeaderEpochResponsePartitionInput,
} from '@millrace/kafka-protocol';
import type { EpochEnd, PartitionLog } from '@millrace/log';
import {
  checkLeaderEpoch,
  leaderEpochOf,
  openPartition,
  type BrokerCore,
  type Call,
} from '../core.ts';
import { serve, type ServedApi } from '../served-api.ts';

export const offsetForLeaderEpochHandler: ServedApi = serve(
  apis.offsetForLeaderEpoch,
  offsetForLeaderEpoch,
);

async function offsetForLeaderEpoch(
  request: OffsetForLeaderEpochRequest,
  { core }: Call,
): Promise<OffsetForLeaderEpochResponseInput> {
  const topics: { topic: string; partitions: OffsetForLeaderEpochResponsePartitionInput[] }[] = [];
  for (const { topic, partitions } of request.topics) {
    const answers: OffsetForLeaderEpochResponsePartitionInput[] = [];
    for (const partition of partitions) answers.push(await endOfEpoch(topic, partition, core));
    topics.push({ topic, partitions: answers });
  }
  return { topics };
}

async function endOfEpoch(
  topic: string,
  { partition, currentLeaderEpoch, leaderEpoch }: OffsetForLeaderEpochRequestPartition,
  core: BrokerCore,
): Promise<OffsetForLeaderEpochResponsePartitionInput> {
  const log = await openPartition(core, topic, partition);
  if (typeof log === 'number') return { errorCode: log, partition };
  const problem = checkLeaderEpoch(core, log, currentLeaderEpoch);
  if (problem !== ErrorCode.NONE) return { errorCode: problem, partition };
  const end = findEnd(log, leaderEpoch, leaderEpochOf(core, log));
  return {
    errorCode: ErrorCode.NONE,
    partition,
    leaderEpoch: end?.epoch ?? -1,
    endOffset: end?.endOffset ?? -1,
  };
}

/** An epoch that has no records yet ends where it began: at the end of the log. */
function findEnd(log: PartitionLog, epoch: number, current: number): EpochEnd | undefined {
  if (epoch < 0) return undefined;
  return epoch === current ? { epoch, endOffset: log.logEndOffset } : log.endOffsetForEpoch(epoch);
}
