import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { partitionForGroup } from '../groups/java-hash.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { OFFSETS_TOPIC } from '../topic-names.ts';
import { fencedCodeFor } from '../transactions/client-codes.ts';
import { onePartition } from '../transactions/transaction-state.ts';

const FENCED_SINCE = 2;

/** The group's partition of `__consumer_offsets` becomes part of the transaction, as any other. */
export const addOffsetsToTxnHandler: ServedApi = serve(
  apis.addOffsetsToTxn,
  async ({ transactionalId, producerId, producerEpoch, groupId }, { core, version }) => {
    if (transactionalId === '') return { errorCode: ErrorCode.INVALID_REQUEST };
    try {
      await core.ensureOffsetsTopic();
    } catch (error) {
      core.log.warn({ err: error }, 'the offsets topic could not be made; clients try again');
      return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE };
    }
    const { partitionCount } = core.topics.mustFind(OFFSETS_TOPIC);
    const errorCode = await core.transactions.add({
      transactionalId,
      producerId,
      epoch: producerEpoch,
      partitions: onePartition(OFFSETS_TOPIC, partitionForGroup(groupId, partitionCount)),
      clientVersion: 0,
    });
    return { errorCode: fencedCodeFor(version, FENCED_SINCE, errorCode) };
  },
);
