import { unreachable, type Clock, type Logger, type Random } from '@millrace/foundation';
import type { Admin } from './admin-api.ts';
import type { Consumer, ConsumerOptions, PartitionReader, ReaderOptions } from './consumer-api.ts';
import type { Producer, ProducerOptions } from './producer-api.ts';
import type { BrokerAddress, Transport } from './transport.ts';

export interface KafkaClientOptions {
  readonly bootstrap: readonly BrokerAddress[];
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** `metadata.max.age.ms`, default 300,000. */
  readonly metadataMaxAgeMs?: number;
  /** `request.timeout.ms`, default 30,000. */
  readonly requestTimeoutMs?: number;
  /** `default.api.timeout.ms`, default 60,000: of one call of the admin, retries included. */
  readonly defaultApiTimeoutMs?: number;
  /** `socket.connection.setup.timeout.ms`, default 10,000. */
  readonly connectTimeoutMs?: number;
  /** `reconnect.backoff.ms`, default 50, doubling to `reconnectBackoffMaxMs` (1,000). */
  readonly reconnectBackoffMs?: number;
  readonly reconnectBackoffMaxMs?: number;
  /** `retry.backoff.ms`, default 100, doubling to `retryBackoffMaxMs` (1,000). */
  readonly retryBackoffMs?: number;
  readonly retryBackoffMaxMs?: number;
}

/** What producers, consumers and the admin of one cluster share: addresses, metadata, time-outs. */
export class KafkaClient implements AsyncDisposable {
  readonly admin: Admin;

  constructor(_options: KafkaClientOptions) {
    this.admin = unreachable('not built yet' as never);
  }

  producer(_options?: ProducerOptions): Producer {
    return unreachable('not built yet' as never);
  }

  consumer(_options: ConsumerOptions): Consumer {
    return unreachable('not built yet' as never);
  }

  reader(_options: ReaderOptions): PartitionReader {
    return unreachable('not built yet' as never);
  }

  clusterId(): Promise<string> {
    return unreachable('not built yet' as never);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return unreachable('not built yet' as never);
  }
}
