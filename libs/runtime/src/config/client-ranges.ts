import { atLeast, between } from '@millrace/config';

const LEVELS: Readonly<Record<string, (value: number) => string | undefined>> = {
  'compression.gzip.level': (value) => (value === -1 ? undefined : between(1, 9)(value)),
  'compression.lz4.level': between(1, 17),
  'compression.zstd.level': between(-131_072, 22),
};

/** From which on they mean something; below, Kafka's clients refuse to start. */
const LEAST: Readonly<Record<string, number>> = {
  'batch.size': 0,
  'buffer.memory': 0,
  'delivery.timeout.ms': 0,
  'fetch.max.bytes': 0,
  'fetch.max.wait.ms': 0,
  'fetch.min.bytes': 0,
  'heartbeat.interval.ms': 1,
  'linger.ms': 0,
  'max.block.ms': 0,
  'max.in.flight.requests.per.connection': 1,
  'max.partition.fetch.bytes': 0,
  'max.poll.interval.ms': 1,
  'max.poll.records': 1,
  'max.request.size': 0,
  'request.timeout.ms': 0,
  'retry.backoff.max.ms': 0,
  'retry.backoff.ms': 0,
  'session.timeout.ms': 1,
  'transaction.timeout.ms': 1,
};

/** Whether a number is one that the key may have. */
export function clientRangeProblem(key: string, value: number): string | undefined {
  const least = LEAST[key];
  return least === undefined ? LEVELS[key]?.(value) : atLeast(least)(value);
}
