import {
  optional,
  type Header,
  type Schema,
  type Struct,
  type StructSchema,
} from '@millrace/record';

/** One entry of `add.fields` or `add.headers`: what is taken from the envelope, and its new name. */
export interface AddedField {
  /** `source`, `transaction`, or null for the envelope itself. */
  readonly block: string | null;
  readonly field: string;
  readonly name: string;
}

const ENVELOPE_FIELDS = new Set(['op', 'ts_ms', 'ts_us', 'ts_ns']);
const TRANSACTION_FIELDS = new Set(['id', 'total_order', 'data_collection_order']);

/** `op`, `source.lsn`, `table:tbl`; without a block the field's usual one. */
export function parseAddedFields(
  entries: readonly string[],
  prefix: string,
): readonly AddedField[] {
  return entries.map((entry) => {
    const [path = '', alias] = entry.split(':');
    const dot = path.indexOf('.');
    const field = dot < 0 ? path : path.slice(dot + 1);
    const block = dot < 0 ? usualBlock(field) : path.slice(0, dot);
    const ownName = dot < 0 ? field : `${path.slice(0, dot)}_${field}`;
    return { block, field, name: `${prefix}${alias ?? ownName}` };
  });
}

function usualBlock(field: string): string | null {
  if (ENVELOPE_FIELDS.has(field)) return null;
  return TRANSACTION_FIELDS.has(field) ? 'transaction' : 'source';
}

/** The schema of the field in the envelope, without its default; undefined when there is none. */
export function addedSchema(
  envelope: StructSchema,
  { block, field }: AddedField,
): Schema | undefined {
  const holder = block === null ? envelope : fieldOf(envelope, block);
  const schema = holder?.type === 'struct' ? fieldOf(holder, field) : undefined;
  return schema === undefined ? undefined : { ...optional(schema), default: undefined };
}

export function addedValue(envelope: Struct, { block, field }: AddedField): unknown {
  const holder = block === null ? envelope : envelope[block];
  const value = isStruct(holder) ? (holder[field] ?? null) : null;
  // A source says it of a snapshot alone, and "false" is what its schema says otherwise.
  return block === 'source' && field === 'snapshot' && value === 'false' ? null : value;
}

export function addedHeaders(
  schema: StructSchema,
  envelope: Struct,
  added: readonly AddedField[],
): readonly Header[] {
  return added.flatMap((each) => {
    const of = addedSchema(schema, each);
    return of === undefined
      ? []
      : [{ key: each.name, schema: of, value: addedValue(envelope, each) }];
  });
}

export function fieldOf(schema: StructSchema, name: string): Schema | undefined {
  return schema.fields.find((field) => field.name === name)?.schema;
}

export function isStruct(value: unknown): value is Struct {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
