import { atLeast, type AnyField } from '@millrace/config';
import { findConfigProblem } from './effective-configs.ts';
import {
  isDynamic,
  isOfOneBroker,
  isOnlyForListener,
  listenerBaseKey,
  THREAD_KEYS,
} from './dynamic-keys.ts';
import { parseIpOverrides } from './network/connection-limits.ts';
import { brokerFieldOf } from './topic-fields.ts';

export interface BrokerSetting {
  readonly name: string;
  readonly value: string;
}

/** Kafka's quotas of replication, which brokers know only while they run. They have no effect on one node. */
const REPLICATION_RATE: AnyField = {
  type: 'LONG',
  default: null,
  validate: atLeast(0),
  doc: 'Has no effect on one node.',
};
const RATE_KEYS: ReadonlySet<string> = new Set([
  'follower.replication.throttled.rate',
  'leader.replication.throttled.rate',
]);
const MIB = 1024 * 1024;
/** The one class that is there, under its own name or none. */
const METRICS_REPORTER = 'org.apache.kafka.common.metrics.JmxReporter';

/**
 * Everything wrong with settings that a running broker, or all of them, are to take, in Kafka's words. Names that
 * nobody knows are taken, as Kafka takes them.
 */
export function brokerConfigProblems(
  settings: readonly BrokerSetting[],
  isForAll: boolean,
  /** The effective value as it is now. */
  current: (key: string) => string | null,
): readonly string[] {
  const names = settings.map(({ name }) => name);
  const fixed = names.filter((name) => brokerFieldOf(name) !== undefined && !isDynamic(name));
  if (fixed.length > 0)
    return [`Cannot update these configs dynamically: Set(${fixed.join(', ')})`];
  const bare = names.filter(isOnlyForListener);
  if (bare.length > 0)
    return [
      `These security configs can be dynamically updated only per-listener using the listener prefix: Set(${bare.join(', ')})`,
    ];
  const invalid = settings.flatMap((setting) => findInvalid(setting) ?? []);
  if (invalid.length > 0) return invalid;
  const own = names.filter(isOfOneBroker);
  if (isForAll && own.length > 0)
    return [
      `Cannot update these configs at default cluster level, broker id must be specified: Set(${own.join(', ')})`,
    ];
  return settings.flatMap((setting) => findUnfit(setting, settings, current) ?? []);
}

function findInvalid({ name, value }: BrokerSetting): string | undefined {
  const field = RATE_KEYS.has(name)
    ? REPLICATION_RATE
    : brokerFieldOf(listenerBaseKey(name) ?? name);
  if (field === undefined) return undefined;
  if (field.type === 'CLASS' && value !== '' && value !== field.default)
    return `Invalid value ${value} for configuration ${name}: Class ${value} could not be found.`;
  return findConfigProblem(name, field, value);
}

/** What only the other settings show. */
function findUnfit(
  { name, value }: BrokerSetting,
  settings: readonly BrokerSetting[],
  current: (key: string) => string | null,
): string | undefined {
  if (THREAD_KEYS.has(name)) return findThreadProblem(name, Number(value), Number(current(name)));
  switch (name) {
    case 'log.retention.ms':
      return Number(value) === 0
        ? 'log.retention.ms must be unlimited (-1) or, greater than or equal to 1'
        : undefined;
    case 'log.cleaner.dedupe.buffer.size': {
      const asked = settings.find((other) => other.name === 'log.cleaner.threads')?.value;
      const threads = Math.max(1, Number(asked ?? current('log.cleaner.threads')));
      return Number(value) / threads < MIB
        ? 'log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.'
        : undefined;
    }
    case 'max.connections.per.ip.overrides':
      return parseIpOverrides(value) === undefined
        ? `Error parsing configuration property '${name}': it must be written as host:count,host:count`
        : undefined;
    case 'metric.reporters':
      return value === '' || value === METRICS_REPORTER
        ? undefined
        : `Invalid value ${value} for configuration ${name}: Class ${value} could not be found.`;
    default:
      return undefined;
  }
}

function findThreadProblem(name: string, asked: number, current: number): string | undefined {
  if (asked === current) return undefined;
  const failed = `Dynamic thread count update validation failed for ${name}=${asked}`;
  if (asked <= 0) return `${failed}, value should be at least 1`;
  if (asked < current / 2)
    return `${failed}, value should be at least half the current value ${current}`;
  if (asked > current * 2)
    return `${failed}, value should not be greater than double the current value ${current}`;
  return undefined;
}
