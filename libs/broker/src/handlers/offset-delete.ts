import {
  apis,
  ErrorCode,
  type OffsetDeleteRequest,
  type OffsetDeleteResponseInput,
} from '@millrace/kafka-protocol';
import type { Call } from '../core.ts';
import { serve, type ServedApi } from '../served-api.ts';

export const offsetDeleteHandler: ServedApi = serve(apis.offsetDelete, offsetDelete);

async function offsetDelete(
  request: OffsetDeleteRequest,
  { core }: Call,
): Promise<OffsetDeleteResponseInput> {
  const { groupId } = request;
  if (groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID };
  const asked = request.topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex: partition }) => ({ topic: name, partition })),
  );
  const isKnown = asked.map(({ topic, partition }) => core.topics.hasPartition(topic, partition));
  const known = asked.filter((_, index) => isKnown[index] === true);
  const outcome = await core.groups.deleteOffsets(groupId, known);
  if (typeof outcome === 'number') return { errorCode: outcome };
  const errorCodes = [...outcome];
  const answers = isKnown.map((each) =>
    each ? (errorCodes.shift() ?? ErrorCode.NONE) : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  );
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: answers.shift() ?? ErrorCode.NONE,
      })),
    })),
  };
}
