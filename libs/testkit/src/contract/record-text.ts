import type { ConnectRecord, SourceRecord } from '@millrace/record';

/** All of a record as text, to see whether it changes. A value that can't be had is part of it. */
export function recordText(record: ConnectRecord): string {
  const { topic, partition, timestampMs, headers, keySchema, valueSchema } = record;
  const { sourcePartition, sourceOffset }: Partial<SourceRecord> = record;
  return [
    plainText({ topic, partition, timestampMs, headers, keySchema, valueSchema }),
    valueOf(() => plainText(record.key)),
    valueOf(() => plainText(record.value)),
    plainText([sourcePartition, sourceOffset]),
  ].join('\n');
}

function valueOf(read: () => string): string {
  try {
    return read();
  } catch {
    return 'not to be had';
  }
}

/** Any value as text; equal for equal values. */
export function plainText(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === 'bigint') return `${each}n`;
    if (each instanceof Map) return { map: [...each.entries()] };
    if (each instanceof Uint8Array) return { bytes: Buffer.from(each).toString('hex') };
    if (typeof each === 'number' && !Number.isFinite(each)) return String(each);
    return each;
  });
}

/** Frozen to the bottom, so that a change throws. Bytes can't be frozen. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) frozen(inner);
  return value;
}
