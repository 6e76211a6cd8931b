import { apis, ErrorCode, type DescribeTransactionsResponseInput } from '@millrace/kafka-protocol';
import type { BrokerCore } from '../core.ts';
import { serve, type ServedApi } from '../served-api.ts';

type Description = DescribeTransactionsResponseInput['transactionStates'][number];

export const describeTransactionsHandler: ServedApi = serve(
  apis.describeTransactions,
  ({ transactionalIds }, { core }) => ({
    transactionStates: transactionalIds.map((id) => describeTransaction(id, core)),
  }),
);

function describeTransaction(transactionalId: string, core: BrokerCore): Description {
  const state = core.transactions.find(transactionalId);
  if (transactionalId === '') return { errorCode: ErrorCode.INVALID_REQUEST, transactionalId };
  if (state === undefined)
    return { errorCode: ErrorCode.TRANSACTIONAL_ID_NOT_FOUND, transactionalId };
  return {
    errorCode: ErrorCode.NONE,
    transactionalId,
    transactionState: state.phase,
    transactionTimeoutMs: state.timeoutMs,
    transactionStartTimeMs: state.startMs,
    producerId: state.producerId,
    producerEpoch: state.epoch,
    topics: [...state.partitions].map(([topic, partitions]) => ({
      topic,
      partitions: [...partitions],
    })),
  };
}
