import type { Clock, Logger, Random } from '@millrace/foundation';
import type { BrokerAddress, Transport } from './transport.ts';

export interface KafkaClientOptions {
  readonly bootstrap: readonly BrokerAddress[];
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Bound to the log lines. The name that brokers see is the transport's. */
  readonly clientId?: string;
  /** `metadata.max.age.ms`, default 300,000. */
  readonly metadataMaxAgeMs?: number;
  /** How often a consumer looks for topics of its pattern, and for those that are not there; by default as seldom. */
  readonly topicSearchMs?: number;
  /** `request.timeout.ms`, default 30,000. */
  readonly requestTimeoutMs?: number;
  /** `default.api.timeout.ms`, default 60,000: of one call of the admin, retries included. */
  readonly defaultApiTimeoutMs?: number;
  /** `reconnect.backoff.ms`, default 50, doubling to `reconnectBackoffMaxMs` (1,000). */
  readonly reconnectBackoffMs?: number;
  readonly reconnectBackoffMaxMs?: number;
  /** `retry.backoff.ms`, default 100, doubling to `retryBackoffMaxMs` (1,000). */
  readonly retryBackoffMs?: number;
  readonly retryBackoffMaxMs?: number;
}

/** The options with Kafka's defaults filled in. */
export type ClientSettings = Required<KafkaClientOptions>;

export function withDefaults(options: KafkaClientOptions): ClientSettings {
  return {
    clientId: 'millrace',
    metadataMaxAgeMs: 300_000,
    topicSearchMs: options.metadataMaxAgeMs ?? 300_000,
    requestTimeoutMs: 30_000,
    defaultApiTimeoutMs: 60_000,
    reconnectBackoffMs: 50,
    reconnectBackoffMaxMs: 1_000,
    retryBackoffMs: 100,
    retryBackoffMaxMs: 1_000,
    ...options,
  };
}
