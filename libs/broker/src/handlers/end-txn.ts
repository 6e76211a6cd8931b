import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { serve, type ServedApi } from '../served-api.ts';
import { fencedCodeFor } from '../transactions/client-codes.ts';
import { EPOCH_BUMP_VERSION } from '../transactions/transaction-state.ts';

const FENCED_SINCE = 2;
/** From this version on the client learns its next epoch (KIP-890). */
const EPOCH_BUMP_SINCE = 5;

/** Answered once the outcome is durable; the partitions learn it after that. */
export const endTxnHandler: ServedApi = serve(
  apis.endTxn,
  async ({ transactionalId, producerId, producerEpoch, committed }, { core, version }) => {
    if (transactionalId === '') return { errorCode: ErrorCode.INVALID_REQUEST };
    const answer = await core.transactions.end({
      transactionalId,
      producerId,
      epoch: producerEpoch,
      isCommit: committed,
      clientVersion: version >= EPOCH_BUMP_SINCE ? EPOCH_BUMP_VERSION : 0,
    });
    return {
      errorCode: fencedCodeFor(version, FENCED_SINCE, answer.errorCode),
      ...(version >= EPOCH_BUMP_SINCE
        ? { producerId: answer.producerId, producerEpoch: answer.epoch }
        : {}),
    };
  },
);
