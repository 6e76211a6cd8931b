import {
  apis,
  ErrorCode,
  type InitProducerIdRequest,
  type InitProducerIdResponseInput,
} from '@millrace/kafka-protocol';
import type { BrokerCore, Call } from '../core.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { fencedCodeFor } from '../transactions/client-codes.ts';
import { refusedProducer } from '../transactions/transaction-step.ts';

const FENCED_SINCE = 4;
const NONE = -1;

/** Ids for idempotent producers, and the beginning of transactional ones: what they left open is aborted. */
export const initProducerIdHandler: ServedApi = serve(apis.initProducerId, initProducerId);

async function initProducerId(
  request: InitProducerIdRequest,
  { core, version }: Call,
): Promise<InitProducerIdResponseInput> {
  const { transactionalId, producerId, producerEpoch } = request;
  const hasNeither = producerId === NONE && producerEpoch === NONE;
  if (transactionalId === '' || (!hasNeither && (producerId === NONE || producerEpoch === NONE)))
    return responseOf(refusedProducer(ErrorCode.INVALID_REQUEST));
  if (transactionalId === null) return idempotent(core);
  const answer = await core.transactions.init({
    transactionalId,
    timeoutMs: request.transactionTimeoutMs,
    expected: hasNeither ? undefined : { producerId, epoch: producerEpoch },
  });
  return responseOf({
    ...answer,
    errorCode: fencedCodeFor(version, FENCED_SINCE, answer.errorCode),
  });
}

async function idempotent(core: BrokerCore): Promise<InitProducerIdResponseInput> {
  try {
    const producerId = await core.producerIds.next();
    return { errorCode: ErrorCode.NONE, producerId, producerEpoch: 0 };
  } catch (error) {
    core.log.warn({ err: error }, 'producer ids could not be reserved; the client tries again');
    return responseOf(refusedProducer(ErrorCode.COORDINATOR_NOT_AVAILABLE));
  }
}

function responseOf(answer: {
  readonly errorCode: number;
  readonly producerId: number;
  readonly epoch: number;
}): InitProducerIdResponseInput {
  return {
    errorCode: answer.errorCode,
    producerId: answer.producerId,
    producerEpoch: answer.epoch,
  };
}
