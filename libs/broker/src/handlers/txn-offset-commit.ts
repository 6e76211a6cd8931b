import {
  apis,
  ErrorCode,
  type TxnOffsetCommitRequest,
  type TxnOffsetCommitResponseInput,
} from '@millrace/kafka-protocol';
import type { BrokerCore, Call } from '../core.ts';
import type { OffsetToCommit } from '../groups/offsets/offset-table.ts';
import { partitionForGroup } from '../groups/java-hash.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { OFFSETS_TOPIC } from '../topic-names.ts';
import {
  admitWrites,
  verifyWrite,
  type WriteCode,
  type WriteTerms,
} from '../transactions/admit-writes.ts';
import { onePartition } from '../transactions/transaction-state.ts';

const TERMS: WriteTerms = {
  abortableSince: 4,
  implicitSince: 5,
  retriableCode: ErrorCode.COORDINATOR_NOT_AVAILABLE,
};

/** Offsets that count once the transaction is committed. */
export const txnOffsetCommitHandler: ServedApi = serve(apis.txnOffsetCommit, txnOffsetCommit);

async function txnOffsetCommit(
  request: TxnOffsetCommitRequest,
  call: Call,
): Promise<TxnOffsetCommitResponseInput> {
  const { core } = call;
  const refusals = new Map<string, number>();
  const offsets: OffsetToCommit[] = [];
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex, committedOffset, ...rest } of partitions) {
      const metadata = rest.committedMetadata ?? '';
      if (!core.topics.hasPartition(name, partitionIndex)) {
        refusals.set(keyOf(name, partitionIndex), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
      } else if (!core.groups.admitsMetadata(metadata)) {
        refusals.set(keyOf(name, partitionIndex), ErrorCode.OFFSET_METADATA_TOO_LARGE);
      } else {
        const committed = {
          offset: committedOffset,
          leaderEpoch: rest.committedLeaderEpoch,
          metadata,
          commitTimestampMs: core.clock.nowMs(),
          expireTimestampMs: -1,
        };
        offsets.push({ topic: name, partition: partitionIndex, committed });
      }
    }
  }
  const errorCode = offsets.length === 0 ? ErrorCode.NONE : await commit(request, offsets, call);
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: refusals.get(keyOf(name, partitionIndex)) ?? errorCode,
      })),
    })),
  };
}

async function commit(
  request: TxnOffsetCommitRequest,
  offsets: readonly OffsetToCommit[],
  { core, version }: Call,
): Promise<number> {
  const { transactionalId, groupId, producerId, producerEpoch } = request;
  if (groupId === '') return ErrorCode.INVALID_GROUP_ID;
  if (transactionalId === '') return ErrorCode.INVALID_REQUEST;
  const partition = await offsetsPartitionOf(groupId, core);
  if (partition === undefined) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
  const producer = { transactionalId, producerId, epoch: producerEpoch };
  const partitions = onePartition(OFFSETS_TOPIC, partition);
  const admitted = admitWrites(core, TERMS, version, { ...producer, partitions });
  const store = (code: WriteCode): number | Promise<number> => {
    const refusal = code(OFFSETS_TOPIC, partition);
    if (refusal !== ErrorCode.NONE) return refusal;
    return core.groups.commitInTransaction({
      groupId,
      memberId: request.memberId,
      instanceId: request.groupInstanceId,
      generation: request.generationId,
      offsets,
      producerId,
      producerEpoch,
      // The group may let it wait, and the transaction end meanwhile.
      checkAgain: () => verifyWrite(core, TERMS, version, producer)(OFFSETS_TOPIC, partition),
    });
  };
  // Not awaited when it is known: no marker may come between the admission and the write.
  return admitted instanceof Promise ? admitted.then(store) : store(admitted);
}

async function offsetsPartitionOf(groupId: string, core: BrokerCore): Promise<number | undefined> {
  try {
    await core.ensureOffsetsTopic();
    return partitionForGroup(groupId, core.topics.mustFind(OFFSETS_TOPIC).partitionCount);
  } catch (error) {
    core.log.warn({ err: error }, 'the offsets topic could not be made; clients try again');
    return undefined;
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}
