import { invalidOptions } from './errors.ts';
import type { ProducerOptions, TransactionalProducerOptions } from './producer-api.ts';
import type { BatchForm } from './producer-batch.ts';

type Settings = Required<Omit<ProducerOptions, 'compressionLevel'>>;

export interface ProducerSettings extends Settings {
  readonly compressionLevel: number | undefined;
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  readonly form: BatchForm;
}

/** Kafka's defaults filled in; as in Kafka, idempotence is on unless other settings forbid it. */
export function producerSettingsOf(
  options: ProducerOptions & Partial<TransactionalProducerOptions>,
): ProducerSettings {
  const acks = options.acks ?? 'all';
  const maxInFlight = options.maxInFlight ?? 5;
  const canBeIdempotent = acks === 'all' && maxInFlight <= 5;
  const transactionalId = options.transactionalId ?? null;
  if (options.enableIdempotence === true && !canBeIdempotent) {
    throw invalidOptions(
      'an idempotent producer needs acks=all and at most 5 requests in flight',
      'set acks=all and max.in.flight.requests.per.connection=5, or enable.idempotence=false',
    );
  }
  if (transactionalId !== null && (!canBeIdempotent || options.enableIdempotence === false)) {
    throw invalidOptions(
      'a transactional producer is idempotent, with acks=all and at most 5 requests in flight',
      'leave acks, enable.idempotence and max.in.flight.requests.per.connection at their defaults',
    );
  }
  if (transactionalId === '') {
    throw invalidOptions('transactional.id is empty', 'give each producer a name of its own');
  }
  const maxRequestBytes = options.maxRequestBytes ?? 1024 * 1024;
  const compression = options.compression ?? 'none';
  return {
    lingerMs: 5,
    bufferBytes: 32 * 1024 * 1024,
    deliveryTimeoutMs: 120_000,
    requestTimeoutMs: 30_000,
    retryBackoffMs: 100,
    retryBackoffMaxMs: 1_000,
    maxBlockMs: 60_000,
    partitionerIgnoreKeys: false,
    transactionTimeoutMs: 60_000,
    ...options,
    acks,
    maxInFlight,
    maxRequestBytes,
    compression,
    compressionLevel: options.compressionLevel,
    transactionalId,
    batchBytes: Math.min(options.batchBytes ?? 128 * 1024, maxRequestBytes),
    enableIdempotence: options.enableIdempotence ?? canBeIdempotent,
    form: {
      codec: compression,
      ...(options.compressionLevel === undefined
        ? {}
        : { compressionLevel: options.compressionLevel }),
      isTransactional: transactionalId !== null,
    },
  };
}
