import type { StructSchema } from '@millrace/record';
import { unsuitableRecord } from '../errors.ts';
import { fieldOf } from './added-fields.ts';

/** How many of its units are a millisecond, by the name of the type. */
const PER_MS: Readonly<Record<string, bigint>> = {
  'org.apache.kafka.connect.data.Timestamp': 1n,
  'io.debezium.time.Timestamp': 1n,
  'io.debezium.time.MicroTimestamp': 1_000n,
  'io.debezium.time.NanoTimestamp': 1_000_000n,
};

/** When the event happened: its column, or the time of the change. */
export function eventTimestampMs(
  schema: StructSchema,
  column: string | null,
  find: (column: string) => unknown,
  changedMs: unknown,
): number | null {
  const fallback = typeof changedMs === 'number' ? changedMs : null;
  if (column === null) return fallback;
  const type = fieldOf(schema, column);
  if (type === undefined)
    throw unsuitableRecord(`Unable to find timestamp field ${column} in event`);
  const value = find(column);
  if (value === null || value === undefined) return fallback;
  if (value instanceof Date) return value.getTime();
  if (type.name === 'io.debezium.time.ZonedTimestamp' && typeof value === 'string')
    return Date.parse(value);
  const perMs = type.name === undefined ? undefined : PER_MS[type.name];
  if (perMs === undefined || (typeof value !== 'number' && typeof value !== 'bigint'))
    throw unsuitableRecord(
      `Unsupported field type ${type.name ?? `${type.type.toUpperCase()} (without logical schema name)`} for event timestamp`,
    );
  return Number(BigInt(value) / perMs);
}
