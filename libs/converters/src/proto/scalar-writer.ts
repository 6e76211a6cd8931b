import { kindOf, type Schema } from '@millrace/record';
import type { BinaryOutput } from '../binary/binary-output.ts';
import { badSchema, badValue } from '../errors.ts';
import type { ProtoEnum, ProtoField, ScalarType } from './proto-model.ts';

/** Writes a field with its tag, or nothing when the value is what a missing field means. */
export type WriteField = (value: unknown, out: BinaryOutput) => void;

type WriteScalar = (value: unknown, out: BinaryOutput) => void;

const INT64_BOUND = 2n ** 63n;
const WIRE_TYPES: Readonly<Record<ScalarType, number>> = {
  int32: 0,
  sint32: 0,
  uint32: 0,
  int64: 0,
  sint64: 0,
  uint64: 0,
  bool: 0,
  fixed64: 1,
  sfixed64: 1,
  double: 1,
  string: 2,
  bytes: 2,
  fixed32: 5,
  sfixed32: 5,
  float: 5,
};
const BOUNDS: Readonly<Record<string, number>> = { int8: 2 ** 7, int16: 2 ** 15, int32: 2 ** 31 };

/** @param isBare without the tag, in a packed list */
export function scalarWriter(
  schema: Schema,
  field: ProtoField,
  path: string,
  isBare: boolean,
): WriteField {
  const { type } = field;
  if (typeof type !== 'string' && type.kind === 'message')
    throw misfit(schema, type.fullName, path);
  const write =
    typeof type === 'string' ? plainWriter(schema, type, path) : enumWriter(schema, type, path);
  if (isBare) return write;
  const key = field.tag * 8 + (typeof type === 'string' ? WIRE_TYPES[type] : 0);
  if (field.hasPresence || field.oneof !== undefined)
    return (value, out) => {
      out.varint(key);
      write(value, out);
    };
  const isDefault = typeof type === 'string' ? zeroOf(schema) : zeroSymbolOf(type);
  return (value, out) => {
    if (isDefault(value)) return;
    out.varint(key);
    write(value, out);
  };
}

/** The value that a missing field stands for; minus zero is not it. */
function zeroOf(schema: Schema): (value: unknown) => boolean {
  switch (schema.type) {
    case 'string':
      return (value) => value === '';
    case 'boolean':
      return (value) => value === false;
    case 'bytes':
      return (value) => value instanceof Uint8Array && value.length === 0;
    default:
      return (value) => Object.is(value, 0) || value === 0n;
  }
}

function zeroSymbolOf(type: ProtoEnum): (value: unknown) => boolean {
  const zero = [...type.values].find(([, tag]) => tag === 0)?.[0];
  return (value) => (zero !== undefined && value === zero) || value === 0;
}

function enumWriter(schema: Schema, type: ProtoEnum, path: string): WriteScalar {
  if (schema.type === 'int32')
    return (value, out) => {
      if (typeof value !== 'number' || value !== (value | 0)) throw mismatch('enum', value, path);
      out.varint64(value);
    };
  if (schema.type !== 'string') throw misfit(schema, type.fullName, path);
  return (value, out) => {
    const tag = typeof value === 'string' ? type.values.get(value) : undefined;
    if (tag === undefined)
      throw badValue(
        `value ${typeof value === 'string' ? JSON.stringify(value) : kindOf(value)} is not a symbol of enum ${type.fullName}`,
        path,
      );
    out.varint64(tag);
  };
}

function plainWriter(schema: Schema, type: ScalarType, path: string): WriteScalar {
  const whole = ['int8', 'int16', 'int32', 'int64'].includes(schema.type);
  switch (type) {
    case 'int32':
    case 'sint32':
    case 'sfixed32': {
      const bound = BOUNDS[schema.type];
      if (bound === undefined) throw misfit(schema, type, path);
      return (value, out) => {
        if (typeof value !== 'number' || value !== (value | 0) || value < -bound || value >= bound)
          throw mismatch(schema.type, value, path);
        if (type === 'int32') out.varint64(value);
        else if (type === 'sint32') out.int(value);
        else out.fixed32(value);
      };
    }
    case 'uint32':
    case 'fixed32':
      if (!whole) throw misfit(schema, type, path);
      return (value, out) => {
        if (typeof value !== 'number' || value !== value >>> 0) throw mismatch(type, value, path);
        if (type === 'uint32') out.varint(value);
        else out.fixed32(value | 0);
      };
    case 'int64':
    case 'uint64':
    case 'sint64':
    case 'fixed64':
    case 'sfixed64':
      if (!whole) throw misfit(schema, type, path);
      return (value, out) => {
        const number = int64Of(value, path);
        if (type === 'sint64') out.long(number);
        else if (type === 'int64' || type === 'uint64') out.varint64(number);
        else out.fixed64(BigInt(number));
      };
    case 'float':
    case 'double':
      if (schema.type !== 'float32' && !(schema.type === 'float64' && type === 'double'))
        throw misfit(schema, type, path);
      return (value, out) => {
        if (typeof value !== 'number') throw mismatch(schema.type, value, path);
        if (type === 'float') out.float(value);
        else out.double(value);
      };
    case 'bool':
      if (schema.type !== 'boolean') throw misfit(schema, type, path);
      return (value, out) => {
        if (typeof value !== 'boolean') throw mismatch('boolean', value, path);
        out.byte(value ? 1 : 0);
      };
    case 'string':
      if (schema.type !== 'string') throw misfit(schema, type, path);
      return (value, out) => {
        if (typeof value !== 'string') throw mismatch('string', value, path);
        const from = out.open();
        out.textOnly(value);
        out.close(from);
      };
    case 'bytes':
      if (schema.type !== 'bytes') throw misfit(schema, type, path);
      return (value, out) => {
        if (!(value instanceof Uint8Array)) throw mismatch('bytes', value, path);
        out.varint(value.length);
        out.raw(value);
      };
  }
}

function int64Of(value: unknown, path: string): number | bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'bigint' && value >= -INT64_BOUND && value < INT64_BOUND) return value;
  throw mismatch('int64', value, path);
}

function mismatch(type: string, value: unknown, path: string): Error {
  return badValue(
    `Invalid type for ${type.toUpperCase()}: ${kindOf(value)}, or out of its range`,
    path,
  );
}

function misfit(schema: Schema, type: string, path: string): Error {
  const where = path === '' ? 'the value' : `"${path}"`;
  return badSchema(
    `${where} has type ${schema.type.toUpperCase()}, which does not fit the Protobuf type ${type}`,
  );
}
