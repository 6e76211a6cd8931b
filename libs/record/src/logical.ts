import { schemas, type PrimitiveSchema, type Schema, type SchemaOptions } from './schema.ts';

export const DECIMAL = 'org.apache.kafka.connect.data.Decimal';
export const DATE = 'org.apache.kafka.connect.data.Date';
export const TIME = 'org.apache.kafka.connect.data.Time';
export const TIMESTAMP = 'org.apache.kafka.connect.data.Timestamp';

/** Connect's own logical types. `Date`, `Time` and `Timestamp` values are JavaScript `Date`s. */
export const logical = {
  decimal: (scale: number, options?: SchemaOptions): PrimitiveSchema =>
    schemas.bytes({
      name: DECIMAL,
      version: 1,
      ...options,
      parameters: { scale: String(scale), ...options?.parameters },
    }),
  date: (options?: SchemaOptions): PrimitiveSchema =>
    schemas.int32({ name: DATE, version: 1, ...options }),
  time: (options?: SchemaOptions): PrimitiveSchema =>
    schemas.int32({ name: TIME, version: 1, ...options }),
  timestamp: (options?: SchemaOptions): PrimitiveSchema =>
    schemas.int64({ name: TIMESTAMP, version: 1, ...options }),
} as const;

/** The scale of a Decimal schema; `undefined` for any other schema. */
export function decimalScale(schema: Schema): number | undefined {
  if (schema.name !== DECIMAL) return undefined;
  const scale = schema.parameters?.['scale'];
  return scale === undefined ? undefined : Number(scale);
}
