import {
  DATE,
  daysOf,
  DECIMAL,
  Decimal,
  decimalScale,
  int64,
  TIME,
  TIMESTAMP,
  type Schema,
  type StructSchema,
} from '@millrace/record';
import type { BinaryInput } from '../binary/binary-input.ts';
import { badBytes } from '../errors.ts';
import {
  WRAPPERS,
  type ProtoEnum,
  type ProtoField,
  type ProtoMessage,
  type ProtoSettings,
  type ScalarType,
} from './proto-model.ts';
import { isEntry, oneofFieldName } from './to-connect-schema.ts';

/** Reads the fields of a message up to the end of the input's present part. */
export type ReadMessage = (input: BinaryInput) => unknown;

type ReadScalar = (input: BinaryInput) => unknown;

const DAY_MS = 86_400_000;
/** INV-6: as deep as Google's own readers go. */
const DEPTH_MAX = 100;

/** Puts what one field brings into the struct. */
interface FieldReader {
  readonly wireType: number;
  /** Undefined for what can't stand in a packed list. */
  readonly packedItem: ReadScalar | undefined;
  set(struct: Record<string, unknown>, input: BinaryInput): void;
}

/** A reader of a message as values of the Connect schema that was made of it. */
export function compileReader(
  message: ProtoMessage,
  schema: Schema,
  settings: ProtoSettings,
): ReadMessage {
  const compiler = new ReaderCompiler(settings);
  return schema.type === 'struct'
    ? compiler.struct(message, schema)
    : compiler.wrapped(message, schema);
}

class ReaderCompiler {
  readonly #settings: ProtoSettings;
  readonly #structs = new Map<readonly unknown[], ReadMessage>();

  constructor(settings: ProtoSettings) {
    this.#settings = settings;
  }

  struct(message: ProtoMessage, schema: StructSchema): ReadMessage {
    const known = this.#structs.get(schema.fields);
    if (known !== undefined) return known;
    const readers = new Map<number, FieldReader>();
    const blanks: (readonly [name: string, make: () => unknown])[] = [];
    const read: ReadMessage = (input) => {
      if (++input.depth > DEPTH_MAX) throw badBytes(`messages nested deeper than ${DEPTH_MAX}`);
      const struct: Record<string, unknown> = {};
      for (const [name, make] of blanks) struct[name] = make();
      readFields(input, readers, struct);
      input.depth--;
      return struct;
    };
    this.#structs.set(schema.fields, read);
    const byName = new Map(schema.fields.map((field) => [field.name, field.schema]));
    for (const field of message.fields) {
      const union =
        field.oneof === undefined || this.#settings.flattensUnions
          ? undefined
          : oneofFieldName(message, field.oneof, this.#settings);
      const unionSchema = union === undefined ? undefined : byName.get(union);
      const own =
        unionSchema?.type === 'struct'
          ? unionSchema.fields.find((each) => each.name === field.name)?.schema
          : byName.get(field.name);
      if (own === undefined) continue;
      readers.set(field.tag, this.#field(field, own, union));
      if (union === undefined) blanks.push([field.name, this.#blank(field, own)]);
      else if (!blanks.some(([name]) => name === union)) blanks.push([union, () => null]);
    }
    return read;
  }

  wrapped(message: ProtoMessage, schema: Schema): ReadMessage {
    const [field] = message.fields;
    const readers = new Map<number, FieldReader>();
    if (field !== undefined) readers.set(field.tag, this.#field(field, schema, undefined));
    const blank = field === undefined ? null : defaultOf(field, schema);
    return (input) => {
      const struct: Record<string, unknown> = { value: blank };
      readFields(input, readers, struct);
      return struct['value'];
    };
  }

  /** What a field is that the message does not have. */
  #blank(field: ProtoField, schema: Schema): () => unknown {
    if (field.isRepeated) return isEntry(field) ? () => new Map() : () => [];
    const { type } = field;
    if (typeof type !== 'string' && type.kind === 'message') {
      if (!this.#settings.makesStructsForNulls || schema.type !== 'struct') return () => null;
      const fields = schema.fields;
      return () => Object.fromEntries(fields.map(({ name }) => [name, null]));
    }
    const isKnownAsNull =
      field.isProto3Optional ||
      (this.#settings.supportsProto2Optional && field.isOptional) ||
      field.oneof !== undefined;
    const value = isKnownAsNull ? null : defaultOf(field, schema);
    return () => value;
  }

  #field(field: ProtoField, schema: Schema, union: string | undefined): FieldReader {
    const { name, type } = field;
    if (isEntry(field) && schema.type === 'map') {
      const readEntry = this.#entry(field.type, schema.keys, schema.values);
      return {
        wireType: 2,
        packedItem: undefined,
        set: (struct, input) => {
          const [key, value] = readEntry(input);
          const map = struct[name];
          if (map instanceof Map) map.set(key, value);
        },
      };
    }
    const item = field.isRepeated && schema.type === 'array' ? schema.items : schema;
    const message = typeof type !== 'string' && type.kind === 'message' ? type : undefined;
    const scalar = typeof type === 'string' || type.kind === 'enum' ? type : undefined;
    const read: ReadScalar =
      message !== undefined
        ? this.#delimited(this.#message(message, item))
        : scalarReader(scalar ?? 'bytes', item);
    const wireType = scalar === undefined ? 2 : wireTypeOf(scalar);
    if (field.isRepeated)
      return {
        wireType,
        packedItem: wireType === 2 ? undefined : read,
        set: (struct, input) => {
          const list = struct[name];
          if (Array.isArray(list)) list.push(read(input));
        },
      };
    return {
      wireType,
      packedItem: undefined,
      set: (struct, input) => {
        if (union === undefined) struct[name] = read(input);
        else struct[union] = { [name]: read(input) };
      },
    };
  }

  #entry(
    type: ProtoMessage,
    keys: Schema,
    values: Schema,
  ): (input: BinaryInput) => readonly [unknown, unknown] {
    const [key, value] = type.fields;
    const readers = new Map<number, FieldReader>();
    if (key !== undefined) readers.set(key.tag, this.#field(key, keys, undefined));
    if (value !== undefined) readers.set(value.tag, this.#field(value, values, undefined));
    const blankKey = key === undefined ? (): unknown => null : this.#blank(key, keys);
    const blankValue = value === undefined ? (): unknown => null : this.#blank(value, values);
    return (input) => {
      const entry: Record<string, unknown> = { key: blankKey(), value: blankValue() };
      const outer = input.enter(input.varint());
      readFields(input, readers, entry);
      input.leave(outer);
      return [entry['key'], entry['value']];
    };
  }

  #delimited(read: ReadMessage): ReadScalar {
    return (input) => {
      const outer = input.enter(input.varint());
      const value = read(input);
      input.leave(outer);
      return value;
    };
  }

  #message(type: ProtoMessage, schema: Schema): ReadMessage {
    const logical = logicalReader(schema);
    if (logical !== undefined) return logical;
    if (schema.type === 'struct') return this.struct(type, schema);
    if (WRAPPERS.has(type.fullName)) return this.wrapped(type, schema);
    throw badBytes(`message ${type.fullName} can not be read as ${schema.type.toUpperCase()}`);
  }
}

/** Fields may come in any order and more than once; those that the schema does not know are skipped. */
function readFields(
  input: BinaryInput,
  readers: ReadonlyMap<number, FieldReader>,
  struct: Record<string, unknown>,
): void {
  while (input.left > 0) {
    const key = input.varint();
    const wireType = key % 8;
    const reader = readers.get(Math.floor(key / 8));
    if (reader === undefined) skip(input, wireType, 0);
    else if (wireType === reader.wireType) reader.set(struct, input);
    else if (wireType === 2 && reader.packedItem !== undefined) {
      const outer = input.enter(input.varint());
      while (input.left > 0) reader.set(struct, input);
      input.leave(outer);
    } else skip(input, wireType, 0);
  }
}

function skip(input: BinaryInput, wireType: number, depth: number): void {
  switch (wireType) {
    case 0:
      input.varint64();
      return;
    case 1:
      input.skip(8);
      return;
    case 2:
      input.skip(input.varint());
      return;
    case 3:
      if (depth > DEPTH_MAX) throw badBytes(`groups nested deeper than ${DEPTH_MAX}`);
      for (let key = input.varint(); key % 8 !== 4; key = input.varint())
        skip(input, key % 8, depth + 1);
      return;
    case 5:
      input.skip(4);
      return;
    default:
      throw badBytes(`a Protobuf field has wire type ${wireType}, which there is not`);
  }
}

function wireTypeOf(type: ScalarType | ProtoEnum): number {
  switch (type) {
    case 'double':
    case 'fixed64':
    case 'sfixed64':
      return 1;
    case 'string':
    case 'bytes':
      return 2;
    case 'float':
    case 'fixed32':
    case 'sfixed32':
      return 5;
    default:
      return 0;
  }
}

function scalarReader(type: ScalarType | ProtoEnum, schema: Schema): ReadScalar {
  if (typeof type !== 'string') return enumReader(type, schema);
  switch (type) {
    case 'int32':
      return bounded((input) => input.varint32(), schema);
    case 'sint32':
      return bounded((input) => {
        const value = input.varint32();
        return (value >>> 1) ^ -(value & 1);
      }, schema);
    case 'sfixed32':
      return bounded((input) => input.fixed32(), schema);
    case 'uint32':
      return (input) => input.varint32() >>> 0;
    case 'fixed32':
      return (input) => input.fixed32() >>> 0;
    case 'int64':
    case 'uint64':
      return (input) => int64(BigInt.asIntN(64, input.varint64()));
    case 'sint64':
      return (input) => {
        const value = input.varint64();
        return int64((value >> 1n) ^ -(value & 1n));
      };
    case 'fixed64':
    case 'sfixed64':
      return (input) => int64(input.fixed64());
    case 'float':
      return (input) => input.float();
    case 'double':
      return (input) => input.double();
    case 'bool':
      return (input) => input.varint64() !== 0n;
    case 'string':
      return (input) => input.textOf(input.varint());
    case 'bytes':
      return (input) => input.raw(input.varint());
  }
}

function bounded(read: (input: BinaryInput) => number, schema: Schema): ReadScalar {
  if (schema.type !== 'int8' && schema.type !== 'int16') return read;
  const bound = schema.type === 'int8' ? 2 ** 7 : 2 ** 15;
  return (input) => {
    const value = read(input);
    if (value >= -bound && value < bound) return value;
    throw badBytes(`${value} is out of the range of ${schema.type.toUpperCase()}`);
  };
}

function enumReader(type: ProtoEnum, schema: Schema): ReadScalar {
  if (schema.type === 'int32') return (input) => input.varint32();
  const symbols = new Map([...type.values].reverse().map(([symbol, tag]) => [tag, symbol]));
  return (input) => {
    const tag = input.varint32();
    // As Java names values that a newer schema has.
    return symbols.get(tag) ?? `UNKNOWN_ENUM_VALUE_${type.name}_${tag}`;
  };
}

function defaultOf(field: ProtoField, schema: Schema): unknown {
  const { type } = field;
  if (typeof type !== 'string') {
    if (type.kind === 'message') return null;
    const chosen = typeof field.default === 'string' ? field.default : undefined;
    const [first] = type.values;
    const symbol = chosen ?? first?.[0] ?? '';
    return schema.type === 'int32' ? (type.values.get(symbol) ?? 0) : symbol;
  }
  if (field.default !== undefined && field.default !== null) return field.default;
  switch (type) {
    case 'string':
      return '';
    case 'bytes':
      return Buffer.alloc(0);
    case 'bool':
      return false;
    default:
      return 0;
  }
}

/** The parts of a date or time by tag; a missing one is 0. */
function readParts(input: BinaryInput): number[] {
  const parts = [0, 0, 0, 0, 0];
  while (input.left > 0) {
    const key = input.varint();
    const tag = Math.floor(key / 8);
    if (key % 8 === 0 && tag < parts.length)
      parts[tag] = Number(BigInt.asIntN(64, input.varint64()));
    else skip(input, key % 8, 0);
  }
  return parts;
}

function logicalReader(schema: Schema): ReadMessage | undefined {
  switch (schema.name) {
    case DECIMAL: {
      const scale = decimalScale(schema) ?? 0;
      return (input) => readDecimal(input, scale);
    }
    case DATE:
      return (input) => {
        const [, year = 0, month = 0, day = 0] = readParts(input);
        const days = daysOf(year, month, day);
        const date = new Date(days * DAY_MS);
        if (month < 1 || month > 12 || date.getUTCDate() !== day)
          throw badBytes(`a google.type.Date is no date: year ${year}, month ${month}, day ${day}`);
        return date;
      };
    case TIME:
      return (input) => {
        const [, hours = 0, minutes = 0, seconds = 0, nanos = 0] = readParts(input);
        if (
          hours > 23 ||
          minutes > 59 ||
          seconds > 59 ||
          Math.min(hours, minutes, seconds, nanos) < 0
        )
          throw badBytes('a google.type.TimeOfDay is no time of day');
        return new Date(((hours * 60 + minutes) * 60 + seconds) * 1000 + Math.floor(nanos / 1e6));
      };
    case TIMESTAMP:
      return (input) => {
        const [, seconds = 0, nanos = 0] = readParts(input);
        const date = new Date(seconds * 1000 + Math.floor(nanos / 1e6));
        if (Number.isNaN(date.getTime())) throw badBytes('a timestamp is out of range');
        return date;
      };
    default:
      return undefined;
  }
}

/** Rescaled to the schema, if no digit is lost by it: each value brings a scale of its own. */
function readDecimal(input: BinaryInput, schemaScale: number): Decimal {
  let bytes: Uint8Array = new Uint8Array(0);
  let scale = 0;
  while (input.left > 0) {
    const key = input.varint();
    if (key === 10) bytes = input.raw(input.varint());
    else if (key === 24) scale = input.varint32();
    else skip(input, key % 8, 0);
  }
  const value = Decimal.fromBytes(bytes, scale);
  return value.withScale(schemaScale) ?? value;
}
