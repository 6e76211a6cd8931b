import type { KafkaClient, OperationsAdmin } from '@millrace/kafka-client';

/** The part of the Kafka client that the runtime uses: over TCP, into the embedded log, or a fake in tests. */
export interface LogClient extends Pick<
  KafkaClient,
  'admin' | 'producer' | 'transactionalProducer' | 'consumer' | 'reader' | 'clusterId'
> {
  readonly operations: Pick<
    OperationsAdmin,
    'fenceProducer' | 'deleteGroupOffsets' | 'removeGroupMembers'
  >;
}
