import type { KafkaClient } from '@millrace/kafka-client';

/** What the runtime needs of the log: any Kafka, the embedded log, or a fake in tests. */
export type LogClient = Pick<
  KafkaClient,
  'admin' | 'producer' | 'transactionalProducer' | 'consumer' | 'reader' | 'clusterId'
>;
