import {
  DATE,
  dateOf,
  DECIMAL,
  Decimal,
  decimalScale,
  kindOf,
  TIME,
  TIMESTAMP,
  type Schema,
  type StructSchema,
} from '@millrace/record';
import type { BinaryOutput } from '../binary/binary-output.ts';
import { badSchema, badValue } from '../errors.ts';
import {
  DATE_TYPE,
  DECIMAL_TYPE,
  TIME_TYPE,
  TIMESTAMP_TYPE,
  WRAPPERS,
  type ProtoField,
  type ProtoMessage,
  type ProtoSettings,
} from './proto-model.ts';
import { isUnion, scrubbedProto } from './proto-text.ts';
import { scalarWriter, type WriteField } from './scalar-writer.ts';

/** Writes the fields of a message, without its length. */
export type WriteMessage = (value: unknown, out: BinaryOutput) => void;

const DAY_MS = 86_400_000;
/** INV-6: messages within messages; a value that holds itself ends here. */
const DEPTH_MAX = 100;
const LENGTH_DELIMITED = 2;

/** A way from a struct to the value of one field: its own, or that of a member of a oneof. */
interface Member {
  readonly tag: number;
  readonly path: readonly string[];
  readonly fallback: unknown;
  readonly write: WriteField;
}

/**
 * A writer of the values of a Connect schema as a message.
 * @throws MillraceError `converter.bad_schema` when a field has no place in the message
 */
export function compileWriter(
  schema: Schema,
  message: ProtoMessage,
  settings: ProtoSettings,
): WriteMessage {
  const compiler = new WriterCompiler(settings);
  if (schema.type === 'struct') return compiler.struct(schema, message, '');
  const [field] = message.fields;
  if (field === undefined || !WRAPPERS.has(message.fullName))
    throw misfit(schema, message.fullName, '');
  return compiler.field(schema, field, '');
}

class WriterCompiler {
  readonly #settings: ProtoSettings;
  readonly #structs = new Map<readonly unknown[], Map<ProtoMessage, WriteMessage>>();

  constructor(settings: ProtoSettings) {
    this.#settings = settings;
  }

  struct(schema: StructSchema, message: ProtoMessage, path: string): WriteMessage {
    const known = this.#structs.get(schema.fields)?.get(message);
    if (known !== undefined) return known;
    const members: Member[] = [];
    const write: WriteMessage = (value, out) => {
      const struct = asStruct(value, path);
      if (++out.depth > DEPTH_MAX) throw badValue(`structs nested deeper than ${DEPTH_MAX}`, path);
      for (const member of members) {
        const found = valueAt(struct, member.path) ?? member.fallback;
        if (found !== null && found !== undefined) member.write(found, out);
      }
      out.depth--;
    };
    const ofSchema = this.#structs.get(schema.fields) ?? new Map<ProtoMessage, WriteMessage>();
    this.#structs.set(schema.fields, ofSchema.set(message, write));
    members.push(...this.#members(schema, message, path, []));
    // In the order of tags, as other implementations write.
    members.sort((left, right) => left.tag - right.tag);
    return write;
  }

  #members(
    schema: StructSchema,
    message: ProtoMessage,
    path: string,
    prefix: readonly string[],
  ): readonly Member[] {
    return schema.fields.flatMap((each) => {
      const place = path === '' ? each.name : `${path}.${each.name}`;
      if (isUnion(each.schema))
        return this.#members(each.schema, message, place, [...prefix, each.name]);
      const name = scrubbedProto(each.name, this.#settings);
      const field = message.fields.find((candidate) => candidate.name === name);
      if (field === undefined)
        throw badSchema(
          `message ${message.fullName} of the registered schema has no field for "${place}"`,
          'register a schema that has it, or drop the field by a transform',
        );
      const keepsNull = this.#settings.ignoresDefaultForNullables && each.schema.optional;
      return {
        tag: field.tag,
        path: [...prefix, each.name],
        fallback: keepsNull || prefix.length > 0 ? undefined : each.schema.default,
        write: this.field(each.schema, field, place),
      };
    });
  }

  field(schema: Schema, field: ProtoField, path: string): WriteField {
    if (!field.isRepeated) return this.#single(schema, field, path);
    if (schema.type === 'map') return this.#entries(schema.keys, schema.values, field, path);
    if (schema.type !== 'array') throw misfit(schema, typeName(field), path);
    const isPacked = field.isPacked;
    const write = this.#item(schema.items, field, isPacked, `${path}[]`);
    return (value, out) => {
      if (!Array.isArray(value)) throw mismatch('array', value, path);
      if (value.length === 0) return;
      if (!isPacked) {
        for (const item of value) write(item, out);
        return;
      }
      out.varint(field.tag * 8 + LENGTH_DELIMITED);
      const from = out.open();
      for (const item of value) write(item, out);
      out.close(from);
    };
  }

  /** An item has to be there: Protobuf's lists hold no nulls. */
  #item(schema: Schema, field: ProtoField, isPacked: boolean, path: string): WriteField {
    const write = this.#single(
      schema,
      { ...field, isRepeated: false, hasPresence: true },
      path,
      isPacked,
    );
    return (value, out) => {
      if (value === null || value === undefined)
        throw badValue('a list of Protobuf can not hold null', path);
      write(value, out);
    };
  }

  #entries(keys: Schema, values: Schema, field: ProtoField, path: string): WriteField {
    const { type } = field;
    const [key, value] = typeof type !== 'string' && type.kind === 'message' ? type.fields : [];
    if (key === undefined || value === undefined) throw misfit(keys, typeName(field), path);
    const writeKey = this.field(keys, key, `${path}{key}`);
    const writeValue = this.field(values, value, `${path}{}`);
    return (map, out) => {
      const entries = map instanceof Map ? [...map] : Object.entries(asStruct(map, path));
      for (const [one, other] of entries) {
        out.varint(field.tag * 8 + LENGTH_DELIMITED);
        const from = out.open();
        if (one !== null && one !== undefined) writeKey(one, out);
        if (other !== null && other !== undefined) writeValue(other, out);
        out.close(from);
      }
    };
  }

  #single(schema: Schema, field: ProtoField, path: string, isBare = false): WriteField {
    const { type, tag } = field;
    if (typeof type === 'string' || type.kind === 'enum')
      return scalarWriter(schema, field, path, isBare);
    const writeInner = this.#message(schema, type, path);
    return (value, out) => {
      out.varint(tag * 8 + LENGTH_DELIMITED);
      const from = out.open();
      writeInner(value, out);
      out.close(from);
    };
  }

  #message(schema: Schema, type: ProtoMessage, path: string): WriteMessage {
    const logical = logicalWriter(schema, type, path);
    if (logical !== undefined) return logical;
    if (schema.type === 'struct') return this.struct(schema, type, path);
    const [inner] = type.fields;
    if (inner === undefined || !WRAPPERS.has(type.fullName))
      throw misfit(schema, type.fullName, path);
    return scalarWriter(schema, inner, path, false);
  }
}

function logicalWriter(schema: Schema, type: ProtoMessage, path: string): WriteMessage | undefined {
  const expects = (fullName: string): void => {
    if (type.fullName !== fullName) throw misfit(schema, type.fullName, path);
  };
  switch (schema.name) {
    case DECIMAL: {
      expects(DECIMAL_TYPE);
      const scale = decimalScale(schema);
      return (value, out) => {
        if (!(value instanceof Decimal))
          throw badValue(
            `Invalid type for Decimal, expected BigDecimal but was ${kindOf(value)}`,
            path,
          );
        if (value.scale !== scale)
          throw badValue(
            `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale ?? 0}, value has scale ${value.scale}.`,
            path,
          );
        out.varint(10);
        out.varint(value.toBytes().length);
        out.raw(value.toBytes());
        out.varint(16);
        out.varint(precisionOf(value));
        writeNonZero(24, value.scale, out);
      };
    }
    case DATE:
      expects(DATE_TYPE);
      return (value, out) => {
        const days = timeOf(value, 'Date', path) / DAY_MS;
        if (!Number.isInteger(days))
          throw badValue(
            'Kafka Connect Date type should not have any time fields set to non-zero values.',
            path,
          );
        const { year, month, day } = dateOf(days);
        writeNonZero(8, year, out);
        writeNonZero(16, month, out);
        writeNonZero(24, day, out);
      };
    case TIME:
      expects(TIME_TYPE);
      return (value, out) => {
        const timeMs = timeOf(value, 'Time', path);
        if (timeMs < 0 || timeMs >= DAY_MS)
          throw badValue(
            'Time values must use number of millis greater than 0 and less than 86400000',
            path,
          );
        writeNonZero(8, Math.floor(timeMs / 3_600_000), out);
        writeNonZero(16, Math.floor(timeMs / 60_000) % 60, out);
        writeNonZero(24, Math.floor(timeMs / 1000) % 60, out);
        writeNonZero(32, (timeMs % 1000) * 1_000_000, out);
      };
    case TIMESTAMP:
      expects(TIMESTAMP_TYPE);
      return (value, out) => {
        const timeMs = timeOf(value, 'Timestamp', path);
        const seconds = Math.floor(timeMs / 1000);
        writeNonZero(8, seconds, out);
        writeNonZero(16, (timeMs - seconds * 1000) * 1_000_000, out);
      };
    default:
      return undefined;
  }
}

function writeNonZero(key: number, value: number, out: BinaryOutput): void {
  if (value === 0) return;
  out.varint(key);
  out.varint64(value);
}

/** Digits of the unscaled value; that of zero is 1. */
function precisionOf(value: Decimal): number {
  return value.unscaled.toString().replace('-', '').length;
}

function timeOf(value: unknown, type: string, path: string): number {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.getTime();
  throw badValue(`Invalid type for ${type}, expected Date but was ${kindOf(value)}`, path);
}

function valueAt(struct: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  let inner = struct;
  for (const [depth, name] of path.entries()) {
    const value = Object.hasOwn(inner, name) ? inner[name] : undefined;
    if (value === null || value === undefined || depth === path.length - 1) return value;
    inner = asStruct(value, name);
  }
  return undefined;
}

function asStruct(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    value instanceof Map ||
    value instanceof Uint8Array
  )
    throw mismatch('struct', value, path);
  return value as Readonly<Record<string, unknown>>;
}

function typeName({ type }: ProtoField): string {
  return typeof type === 'string' ? type : type.fullName;
}

function mismatch(type: string, value: unknown, path: string): Error {
  return badValue(`Invalid type for ${type.toUpperCase()}: ${kindOf(value)}`, path);
}

function misfit(schema: Schema, type: string, path: string): Error {
  const where = path === '' ? 'the value' : `"${path}"`;
  return badSchema(
    `${where} has type ${schema.type.toUpperCase()}, which does not fit the Protobuf type ${type}`,
  );
}
