import { Decimal, type Schema, type SourceRecord } from '@millrace/record';
import { isStruct } from '../added-fields.ts';

/** What Debezium reckons for each kind of value: rather what objects take in a JVM than bytes of a message. */
const STRUCT_BYTES = 56;
const TEXT_BYTES = 56;
const BYTES_BYTES = 24;
const LIST_BYTES = 64;
const MAP_BYTES = 88;
const PRIMITIVE_BYTES = 24;
const REFERENCE_BYTES = 8;
const ENTRY_BYTES = 100;

/** The size of a record as Debezium's `ApproximateStructSizeCalculator` reckons it. */
export function approximateSize(record: SourceRecord): number {
  const { headers, key, keySchema, sourceOffset, sourcePartition, topic, value, valueSchema } =
    record;
  const entries =
    Object.keys(sourcePartition).length + Object.keys(sourceOffset).length + headers.length;
  return (
    entries * ENTRY_BYTES +
    REFERENCE_BYTES +
    (keySchema === null ? 0 : sizeOf(keySchema, key)) +
    (valueSchema === null ? 0 : sizeOf(valueSchema, value)) +
    Buffer.byteLength(topic)
  );
}

function sizeOf(schema: Schema, value: unknown): number {
  const isNull = value === null || value === undefined;
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' ? TEXT_BYTES + Buffer.byteLength(value) : 0;
    case 'bytes':
      if (isNull) return 0;
      return BYTES_BYTES + (value instanceof Decimal ? value.toBytes() : bytesOf(value)).byteLength;
    case 'struct':
      return structSize(schema, value);
    case 'array': {
      if (!Array.isArray(value)) return 0;
      const items: readonly unknown[] = value;
      return items.reduce<number>(
        (size, item) => size + REFERENCE_BYTES + sizeOf(schema.items, item),
        LIST_BYTES,
      );
    }
    case 'map': {
      if (isNull) return 0;
      let size = MAP_BYTES;
      const entries: Iterable<readonly [unknown, unknown]> =
        value instanceof Map ? value : Object.entries(value);
      for (const [key, item] of entries)
        size += 2 * REFERENCE_BYTES + sizeOf(schema.keys, key) + sizeOf(schema.values, item);
      return size;
    }
    default:
      return PRIMITIVE_BYTES;
  }
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(0);
}

function structSize(schema: Extract<Schema, { type: 'struct' }>, value: unknown): number {
  if (!isStruct(value)) return 0;
  let size = STRUCT_BYTES;
  for (const { name, schema: type } of schema.fields)
    size +=
      REFERENCE_BYTES + sizeOf(type, Object.hasOwn(value, name) ? (value[name] ?? null) : null);
  return size;
}
