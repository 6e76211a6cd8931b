import {
  apis,
  ErrorCode,
  type AlterReplicaLogDirsRequest,
  type AlterReplicaLogDirsResponseInput,
} from '@millrace/kafka-protocol';
import type { MoveAnswer } from '@millrace/log';
import type { BrokerCore, Call } from '../core.ts';
import { serve, type ServedApi } from '../served-api.ts';

/** Answered when the move has begun; DescribeLogDirs shows how far it is. */
export const alterReplicaLogDirsHandler: ServedApi = serve(
  apis.alterReplicaLogDirs,
  alterReplicaLogDirs,
);

const ERRORS: Readonly<Record<MoveAnswer, number>> = {
  moving: ErrorCode.NONE,
  'there-already': ErrorCode.NONE,
  // As Kafka: there is no replica to move yet, and the wish is kept for when there is.
  'kept-for-later': ErrorCode.REPLICA_NOT_AVAILABLE,
  'unknown-folder': ErrorCode.LOG_DIR_NOT_FOUND,
  offline: ErrorCode.KAFKA_STORAGE_ERROR,
};

function alterReplicaLogDirs(
  { dirs }: AlterReplicaLogDirsRequest,
  { core }: Call,
): AlterReplicaLogDirsResponseInput {
  const byTopic = new Map<string, { partitionIndex: number; errorCode: number }[]>();
  for (const { path, topics } of dirs) {
    for (const { name, partitions } of topics) {
      const answers = byTopic.get(name) ?? [];
      byTopic.set(name, answers);
      for (const partitionIndex of partitions) {
        answers.push({ partitionIndex, errorCode: move(core, name, partitionIndex, path) });
      }
    }
  }
  return { results: [...byTopic].map(([topicName, partitions]) => ({ topicName, partitions })) };
}

function move(core: BrokerCore, topic: string, partition: number, path: string): number {
  if (!core.logs.hasFolder(path)) return ErrorCode.LOG_DIR_NOT_FOUND;
  if (!core.topics.hasPartition(topic, partition)) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return ERRORS[core.logs.moveLog(topic, partition, path)];
}
