import type { SourceOffset, SourcePartition } from '@millrace/record';
import { sourceFault } from './errors.ts';
import { fullName, type TableName } from './session.ts';
import { floorDivide } from './temporal.ts';

/** Up to where rows were handed on. Null: from the beginning. */
export interface Position {
  readonly incrementing: bigint | null;
  /** Microseconds since the epoch. */
  readonly timestamp: bigint | null;
}

export const BEGINNING: Position = { incrementing: null, timestamp: null };
export const QUERY_PARTITION: SourcePartition = { query: 'query' };

/** Confluent's partitions of a table, the current form first; older offsets are found by the others. */
export function tablePartitions(table: TableName): readonly [SourcePartition, SourcePartition] {
  return [{ protocol: '1', table: fullName(table) }, { table: table.name }];
}

/** Confluent's `incrementing`, `timestamp` (ms) and `timestamp_nanos` (of the second). */
export function offsetOf({ incrementing, timestamp }: Position): SourceOffset {
  const second = timestamp === null ? 0n : floorDivide(timestamp, 1_000_000n) * 1_000_000n;
  return {
    ...(incrementing === null ? {} : { incrementing }),
    ...(timestamp === null
      ? {}
      : {
          timestamp: Number(floorDivide(timestamp, 1000n)),
          timestamp_nanos: Number((timestamp - second) * 1000n),
        }),
  };
}

/** @throws MillraceError `jdbc.offset_invalid` */
export function positionOf(offset: SourceOffset): Position {
  const ms = integer(offset, 'timestamp');
  const nanos = integer(offset, 'timestamp_nanos');
  const second = ms === null ? 0n : floorDivide(ms, 1000n) * 1_000_000n;
  return {
    incrementing: integer(offset, 'incrementing'),
    timestamp: ms === null ? null : nanos === null ? ms * 1000n : second + nanos / 1000n,
  };
}

const FIELDS = ['incrementing', 'timestamp', 'timestamp_nanos'];

/**
 * An offset that a person sets.
 * @throws MillraceError `jdbc.offset_invalid`
 */
export function checkAltered(partition: SourcePartition, offset: SourceOffset | null): void {
  const isOurs =
    partition['query'] === 'query' ||
    (typeof partition['table'] === 'string' && partition['table'] !== '');
  if (!isOurs)
    throw sourceFault(
      'jdbc.offset_invalid',
      `${JSON.stringify(partition)} is no partition of this source`,
      'a partition looks like {"protocol": "1", "table": "public.orders"}, or {"query": "query"}',
    );
  if (offset === null) return;
  positionOf(offset);
  const unknown = Object.keys(offset).filter((name) => !FIELDS.includes(name));
  if (unknown.length > 0 || Object.keys(offset).length === 0)
    throw sourceFault(
      'jdbc.offset_invalid',
      unknown.length === 0
        ? 'the offset is empty'
        : `the offset has unknown fields: ${unknown.join(', ')}`,
      'an offset looks like {"incrementing": 7, "timestamp": 1700000000000, "timestamp_nanos": 0}; null forgets it',
    );
}

function integer(offset: SourceOffset, name: string): bigint | null {
  const value = offset[name] ?? null;
  if (value === null) return null;
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return BigInt(value);
  throw sourceFault(
    'jdbc.offset_invalid',
    `the offset holds "${name}": ${JSON.stringify(value)}, which is no whole number`,
    'an offset looks like {"incrementing": 7, "timestamp": 1700000000000, "timestamp_nanos": 0}',
  );
}
