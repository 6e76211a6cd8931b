import { atLeast, defineFields } from '@millrace/config';
import type { ConnectRecord, SourceRecord, Struct, StructSchema } from '@millrace/record';
import { transform } from '../../plugin.ts';
import { fieldValue, setMember, withSubject } from '../../subject.ts';
import { fieldOf, isStruct } from '../added-fields.ts';
import { approximateSize } from './approximate-size.ts';

const fields = defineFields({
  'max.bytes': {
    type: 'INT',
    importance: 'HIGH',
    doc: 'What a record may be estimated at; texts and bytes of larger ones are cut off in proportion to their length.',
    validate: atLeast(1),
  },
  'compression.ratio': {
    type: 'DOUBLE',
    default: 1,
    importance: 'MEDIUM',
    doc: 'The estimated size is multiplied by this before it is compared.',
    validate: (ratio) => (ratio > 0 ? undefined : 'Must be a positive number'),
  },
  'min.field.size': {
    type: 'INT',
    default: 25_000,
    importance: 'MEDIUM',
    doc: 'Fields that are not longer than this stay whole.',
    validate: atLeast(0),
  },
});

/** Cuts long columns off in change events that would be too large: what is cut is lost, and that is asked for here. */
export const enforceRecordSize = transform(
  'enforce-record-size',
  'io.debezium.transforms.EnforceRecordSize',
  fields,
  (settings) => {
    const longFields = (schema: StructSchema, value: Struct, part: string): LongFields => {
      const row = fieldOf(schema, part);
      const members = value[part];
      const found: LongField[] = [];
      if (row?.type === 'struct' && isStruct(members))
        for (const field of row.fields) {
          const content = fieldValue(members, field, true);
          const length = lengthOf(content);
          if (length > settings['min.field.size'])
            found.push({ name: field.name, content, length });
        }
      return { found, total: found.reduce((sum, { length }) => sum + length, 0) };
    };
    return {
      apply: (record) => {
        const { value, valueSchema } = record;
        if (valueSchema?.type !== 'struct' || !isStruct(value) || !isOfSource(record))
          return record;
        const size = Math.ceil(approximateSize(record) * settings['compression.ratio']);
        const excess = size - settings['max.bytes'];
        if (excess <= 0) return record;
        const before = longFields(valueSchema, value, 'before');
        const after = longFields(valueSchema, value, 'after');
        const total = before.total + after.total;
        if (total === 0) return record;
        const cut: Struct = {
          ...value,
          ...shortened(value, 'before', before, Math.ceil((before.total / total) * excess)),
          ...shortened(value, 'after', after, Math.ceil((after.total / total) * excess)),
        };
        return withSubject(record, 'Value', { schema: valueSchema, value: cut });
      },
    };
  },
);

/** A column that may be cut. */
interface LongField {
  readonly name: string;
  readonly content: unknown;
  readonly length: number;
}

/** Those of a row, and the sum of their lengths. */
interface LongFields {
  readonly found: readonly LongField[];
  readonly total: number;
}

function isOfSource(record: ConnectRecord): record is SourceRecord {
  return 'sourceOffset' in record;
}

/** Of a text in UTF-16 units, of bytes their number; anything else is not cut. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return value instanceof Uint8Array ? value.byteLength : 0;
}

function shortened(
  value: Struct,
  part: string,
  { found, total }: LongFields,
  less: number,
): Struct {
  const row = value[part];
  if (found.length === 0 || less <= 0 || !isStruct(row)) return {};
  const copy: Record<string, unknown> = { ...row };
  for (const { name, content, length } of found)
    setMember(copy, name, start(content, Math.max(0, length - Math.ceil((length / total) * less))));
  return { [part]: copy };
}

function start(value: unknown, length: number): unknown {
  if (value instanceof Uint8Array) return value.slice(0, length);
  if (typeof value !== 'string') return value;
  // Half a pair of surrogates is no character.
  const isWithinPair = /[\ud800-\udbff]/.test(value.charAt(length - 1));
  return value.slice(0, isWithinPair ? length - 1 : length);
}
