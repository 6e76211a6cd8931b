import { schemas, type Field, type Schema, type StructSchema } from '@millrace/record';

/** `r` snapshot read, `c` insert, `u` update, `d` delete, `t` truncate, `m` logical message. */
export type Operation = 'r' | 'c' | 'u' | 'd' | 't' | 'm';

/** Place of an event in its transaction; present with `provide.transaction.metadata`. */
export const TRANSACTION_BLOCK: StructSchema = schemas.struct(
  {
    id: schemas.string(),
    total_order: schemas.int64(),
    data_collection_order: schemas.int64(),
  },
  { name: 'event.block', version: 1, optional: true },
);

const SNAPSHOT_FIELD: Schema = schemas.string({
  optional: true,
  name: 'io.debezium.data.Enum',
  version: 1,
  parameters: {
    allowed: 'true,first,first_in_data_collection,last_in_data_collection,last,false,incremental',
  },
  default: 'false',
});

/** A struct whose fields keep the order given, also when their names look like numbers. */
export function structOf(
  fields: readonly Field[],
  attributes: { readonly name: string; readonly version?: number; readonly optional?: boolean },
): StructSchema {
  return { type: 'struct', optional: false, ...attributes, fields };
}

/** The `source` block: what all databases have in common, then the fields of one kind of database. */
export function sourceSchema(name: string, own: readonly Field[]): StructSchema {
  const common = {
    version: schemas.string(),
    connector: schemas.string(),
    name: schemas.string(),
    ts_ms: schemas.int64(),
    snapshot: SNAPSHOT_FIELD,
    db: schemas.string(),
    sequence: schemas.string({ optional: true }),
    ts_us: schemas.int64({ optional: true }),
    ts_ns: schemas.int64({ optional: true }),
  };
  return structOf([...schemas.struct(common).fields, ...own], { name, version: 1 });
}

export interface EnvelopeOptions {
  /** `<topic>.Envelope`, already adjusted. */
  readonly name: string;
  readonly row: StructSchema;
  readonly source: StructSchema;
}

/** Debezium's envelope, version 2. `row` is optional and stands for both `before` and `after`. */
export function envelopeSchema({ name, row, source }: EnvelopeOptions): StructSchema {
  const time = schemas.int64({ optional: true });
  return structOf(
    [
      { name: 'before', schema: row },
      { name: 'after', schema: row },
      { name: 'source', schema: source },
      { name: 'transaction', schema: TRANSACTION_BLOCK },
      { name: 'op', schema: schemas.string() },
      { name: 'ts_ms', schema: time },
      { name: 'ts_us', schema: time },
      { name: 'ts_ns', schema: time },
    ],
    { name, version: 2 },
  );
}
