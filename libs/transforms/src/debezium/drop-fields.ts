import type { ConnectRecord, Struct, StructSchema } from '@millrace/record';
import { subjectOf, withFields, withSubject, type Side } from '../subject.ts';
import { isStruct } from './added-fields.ts';

export interface DropSettings {
  /** '' for none. */
  readonly headerName: string;
  readonly isFromKey: boolean;
  /** Only optional fields go. */
  readonly isCompatible: boolean;
}

/** `spared` of the value stay in any case. */
type Dropper = <R extends ConnectRecord>(record: R, spared: ReadonlySet<string>) => R;

/** Leaves out the fields that a header of the record names. */
export function fieldDropper({ headerName, isFromKey, isCompatible }: DropSettings): Dropper {
  if (headerName.trim() === '') return (record) => record;
  const key = sideDropper('Key', isCompatible);
  const value = sideDropper('Value', isCompatible);
  return (record, spared) => {
    const named = record.headers.find((header) => header.key === headerName)?.value;
    if (!Array.isArray(named) || named.length === 0) return record;
    const names = new Set(named.map(String));
    const ofValue = new Set([...names].filter((name) => !spared.has(name)));
    return value(isFromKey ? key(record, names) : record, ofValue);
  };
}

/** Schemas without some fields, made once for each choice of fields. */
function sideDropper(
  side: Side,
  isCompatible: boolean,
): <R extends ConnectRecord>(record: R, names: ReadonlySet<string>) => R {
  const made = new WeakMap<StructSchema, Map<string, StructSchema>>();
  const reduced = (schema: StructSchema, dropped: ReadonlySet<string>): StructSchema => {
    const known = made.get(schema) ?? new Map<string, StructSchema>();
    made.set(schema, known);
    const choice = [...dropped].join('\n');
    const fresh =
      known.get(choice) ??
      withFields(
        schema,
        schema.fields.filter(({ name }) => !dropped.has(name)),
      );
    // INV-6: as many choices as a schema of some fields may have in practice.
    if (known.size < CHOICES_MAX) known.set(choice, fresh);
    return fresh;
  };
  return (record, names) => {
    const { schema, value } = subjectOf(record, side);
    if (schema?.type !== 'struct' || !isStruct(value)) return record;
    const isDropped = ({ name, schema: own }: StructSchema['fields'][number]): boolean =>
      names.has(name) && (!isCompatible || own.optional);
    const dropped = new Set(schema.fields.filter(isDropped).map(({ name }) => name));
    if (dropped.size === 0) return record;
    const kept: Struct = Object.fromEntries(
      Object.entries(value).filter(([name]) => !dropped.has(name)),
    );
    return withSubject(record, side, { schema: reduced(schema, dropped), value: kept });
  };
}

const CHOICES_MAX = 1_000;
