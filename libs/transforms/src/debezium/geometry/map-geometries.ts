import type { ConnectRecord, Schema, Struct } from '@millrace/record';
import { setMember, withSubject } from '../../subject.ts';
import { isStruct } from '../added-fields.ts';

const GEOMETRY = 'io.debezium.data.geometry.Geometry';

/** Other bytes for a geometry, or the same ones. */
export type ChangeWkb = (wkb: Buffer, srid: number | null) => Buffer;

/** The record with other bytes in the geometries of its value, wherever they are; itself when none changed. */
export function mapGeometries<R extends ConnectRecord>(record: R, change: ChangeWkb): R {
  const { valueSchema, value } = record;
  if (valueSchema?.type !== 'struct' || !isStruct(value)) return record;
  const mapped = mapMembers(valueSchema, value, change);
  return mapped === value
    ? record
    : withSubject(record, 'Value', { schema: valueSchema, value: mapped });
}

function mapValue(schema: Schema, value: unknown, change: ChangeWkb): unknown {
  if (value === null || value === undefined) return value;
  switch (schema.type) {
    case 'struct':
      if (!isStruct(value)) return value;
      return schema.name === GEOMETRY
        ? mapGeometry(value, change)
        : mapMembers(schema, value, change);
    case 'array': {
      if (!Array.isArray(value)) return value;
      const items: readonly unknown[] = value;
      const mapped = items.map((item) => mapValue(schema.items, item, change));
      return mapped.some((item, index) => item !== items[index]) ? mapped : value;
    }
    case 'map': {
      if (!(value instanceof Map)) return value;
      const entries: readonly (readonly [unknown, unknown])[] = [...value];
      const mapped = entries.map(
        ([key, item]) => [key, mapValue(schema.values, item, change)] as const,
      );
      return mapped.some(([, item], index) => item !== entries[index]?.[1])
        ? new Map(mapped)
        : value;
    }
    default:
      return value;
  }
}

function mapMembers(
  schema: Extract<Schema, { type: 'struct' }>,
  value: Struct,
  change: ChangeWkb,
): Struct {
  let copy: Record<string, unknown> | undefined;
  for (const { name, schema: type } of schema.fields) {
    if (!isNested(type)) continue;
    const member = Object.hasOwn(value, name) ? value[name] : null;
    const mapped = mapValue(type, member, change);
    if (mapped !== member) setMember((copy ??= { ...value }), name, mapped);
  }
  return copy ?? value;
}

function isNested({ type }: Schema): boolean {
  return type === 'struct' || type === 'array' || type === 'map';
}

function mapGeometry(geometry: Struct, change: ChangeWkb): Struct {
  const { wkb, srid } = geometry;
  if (!(wkb instanceof Uint8Array)) return geometry;
  const bytes = Buffer.from(wkb.buffer, wkb.byteOffset, wkb.byteLength);
  const changed = change(bytes, typeof srid === 'number' ? srid : null);
  return changed === bytes ? geometry : { ...geometry, wkb: changed };
}
