import { ErrorCode } from '@millrace/kafka-protocol';
import type { BrokerCore } from '../core.ts';
import type { AddRequest } from './transaction-coordinator.ts';
import { EPOCH_BUMP_VERSION } from './transaction-state.ts';

/** What the versions of an api that writes in transactions let its clients understand. */
export interface WriteTerms {
  /** TRANSACTION_ABORTABLE; older ones take INVALID_TXN_STATE. */
  readonly abortableSince: number;
  /** The write itself adds its partitions to the transaction (KIP-890); older clients have added them before. */
  readonly implicitSince: number;
  /** What older clients retry when the coordinator is busy or away. */
  readonly retriableCode: number;
}

/** For each partition 0, or why nothing may be written to it. */
export type WriteCode = (topic: string, partition: number) => number;

/**
 * Whether a transactional producer may write to partitions (KIP-890): no write reaches a log unless
 * the coordinator knows that its transaction covers the log, or it could stay open for ever. What is
 * admitted must be handed to the logs in the same turn of the loop, so that no marker comes between.
 */
export function admitWrites(
  core: BrokerCore,
  terms: WriteTerms,
  version: number,
  write: Omit<AddRequest, 'clientVersion'>,
): WriteCode | Promise<WriteCode> {
  const always =
    (errorCode: number): WriteCode =>
    () =>
      writeCodeFor(terms, version, errorCode);
  if (version >= terms.implicitSince) {
    const added = core.transactions.addWithWrite({ ...write, clientVersion: EPOCH_BUMP_VERSION });
    return typeof added === 'number' ? always(added) : added.then(always);
  }
  return verifyWrite(core, terms, version, write);
}

/** Whether the transaction covers the partitions now. For a write that had to wait after it was admitted, too. */
export function verifyWrite(
  core: BrokerCore,
  terms: WriteTerms,
  version: number,
  producer: Pick<AddRequest, 'transactionalId' | 'producerId' | 'epoch'>,
): WriteCode {
  if (!core.settings.values['transaction.partition.verification.enable'])
    return () => ErrorCode.NONE;
  return (topic, partition) =>
    writeCodeFor(terms, version, core.transactions.verify(producer, topic, partition));
}

function writeCodeFor(terms: WriteTerms, version: number, errorCode: number): number {
  switch (errorCode) {
    case ErrorCode.PRODUCER_FENCED:
      // A writer may have been fenced by a time-out: with this code it first tries to abort.
      return ErrorCode.INVALID_PRODUCER_EPOCH;
    case ErrorCode.TRANSACTION_ABORTABLE:
      return version >= terms.abortableSince ? errorCode : ErrorCode.INVALID_TXN_STATE;
    case ErrorCode.CONCURRENT_TRANSACTIONS:
      return version >= terms.implicitSince ? errorCode : terms.retriableCode;
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
      return terms.retriableCode;
    default:
      return errorCode;
  }
}
