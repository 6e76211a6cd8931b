import type { Clock, Logger, Random } from '@millrace/foundation';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import { internalTopicMaker } from '../internal-topics.ts';
import type { ProducerIds } from '../producer-ids.ts';
import type { BrokerSettings } from '../settings.ts';
import { TRANSACTIONS_TOPIC } from '../topic-names.ts';
import type { Topics } from '../topics.ts';
import { MarkerWriter } from './marker-writer.ts';
import { TransactionCoordinator } from './transaction-coordinator.ts';
import { TransactionTopicStore } from './transaction-topic-store.ts';

export interface TransactionParts {
  readonly topics: Topics;
  readonly groups: GroupCoordinator;
  readonly producerIds: ProducerIds;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export interface Transactions {
  readonly transactions: TransactionCoordinator;
  readonly markers: MarkerWriter;
  readonly ensureTransactionsTopic: () => Promise<void>;
}

/** Reads the transactions back, with the broker's settings, and goes on with those that were ending. */
export async function openTransactions(
  { values }: BrokerSettings,
  parts: TransactionParts,
): Promise<Transactions> {
  const { topics, producerIds } = parts;
  // Kafka's settings of the topic, which can't be chosen but for the size.
  const ensureTransactionsTopic = internalTopicMaker(topics, {
    name: TRANSACTIONS_TOPIC,
    partitionCount: values['transaction.state.log.num.partitions'],
    configs: {
      'cleanup.policy': 'compact',
      'compression.type': 'uncompressed',
      'segment.bytes': String(values['transaction.state.log.segment.bytes']),
      'unclean.leader.election.enable': 'false',
    },
  });
  const markers = new MarkerWriter(parts);
  const transactions = await TransactionCoordinator.open({
    ...parts,
    store: new TransactionTopicStore({ ...parts, ensureTopic: ensureTransactionsTopic }),
    markers,
    newProducerId: () => producerIds.next(),
    coordinatorEpoch: () => topics.find(TRANSACTIONS_TOPIC)?.partitions[0]?.leaderEpoch ?? 0,
    limits: {
      transactionalIdsMax: values['transactional.ids.max'],
      timeoutMsMax: values['transaction.max.timeout.ms'],
      idExpirationMs: values['transactional.id.expiration.ms'],
      abortIntervalMs: values['transaction.abort.timed.out.transaction.cleanup.interval.ms'],
      expirationIntervalMs: values['transaction.remove.expired.transaction.cleanup.interval.ms'],
      settleMsMax: values['add.partitions.to.txn.retry.backoff.max.ms'],
    },
  });
  return { transactions, markers, ensureTransactionsTopic };
}
