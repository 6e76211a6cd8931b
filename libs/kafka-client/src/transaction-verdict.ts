import { isRetriable, type MillraceError } from '@millrace/foundation';
import { ErrorCode } from '@millrace/kafka-protocol';

/**
 * What an error means to a transaction (the classes of KIP-1050): tried again; the transaction must
 * be aborted; a newer producer has taken over; nothing helps.
 */
export type TransactionVerdict = 'retry' | 'abort' | 'fenced' | 'fatal';

/** Asked by whom: a batch on its way to a leader, or a request to a coordinator. */
export function judgeTransactionError(
  error: MillraceError,
  asked: 'leader' | 'coordinator',
): TransactionVerdict {
  switch (error.context['errorCode']) {
    case ErrorCode.PRODUCER_FENCED:
      return 'fenced';
    case ErrorCode.INVALID_PRODUCER_EPOCH:
      // From a leader it may be no more than a late marker; the coordinator knows for sure (KIP-588).
      return asked === 'leader' ? 'abort' : 'fenced';
    case ErrorCode.CLUSTER_AUTHORIZATION_FAILED:
    case ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case ErrorCode.INVALID_TRANSACTION_TIMEOUT:
    case ErrorCode.UNSUPPORTED_VERSION:
    case ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT:
      return 'fatal';
    case ErrorCode.INVALID_TXN_STATE:
      return asked === 'leader' ? 'abort' : 'fatal';
    default:
      break;
  }
  if (error.code === 'client.api_not_served' || error.code === 'client.authentication_failed') {
    return 'fatal';
  }
  if (asked === 'coordinator' && isRetriable(error)) return 'retry';
  return 'abort';
}
