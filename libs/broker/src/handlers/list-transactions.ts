import {
  apis,
  ErrorCode,
  type ListTransactionsRequest,
  type ListTransactionsResponseInput,
} from '@millrace/kafka-protocol';
import type { BrokerCore, Call } from '../core.ts';
import { filterByPattern } from '../matching.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { TRANSACTION_PHASES } from '../transactions/transaction-state.ts';

const PHASE_NAMES: ReadonlySet<string> = new Set(TRANSACTION_PHASES);

export const listTransactionsHandler: ServedApi = serve(apis.listTransactions, listTransactions);

function listTransactions(
  request: ListTransactionsRequest,
  { core }: Call,
): ListTransactionsResponseInput {
  const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = request;
  const isAny = transactionalIdPattern === null || transactionalIdPattern === '';
  const ids = isAny ? undefined : findIds(transactionalIdPattern, core);
  if (!isAny && ids === undefined) return { errorCode: ErrorCode.INVALID_REGULAR_EXPRESSION };
  const phases = new Set(stateFilters);
  const producerIds = new Set(producerIdFilters);
  const nowMs = core.transactions.nowMs();
  const transactionStates = [];
  for (const { transactionalId, state } of core.transactions.transactions()) {
    const { phase, producerId, startMs } = state;
    if (phases.size > 0 && !phases.has(phase)) continue;
    if (producerIds.size > 0 && !producerIds.has(producerId)) continue;
    if (durationFilter >= 0 && nowMs - startMs <= durationFilter) continue;
    if (ids?.has(transactionalId) === false) continue;
    transactionStates.push({ transactionalId, producerId, transactionState: phase });
  }
  return {
    errorCode: ErrorCode.NONE,
    unknownStateFilters: stateFilters.filter((name) => !PHASE_NAMES.has(name)),
    transactionStates,
  };
}

function findIds(pattern: string, core: BrokerCore): ReadonlySet<string> | undefined {
  const known = [...core.transactions.transactions()].map((each) => each.transactionalId);
  return filterByPattern(pattern, known);
}
