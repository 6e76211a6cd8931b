import {
  apis,
  ErrorCode,
  type DeleteRecordsRequest,
  type DeleteRecordsRequestPartition,
  type DeleteRecordsResponseInput,
  type DeleteRecordsResponsePartitionInput,
} from '@millrace/kafka-protocol';
import { isDeletedByRetention } from '@millrace/log';
import { openPartition, type BrokerCore, type Call } from '../core.ts';
import { serve, type ServedApi } from '../served-api.ts';

const HIGH_WATERMARK = -1;

export const deleteRecordsHandler: ServedApi = serve(apis.deleteRecords, deleteRecords);

async function deleteRecords(
  request: DeleteRecordsRequest,
  { core }: Call,
): Promise<DeleteRecordsResponseInput> {
  const topics: { name: string; partitions: DeleteRecordsResponsePartitionInput[] }[] = [];
  for (const { name, partitions } of request.topics) {
    const answers: DeleteRecordsResponsePartitionInput[] = [];
    for (const partition of partitions) answers.push(await deleteBefore(name, partition, core));
    topics.push({ name, partitions: answers });
  }
  return { topics };
}

async function deleteBefore(
  topic: string,
  { partitionIndex, offset }: DeleteRecordsRequestPartition,
  core: BrokerCore,
): Promise<DeleteRecordsResponsePartitionInput> {
  const failed = (errorCode: number): DeleteRecordsResponsePartitionInput => ({
    partitionIndex,
    lowWatermark: -1,
    errorCode,
  });
  const log = await openPartition(core, topic, partitionIndex);
  if (typeof log === 'number') return failed(log);
  if (!isDeletedByRetention(log.config)) return failed(ErrorCode.POLICY_VIOLATION);
  try {
    const target = offset === HIGH_WATERMARK ? log.highWatermark : offset;
    const start = await core.logs.deleteRecordsBefore(log, target);
    if (start === 'offset-out-of-range') return failed(ErrorCode.OFFSET_OUT_OF_RANGE);
    return { partitionIndex, lowWatermark: start, errorCode: ErrorCode.NONE };
  } catch (error) {
    core.log.warn({ topic, partition: partitionIndex, err: error }, 'records could not be deleted');
    return failed(ErrorCode.KAFKA_STORAGE_ERROR);
  }
}
