import { decodeVersioned, encodeVersioned, messages } from '@millrace/kafka-protocol';
import { must } from '@millrace/foundation';
import {
  NO_EPOCH,
  NO_PARTITIONS,
  TRANSACTION_PHASES,
  type PartitionsByTopic,
  type TransactionState,
} from './transaction-state.ts';

const KEY_VERSION = 0;
/** With tagged fields: what Kafka writes from `transaction.version` 1 on. */
const VALUE_VERSION = 1;

/** A record of `__transaction_state`; a null value is a tombstone. */
export interface TransactionLogRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

export function transactionRecord(
  transactionalId: string,
  state: TransactionState | null,
): TransactionLogRecord {
  const key = encodeVersioned(messages.transactionLogKey, KEY_VERSION, { transactionalId });
  if (state === null) return { key, value: null };
  const value = encodeVersioned(messages.transactionLogValue, VALUE_VERSION, {
    producerId: state.producerId,
    previousProducerId: state.previousProducerId,
    nextProducerId: state.nextProducerId,
    producerEpoch: state.epoch,
    transactionTimeoutMs: state.timeoutMs,
    transactionStatus: TRANSACTION_PHASES.indexOf(state.phase),
    transactionPartitions:
      state.phase === 'Empty'
        ? null
        : [...state.partitions].map(([topic, partitions]) => ({
            topic,
            partitionIds: [...partitions],
          })),
    transactionLastUpdateTimestampMs: state.updateMs,
    transactionStartTimestampMs: state.startMs,
    clientTransactionVersion: state.clientVersion,
  });
  return { key, value };
}

export interface ReplayedTransaction {
  readonly transactionalId: string;
  readonly state: TransactionState | null;
}

export function readTransactionRecord(
  key: Uint8Array,
  value: Uint8Array | null,
): ReplayedTransaction {
  const { transactionalId } = decodeVersioned(messages.transactionLogKey, key).value;
  return { transactionalId, state: value === null ? null : readState(value) };
}

function readState(bytes: Uint8Array): TransactionState {
  const { value } = decodeVersioned(messages.transactionLogValue, bytes);
  const phase = TRANSACTION_PHASES[value.transactionStatus];
  return {
    producerId: value.producerId,
    previousProducerId: value.previousProducerId,
    nextProducerId: value.nextProducerId,
    epoch: value.producerEpoch,
    lastEpoch: NO_EPOCH,
    timeoutMs: value.transactionTimeoutMs,
    phase: must(phase, `transaction status ${value.transactionStatus} is known`),
    partitions: partitionsOf(value.transactionPartitions),
    startMs: value.transactionStartTimestampMs,
    updateMs: value.transactionLastUpdateTimestampMs,
    clientVersion: value.clientTransactionVersion,
  };
}

function partitionsOf(
  stored: readonly { readonly topic: string; readonly partitionIds: readonly number[] }[] | null,
): PartitionsByTopic {
  if (stored === null || stored.length === 0) return NO_PARTITIONS;
  return new Map(stored.map(({ topic, partitionIds }) => [topic, new Set(partitionIds)]));
}
