import {
  apis,
  ErrorCode,
  type DescribeLogDirsRequest,
  type DescribeLogDirsResponseInput,
} from '@millrace/kafka-protocol';
import type { FolderDescription } from '@millrace/log';
import type { Call } from '../core.ts';
import { serve, type ServedApi } from '../served-api.ts';

export const describeLogDirsHandler: ServedApi = serve(apis.describeLogDirs, describeLogDirs);

type Result = DescribeLogDirsResponseInput['results'][number];
type Wanted = ReadonlyMap<string, ReadonlySet<number>>;

async function describeLogDirs(
  { topics }: DescribeLogDirsRequest,
  { core }: Call,
): Promise<DescribeLogDirsResponseInput> {
  const wanted =
    topics === null
      ? undefined
      : new Map(topics.map(({ topic, partitions }) => [topic, new Set(partitions)]));
  const folders = await core.logs.describeFolders();
  return { errorCode: ErrorCode.NONE, results: folders.map((folder) => resultOf(folder, wanted)) };
}

/** `wanted` undefined: all partitions. */
function resultOf(folder: FolderDescription, wanted: Wanted | undefined): Result {
  const { path, isOffline, totalBytes, usableBytes, logs } = folder;
  if (isOffline) {
    return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, logDir: path, topics: [] };
  }
  const byTopic = new Map<string, Result['topics'][number]['partitions'][number][]>();
  for (const { topic, partition, bytes, offsetLag, isFuture } of logs) {
    if (wanted !== undefined && wanted.get(topic)?.has(partition) !== true) continue;
    const partitions = byTopic.get(topic) ?? [];
    byTopic.set(topic, partitions);
    partitions.push({
      partitionIndex: partition,
      partitionSize: bytes,
      offsetLag,
      isFutureKey: isFuture,
    });
  }
  return {
    errorCode: ErrorCode.NONE,
    logDir: path,
    topics: [...byTopic].map(([name, partitions]) => ({ name, partitions })),
    totalBytes,
    usableBytes,
  };
}
