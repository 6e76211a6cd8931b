import { MillraceError } from '@millrace/foundation';

/** `beginTransaction`, `send` and so on in an order that makes no sense. */
export function invalidTransactionState(operation: string, state: string): MillraceError {
  return new MillraceError({
    code: 'client.invalid_transaction_state',
    retry: 'fatal',
    message: `can't ${operation} while the transactional producer is ${state}`,
    hint: 'call initTransactions once, then beginTransaction, send, and commitTransaction or abortTransaction in turn',
    context: { operation, state },
  });
}

/** Something in the transaction failed, so that it can't be committed as a whole. */
export function transactionMustAbort(transactionalId: string, cause: MillraceError): MillraceError {
  return new MillraceError({
    code: 'client.transaction_must_abort',
    retry: 'fatal',
    message: `the transaction of "${transactionalId}" can't be committed: ${cause.message}`,
    hint: 'call abortTransaction, then do the same work again in a new transaction',
    context: { transactionalId, causeCode: cause.code },
    cause,
  });
}

/** The record was buffered when its transaction was aborted. */
export function transactionAborted(transactionalId: string): MillraceError {
  return new MillraceError({
    code: 'client.transaction_aborted',
    retry: 'fatal',
    message: `the transaction of "${transactionalId}" was aborted`,
    hint: 'send the record again in a new transaction',
    context: { transactionalId },
  });
}

/**
 * Another producer with this `transactional.id` has begun, or the transaction took longer than
 * `transaction.timeout.ms` and was aborted by the coordinator.
 */
export function producerFenced(transactionalId: string, cause: MillraceError): MillraceError {
  return new MillraceError({
    code: 'client.producer_fenced',
    retry: 'fatal',
    message: `the producer "${transactionalId}" was put out by a newer one, or its transaction timed out`,
    hint: 'let only one producer use a transactional.id at a time; raise transaction.timeout.ms if transactions take long; close this producer',
    context: { transactionalId, causeCode: cause.code },
    cause,
  });
}

/** The producer can't go on: not authorised, or the coordinator and we disagree on what is going on. */
export function transactionFailed(transactionalId: string, cause: MillraceError): MillraceError {
  return new MillraceError({
    code: 'client.transaction_failed',
    retry: 'fatal',
    message: `the transactional producer "${transactionalId}" can't go on: ${cause.message}`,
    hint: cause.hint ?? 'look at the cause; then close this producer and open another one',
    context: { transactionalId, causeCode: cause.code },
    cause,
  });
}

/** The coordinator didn't answer in time. It is still being asked: the transaction may end either way. */
export function transactionPending(
  transactionalId: string,
  operation: string,
  waitedMs: number,
): MillraceError {
  return new MillraceError({
    code: 'client.transaction_pending',
    retry: 'retriable',
    message: `the coordinator of "${transactionalId}" did not ${operation} within ${waitedMs} ms`,
    hint: 'call again to wait on; check that the brokers can be reached, raise max.block.ms',
    context: { transactionalId, operation, waitedMs },
  });
}
