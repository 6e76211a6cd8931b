import { Decimal, logical, schemas, type Schema } from '@millrace/record';

/** A column type, a literal, and what its field is. */
export interface TypeCase {
  readonly type: string;
  readonly literal: string;
  readonly schema: Schema;
  readonly value: unknown;
  readonly settings?: Readonly<Record<string, string>>;
}

const optional = { optional: true };
export const decimal = (scale: number, precision: number): Schema =>
  logical.decimal(scale, {
    ...optional,
    parameters: { 'connect.decimal.precision': String(precision) },
  });
export const at = (text: string): Date => new Date(text);
export const exact = (text: string): Decimal => Decimal.parse(text);
export const optionals = {
  boolean: schemas.boolean(optional),
  int8: schemas.int8(optional),
  int16: schemas.int16(optional),
  int32: schemas.int32(optional),
  int64: schemas.int64(optional),
  float32: schemas.float32(optional),
  float64: schemas.float64(optional),
  string: schemas.string(optional),
  bytes: schemas.bytes(optional),
  date: logical.date(optional),
  time: logical.time(optional),
  timestamp: logical.timestamp(optional),
} as const;
