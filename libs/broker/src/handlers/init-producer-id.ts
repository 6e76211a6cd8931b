import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { serve, type ServedApi } from '../served-api.ts';

/** Ids for idempotent producers. Transactions are not served: their producers fail at once and for good. */
export const initProducerIdHandler: ServedApi = serve(
  apis.initProducerId,
  async ({ transactionalId }, { core }) => {
    if (transactionalId !== null) {
      const errorCode =
        transactionalId === '' ? ErrorCode.INVALID_REQUEST : ErrorCode.UNSUPPORTED_VERSION;
      return { errorCode, producerId: -1, producerEpoch: -1 };
    }
    try {
      const producerId = await core.producerIds.next();
      return { errorCode: ErrorCode.NONE, producerId, producerEpoch: 0 };
    } catch (error) {
      core.log.warn({ err: error }, 'producer ids could not be reserved; the client tries again');
      return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, producerId: -1, producerEpoch: -1 };
    }
  },
);
