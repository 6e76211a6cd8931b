export type PrimitiveType =
  'int8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64' | 'boolean' | 'string' | 'bytes';

export interface SchemaAttributes {
  readonly optional: boolean;
  /** Semantic name, such as `io.debezium.time.Date`; for a struct also its identity. */
  readonly name?: string;
  readonly version?: number;
  readonly doc?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** `undefined` means no default; a default of null can't be expressed, as in Kafka Connect. */
  readonly default?: unknown;
}

export interface PrimitiveSchema extends SchemaAttributes {
  readonly type: PrimitiveType;
}

export interface ArraySchema extends SchemaAttributes {
  readonly type: 'array';
  readonly items: Schema;
}

export interface MapSchema extends SchemaAttributes {
  readonly type: 'map';
  readonly keys: Schema;
  readonly values: Schema;
}

export interface Field {
  readonly name: string;
  readonly schema: Schema;
}

export interface StructSchema extends SchemaAttributes {
  readonly type: 'struct';
  readonly fields: readonly Field[];
}

/**
 * Kafka Connect's schema. Immutable; compared by identity on hot paths, so makers should reuse one object
 * for one table shape. How values look in memory:
 *
 * | type | value |
 * | --- | --- |
 * | int8, int16, int32, float32, float64 | number |
 * | int64 | number when it is a safe integer, else bigint |
 * | boolean, string | boolean, string |
 * | bytes | Uint8Array |
 * | array | array |
 * | map | Map |
 * | struct | plain object by field name; a missing field is null |
 * | Decimal (bytes) | `Decimal` |
 * | Date, Time (int32), Timestamp (int64) of Connect | JavaScript `Date` |
 *
 * Without a schema: null, boolean, number, bigint, string, Uint8Array, array, plain object.
 */
export type Schema = PrimitiveSchema | ArraySchema | MapSchema | StructSchema;

/** A struct, or a schemaless map with string keys. */
export type Struct = Readonly<Record<string, unknown>>;

export type SchemaOptions = Partial<SchemaAttributes>;

function primitive(type: PrimitiveType): (options?: SchemaOptions) => PrimitiveSchema {
  return (options) => ({ type, optional: false, ...options });
}

/** Makers of schemas: `schemas.int32()`, `schemas.string({ optional: true })`. Required unless said otherwise. */
export const schemas = {
  int8: primitive('int8'),
  int16: primitive('int16'),
  int32: primitive('int32'),
  int64: primitive('int64'),
  float32: primitive('float32'),
  float64: primitive('float64'),
  boolean: primitive('boolean'),
  string: primitive('string'),
  bytes: primitive('bytes'),
  array: (items: Schema, options?: SchemaOptions): ArraySchema => ({
    type: 'array',
    items,
    optional: false,
    ...options,
  }),
  map: (keys: Schema, values: Schema, options?: SchemaOptions): MapSchema => ({
    type: 'map',
    keys,
    values,
    optional: false,
    ...options,
  }),
  /** Fields keep the order of the object's keys. */
  struct: (fields: Readonly<Record<string, Schema>>, options?: SchemaOptions): StructSchema => ({
    type: 'struct',
    fields: Object.entries(fields).map(([name, schema]) => ({ name, schema })),
    optional: false,
    ...options,
  }),
} as const;

/** The same schema, optional. */
export function optional<T extends Schema>(schema: T): T {
  return schema.optional ? schema : { ...schema, optional: true };
}

export interface SchemaAndValue {
  readonly schema: Schema | null;
  readonly value: unknown;
}
