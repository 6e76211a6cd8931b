import { invalidLogConfig } from './errors.ts';

/** Settings of a topic's logs under Kafka's names. All can be changed while the log is in use. */
export interface LogConfig {
  readonly 'segment.bytes': number;
  readonly 'segment.ms': number;
  readonly 'segment.index.bytes': number;
  readonly 'index.interval.bytes': number;
  readonly 'retention.ms': number;
  readonly 'retention.bytes': number;
  readonly 'cleanup.policy': CleanupPolicy;
  readonly 'max.message.bytes': number;
  readonly 'min.cleanable.dirty.ratio': number;
  readonly 'delete.retention.ms': number;
  readonly 'min.compaction.lag.ms': number;
  readonly 'max.compaction.lag.ms': number;
  readonly 'message.timestamp.type': 'CreateTime' | 'LogAppendTime';
  readonly 'message.timestamp.before.max.ms': number;
  readonly 'message.timestamp.after.max.ms': number;
  readonly 'flush.messages': number;
  readonly 'flush.ms': number;
  readonly 'file.delete.delay.ms': number;
  readonly 'compression.type': CompressionType;
  readonly 'compression.gzip.level': number;
  readonly 'compression.zstd.level': number;
  /** Segments are closed up to so much before `segment.ms`, by chance, so that not all roll at once. */
  readonly 'segment.jitter.ms': number;
}

/** How batches are stored: as they came, or packed anew. */
export type CompressionType = 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** Neither, as Kafka allows, keeps everything. */
export type CleanupPolicy = 'delete' | 'compact' | 'compact,delete' | '';

/** Java's Long.MAX_VALUE, which stands for "never" and "no limit" in these settings. */
export const NEVER = Infinity;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Kafka's defaults. */
export const DEFAULT_LOG_CONFIG: LogConfig = {
  'segment.bytes': 1_073_741_824,
  'segment.ms': 7 * DAY_MS,
  'segment.index.bytes': 10_485_760,
  'index.interval.bytes': 4096,
  'retention.ms': 7 * DAY_MS,
  'retention.bytes': -1,
  'cleanup.policy': 'delete',
  'max.message.bytes': 1_048_588,
  'min.cleanable.dirty.ratio': 0.5,
  'delete.retention.ms': DAY_MS,
  'min.compaction.lag.ms': 0,
  'max.compaction.lag.ms': NEVER,
  'message.timestamp.type': 'CreateTime',
  'message.timestamp.before.max.ms': NEVER,
  'message.timestamp.after.max.ms': HOUR_MS,
  'flush.messages': NEVER,
  'flush.ms': NEVER,
  'file.delete.delay.ms': 60_000,
  'compression.type': 'producer',
  'compression.gzip.level': -1,
  'compression.zstd.level': 3,
  'segment.jitter.ms': 0,
};

/** Smallest allowed value of each number; -1 stands for "no limit" where Kafka allows it. */
const NUMBER_MIN: Readonly<Record<string, number>> = {
  'segment.bytes': 14,
  'segment.ms': 1,
  'segment.index.bytes': 4,
  'index.interval.bytes': 0,
  'retention.ms': -1,
  // Whatever is below 0 is no limit: Kafka takes every number here.
  'retention.bytes': -Infinity,
  'max.message.bytes': 0,
  'min.cleanable.dirty.ratio': 0,
  'delete.retention.ms': 0,
  'min.compaction.lag.ms': 0,
  'max.compaction.lag.ms': 1,
  'message.timestamp.before.max.ms': 0,
  'message.timestamp.after.max.ms': 0,
  'flush.messages': 1,
  'flush.ms': 0,
  'file.delete.delay.ms': 0,
  'compression.gzip.level': -1,
  'compression.zstd.level': -131_072,
  'segment.jitter.ms': 0,
};

/** Kafka stores int64 here; whatever is at or beyond 2^53 means "never". */
const LONG_MAX_TEXT = '9223372036854775807';

/**
 * A full configuration from texts or numbers as CreateTopics and AlterConfigs carry them. Keys that
 * are not this library's are left to the caller. Throws `log.invalid_config` naming all problems.
 */
export function resolveLogConfig(
  overrides: Readonly<Record<string, string | number | null | undefined>>,
  defaults: LogConfig = DEFAULT_LOG_CONFIG,
): LogConfig {
  const problems: string[] = [];
  const number = (key: keyof LogConfig, fallback: number): number => {
    const raw = overrides[key];
    if (raw === undefined || raw === null) return fallback;
    const value = raw === LONG_MAX_TEXT ? NEVER : Number(raw);
    const isNumber = raw !== '' && (Number.isInteger(value) || value === NEVER);
    const isRatio = key === 'min.cleanable.dirty.ratio' && value <= 1;
    if ((!isNumber && !isRatio) || !(value >= (NUMBER_MIN[key] ?? 0))) {
      problems.push(`${key}="${raw}", expected a number of at least ${NUMBER_MIN[key] ?? 0}`);
      return fallback;
    }
    return value >= Number.MAX_SAFE_INTEGER ? NEVER : value;
  };
  const d = defaults;
  const config: LogConfig = {
    'segment.bytes': number('segment.bytes', d['segment.bytes']),
    'segment.ms': number('segment.ms', d['segment.ms']),
    'segment.index.bytes': number('segment.index.bytes', d['segment.index.bytes']),
    'index.interval.bytes': number('index.interval.bytes', d['index.interval.bytes']),
    'retention.ms': number('retention.ms', d['retention.ms']),
    'retention.bytes': number('retention.bytes', d['retention.bytes']),
    'cleanup.policy': cleanupPolicy(overrides['cleanup.policy'], d['cleanup.policy'], problems),
    'max.message.bytes': number('max.message.bytes', d['max.message.bytes']),
    'min.cleanable.dirty.ratio': number(
      'min.cleanable.dirty.ratio',
      d['min.cleanable.dirty.ratio'],
    ),
    'delete.retention.ms': number('delete.retention.ms', d['delete.retention.ms']),
    'min.compaction.lag.ms': number('min.compaction.lag.ms', d['min.compaction.lag.ms']),
    'max.compaction.lag.ms': number('max.compaction.lag.ms', d['max.compaction.lag.ms']),
    'message.timestamp.type': timestampType(
      overrides['message.timestamp.type'],
      d['message.timestamp.type'],
      problems,
    ),
    'message.timestamp.before.max.ms': number(
      'message.timestamp.before.max.ms',
      d['message.timestamp.before.max.ms'],
    ),
    'message.timestamp.after.max.ms': number(
      'message.timestamp.after.max.ms',
      d['message.timestamp.after.max.ms'],
    ),
    'flush.messages': number('flush.messages', d['flush.messages']),
    'flush.ms': number('flush.ms', d['flush.ms']),
    'file.delete.delay.ms': number('file.delete.delay.ms', d['file.delete.delay.ms']),
    'compression.type': compressionType(
      overrides['compression.type'],
      d['compression.type'],
      problems,
    ),
    'compression.gzip.level': number('compression.gzip.level', d['compression.gzip.level']),
    'compression.zstd.level': number('compression.zstd.level', d['compression.zstd.level']),
    'segment.jitter.ms': number('segment.jitter.ms', d['segment.jitter.ms']),
  };
  if (problems.length > 0) throw invalidLogConfig(problems);
  return config;
}

export function isCompacted(config: LogConfig): boolean {
  return config['cleanup.policy'].includes('compact');
}

export function isDeletedByRetention(config: LogConfig): boolean {
  return config['cleanup.policy'].includes('delete');
}

function cleanupPolicy(
  raw: string | number | null | undefined,
  fallback: CleanupPolicy,
  problems: string[],
): CleanupPolicy {
  if (raw === undefined || raw === null) return fallback;
  const parts = new Set(
    String(raw)
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );
  const hasCompact = parts.delete('compact');
  const hasDelete = parts.delete('delete');
  if (parts.size > 0) {
    problems.push(`cleanup.policy="${raw}", expected delete, compact, both or neither`);
    return fallback;
  }
  if (hasCompact) return hasDelete ? 'compact,delete' : 'compact';
  return hasDelete ? 'delete' : '';
}

const COMPRESSION_TYPES: readonly CompressionType[] = [
  'producer',
  'uncompressed',
  'gzip',
  'snappy',
  'lz4',
  'zstd',
];

function compressionType(
  raw: string | number | null | undefined,
  fallback: CompressionType,
  problems: string[],
): CompressionType {
  if (raw === undefined || raw === null) return fallback;
  const type = COMPRESSION_TYPES.find((known) => known === String(raw).trim());
  if (type !== undefined) return type;
  problems.push(`compression.type="${raw}", expected one of ${COMPRESSION_TYPES.join(', ')}`);
  return fallback;
}

function timestampType(
  raw: string | number | null | undefined,
  fallback: LogConfig['message.timestamp.type'],
  problems: string[],
): LogConfig['message.timestamp.type'] {
  if (raw === undefined || raw === null) return fallback;
  const type = String(raw).trim();
  if (type === 'CreateTime' || type === 'LogAppendTime') return type;
  problems.push(`message.timestamp.type="${raw}", expected CreateTime or LogAppendTime`);
  return fallback;
}
