import { parseValue, type FieldType } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import type { ConsumerOptions, FetchOptions, ProducerOptions } from '@millrace/kafka-client';
import { listOf, withoutPrefix } from './prefixes.ts';
import type { WorkerSettings } from './worker-fields.ts';

/** Which keys of Kafka's clients ours has, and what they are called there. */
const PRODUCER_KEYS: Readonly<Record<string, readonly [keyof ProducerOptions, FieldType]>> = {
  'linger.ms': ['lingerMs', 'LONG'],
  'batch.size': ['batchBytes', 'INT'],
  'buffer.memory': ['bufferBytes', 'LONG'],
  'max.request.size': ['maxRequestBytes', 'INT'],
  'max.in.flight.requests.per.connection': ['maxInFlight', 'INT'],
  'delivery.timeout.ms': ['deliveryTimeoutMs', 'LONG'],
  'request.timeout.ms': ['requestTimeoutMs', 'LONG'],
  'retry.backoff.ms': ['retryBackoffMs', 'LONG'],
  'retry.backoff.max.ms': ['retryBackoffMaxMs', 'LONG'],
  'max.block.ms': ['maxBlockMs', 'LONG'],
  'enable.idempotence': ['enableIdempotence', 'BOOLEAN'],
};

const FETCH_KEYS: Readonly<Record<string, readonly [keyof FetchOptions, FieldType]>> = {
  'max.poll.records': ['maxPollRecords', 'INT'],
  'fetch.min.bytes': ['fetchMinBytes', 'INT'],
  'fetch.max.wait.ms': ['fetchMaxWaitMs', 'INT'],
  'fetch.max.bytes': ['fetchMaxBytes', 'INT'],
  'max.partition.fetch.bytes': ['maxPartitionFetchBytes', 'INT'],
  'request.timeout.ms': ['requestTimeoutMs', 'INT'],
  'retry.backoff.ms': ['retryBackoffMs', 'LONG'],
};

const CONSUMER_KEYS: Readonly<Record<string, readonly [keyof ConsumerOptions, FieldType]>> = {
  ...FETCH_KEYS,
  'session.timeout.ms': ['sessionTimeoutMs', 'INT'],
  'heartbeat.interval.ms': ['heartbeatIntervalMs', 'INT'],
  'max.poll.interval.ms': ['rebalanceTimeoutMs', 'INT'],
  'group.instance.id': ['groupInstanceId', 'STRING'],
};

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const RESETS = ['earliest', 'latest', 'none'] as const;
const ISOLATIONS = ['read_uncommitted', 'read_committed'] as const;

/**
 * At most five batches of a partition are on their way (idempotence), and each acknowledgement waits for an fsync:
 * small batches make the number of fsyncs the limit. As much as a broker takes by default.
 */
const BATCH_BYTES = 1_048_576;

export const PRODUCER_OVERRIDES: readonly string[] = [
  ...Object.keys(PRODUCER_KEYS),
  'acks',
  'compression.type',
];
export const CONSUMER_OVERRIDES: readonly string[] = [
  ...Object.keys(CONSUMER_KEYS),
  'group.id',
  'auto.offset.reset',
  'isolation.level',
  'partition.assignment.strategy',
  'client.id',
];

/**
 * Built-in, then worker `producer.*`, then connector `producer.override.*`. Records wait for a log that is down as
 * long as it takes, as in Connect; the source's back-pressure bounds them.
 */
export function producerOptions(
  worker: WorkerSettings,
  connector: ComponentConfig,
): ProducerOptions {
  const raw = {
    ...withoutPrefix(worker.raw, 'producer.'),
    ...withoutPrefix(connector, 'producer.override.'),
  };
  const compression = COMPRESSIONS.find((name) => name === raw['compression.type']);
  return {
    acks: 'all',
    enableIdempotence: true,
    deliveryTimeoutMs: Infinity,
    maxBlockMs: Infinity,
    batchBytes: BATCH_BYTES,
    ...parsed(PRODUCER_KEYS, raw),
    ...(raw['acks'] === '0' || raw['acks'] === '1'
      ? { acks: raw['acks'] === '0' ? (0 as const) : (1 as const), enableIdempotence: false }
      : {}),
    ...(compression === undefined ? {} : { compression }),
  };
}

export function consumerOptions(
  worker: WorkerSettings,
  connector: ComponentConfig,
): Omit<ConsumerOptions, 'groupId'> {
  const raw = {
    ...withoutPrefix(worker.raw, 'consumer.'),
    ...withoutPrefix(connector, 'consumer.override.'),
  };
  const autoOffsetReset = RESETS.find((name) => name === raw['auto.offset.reset']);
  const isolationLevel = ISOLATIONS.find((name) => name === raw['isolation.level']);
  const assignors = listOf(raw['partition.assignment.strategy']).flatMap(assignorOf);
  return {
    autoOffsetReset: autoOffsetReset ?? 'earliest',
    ...(isolationLevel === undefined ? {} : { isolationLevel }),
    ...(assignors.length === 0 ? {} : { assignors }),
    ...parsed(CONSUMER_KEYS, raw),
  };
}

export function consumerGroupOf(name: string, connector: ComponentConfig): string {
  return connector['consumer.override.group.id'] ?? `connect-${name}`;
}

function assignorOf(className: string): readonly ('range' | 'roundrobin' | 'cooperative-sticky')[] {
  if (className.endsWith('CooperativeStickyAssignor')) return ['cooperative-sticky'];
  if (className.endsWith('RoundRobinAssignor')) return ['roundrobin'];
  return className.endsWith('RangeAssignor') ? ['range'] : [];
}

function parsed(
  table: Readonly<Record<string, readonly [string, FieldType]>>,
  raw: ComponentConfig,
): Record<string, never> {
  const options: Record<string, unknown> = {};
  for (const [key, [option, type]] of Object.entries(table)) {
    const text = raw[key];
    const result = text === undefined ? undefined : parseValue(type, text);
    if (result !== undefined && 'value' in result) options[option] = result.value;
  }
  // The tables above pair each option with its type.
  return options as Record<string, never>;
}

/** What is wrong with overrides of keys that our client has; keys that it lacks are only warned about. */
export function overrideProblem(prefix: string, key: string, value: string): string | undefined {
  const table: Readonly<Record<string, readonly [string, FieldType]>> =
    prefix === 'producer.override.' ? PRODUCER_KEYS : CONSUMER_KEYS;
  const type = table[key]?.[1];
  const result = type === undefined ? undefined : parseValue(type, value);
  return result !== undefined && 'problem' in result ? result.problem : undefined;
}
