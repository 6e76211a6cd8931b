import {
  DATE,
  DECIMAL,
  Decimal,
  decimalScale,
  kindOf,
  TIME,
  TIMESTAMP,
  type MapSchema,
  type Schema,
  type StructSchema,
} from '@millrace/record';
import { badSchema, badValue } from '../errors.ts';
import { writeAnything } from './anything-values.ts';
import {
  ANYTHING,
  branchFieldName,
  enumOf,
  isEntryArray,
  isUnionStruct,
  scrubbed,
  scrubbedFullName,
} from './avro-names.ts';
import type { BinaryOutput } from '../binary/binary-output.ts';
import type { AvroEnum, AvroField, AvroRecord, AvroSchema, AvroUnion } from './avro-schema.ts';
import type { AvroSettings } from './avro-settings.ts';
import { compileJsonWriter } from './json-default.ts';

/** Writes one value in Avro's binary form. */
export type Write = (value: unknown, out: BinaryOutput) => void;

const DAY_MS = 86_400_000;
const INT64_BOUND = 2n ** 63n;
/** INV-6: records within records; a value that holds itself ends here. */
const DEPTH_MAX = 500;

/**
 * A writer of the values of a Connect schema in the form of an Avro schema: the one made of it, or another version that
 * a registry asks for, as far as each field has its place there.
 * @throws MillraceError `converter.bad_schema` when one does not fit the other
 */
export function compileWriter(
  schema: Schema | null,
  avro: AvroSchema,
  settings: AvroSettings,
): Write {
  return new WriterCompiler(settings).compile(schema, avro, '');
}

class WriterCompiler {
  readonly #settings: AvroSettings;
  /** Structs by schema and record, also while they are compiled: a schema may hold itself. */
  readonly #structs = new Map<StructSchema, Map<AvroRecord, Write>>();

  constructor(settings: AvroSettings) {
    this.#settings = settings;
  }

  compile(schema: Schema | null, avro: AvroSchema, path: string): Write {
    if (schema === null) {
      if (avro.kind === 'record' && avro.name === ANYTHING) return writeAnything;
      throw misfit(null, avro, path);
    }
    if (isUnionStruct(schema) && schema.type === 'struct') return this.#union(schema, avro, path);
    if (avro.kind === 'union') return this.#branches(schema, avro, path);
    const write = this.#required(schema, avro, path);
    return (value, out) => {
      if (value === null || value === undefined) throw nullFound(path);
      write(value, out);
    };
  }

  /** A schema in a union: with null if it is optional, and beside branches that another version may have. */
  #branches(schema: Schema, avro: AvroUnion, path: string): Write {
    const nullIndex = avro.branches.findIndex((branch) => branch.kind === 'null');
    const index = this.#branchOf(schema, avro, path);
    const branch = avro.branches[index];
    if (branch === undefined) throw misfit(schema, avro, path);
    const write = this.#required(schema, branch, path);
    const canBeNull = schema.optional && nullIndex !== -1;
    return (value, out) => {
      if (value === null || value === undefined) {
        if (!canBeNull) throw nullFound(path);
        out.int(nullIndex);
        return;
      }
      out.int(index);
      write(value, out);
    };
  }

  /** Named types by name first; else the first branch that takes the schema. */
  #branchOf(schema: Schema, avro: AvroUnion, path: string): number {
    const name =
      enumOf(schema, this.#settings)?.name ??
      (schema.name === undefined ? undefined : scrubbedFullName(schema.name, this.#settings));
    const named = avro.branches.findIndex((branch) => 'name' in branch && branch.name === name);
    if (named !== -1) return named;
    return avro.branches.findIndex((branch) => {
      if (branch.kind === 'null') return false;
      try {
        this.#required(schema, branch, path);
        return true;
      } catch {
        return false; // Not this branch; when none is left, that is the error.
      }
    });
  }

  /** A struct of which one field is set, written as the branch that the field stands for. */
  #union(schema: StructSchema, avro: AvroSchema, path: string): Write {
    if (avro.kind !== 'union') throw misfit(schema, avro, path);
    const nullIndex = avro.branches.findIndex((branch) => branch.kind === 'null');
    const members = schema.fields.map((field, position) => {
      const place = `${path}.${field.name}`;
      const index = this.#memberIndex(field.name, position, schema, avro);
      const branch = avro.branches[index];
      if (branch === undefined) throw misfit(field.schema, avro, place);
      return { name: field.name, index, write: this.#required(field.schema, branch, place) };
    });
    return (value, out) => {
      if (value === null || value === undefined) {
        if (!schema.optional || nullIndex === -1) throw nullFound(path);
        out.int(nullIndex);
        return;
      }
      const struct = asStruct(value, path);
      for (const { name, index, write } of members) {
        const member = ownMember(struct, name);
        if (member === null || member === undefined) continue;
        out.int(index);
        write(member, out);
        return;
      }
      if (nullIndex === -1 || !schema.optional) throw nullFound(path);
      out.int(nullIndex);
    };
  }

  #memberIndex(name: string, position: number, schema: StructSchema, avro: AvroUnion): number {
    const byName = avro.branches.findIndex(
      (branch, index) =>
        branch.kind !== 'null' && branchFieldName(branch, index, this.#settings) === name,
    );
    if (byName !== -1) return byName;
    // Fields of other names stand for the branches in their order.
    const others = [...avro.branches.keys()].filter(
      (index) => avro.branches[index]?.kind !== 'null',
    );
    return others.length === schema.fields.length ? (others[position] ?? -1) : -1;
  }

  #required(schema: Schema, avro: AvroSchema, path: string): Write {
    return (
      logicalWriter(schema, avro, path) ??
      this.#composite(schema, avro, path) ??
      this.#simple(schema, avro, path)
    );
  }

  #composite(schema: Schema, avro: AvroSchema, path: string): Write | undefined {
    switch (schema.type) {
      case 'struct':
        if (avro.kind !== 'record') throw misfit(schema, avro, path);
        return this.#struct(schema, avro, path);
      case 'array': {
        if (avro.kind !== 'array') throw misfit(schema, avro, path);
        const write = this.compile(schema.items, avro.items, `${path}[]`);
        return (value, out) => {
          if (!Array.isArray(value)) throw mismatch('array', value, path);
          if (value.length > 0) out.long(value.length);
          for (const item of value) write(item, out);
          out.byte(0);
        };
      }
      case 'map':
        return this.#map(schema, avro, path);
      default:
        return undefined;
    }
  }

  #map(schema: MapSchema, avro: AvroSchema, path: string): Write {
    if (isEntryArray(schema, this.#settings) || avro.kind === 'array')
      return this.#entries(schema, avro, path);
    if (avro.kind !== 'map') throw misfit(schema, avro, path);
    const write = this.compile(schema.values, avro.values, `${path}{}`);
    return (value, out) => {
      const entries = entriesOf(value, path);
      if (entries.length > 0) out.long(entries.length);
      for (const [key, item] of entries) {
        if (typeof key !== 'string') throw mismatch('string', key, `${path}{key}`);
        out.text(key);
        write(item, out);
      }
      out.byte(0);
    };
  }

  #entries(schema: MapSchema, avro: AvroSchema, path: string): Write {
    const items = avro.kind === 'array' ? avro.items : undefined;
    if (items?.kind !== 'record') throw misfit(schema, avro, path);
    const [first, second, more] = items.fields;
    if (first?.name !== 'key' || second?.name !== 'value' || more !== undefined)
      throw misfit(schema, avro, path);
    const writeKey = this.compile(schema.keys, first.schema, `${path}{key}`);
    const writeItem = this.compile(schema.values, second.schema, `${path}{}`);
    return (value, out) => {
      const entries = entriesOf(value, path);
      if (entries.length > 0) out.long(entries.length);
      for (const [key, item] of entries) {
        writeKey(key, out);
        writeItem(item, out);
      }
      out.byte(0);
    };
  }

  #struct(schema: StructSchema, avro: AvroRecord, path: string): Write {
    const known = this.#structs.get(schema)?.get(avro);
    if (known !== undefined) return known;
    const members: Member[] = [];
    const write: Write = (value, out) => {
      const struct = asStruct(value, path);
      if (++out.depth > DEPTH_MAX) throw badValue(`structs nested deeper than ${DEPTH_MAX}`, path);
      for (const member of members) {
        const raw = member.isRisky ? ownMember(struct, member.name) : struct[member.name];
        member.write(raw ?? member.fallback, out);
      }
      out.depth--;
    };
    const ofSchema = this.#structs.get(schema) ?? new Map<AvroRecord, Write>();
    this.#structs.set(schema, ofSchema.set(avro, write));
    try {
      for (const field of avro.fields) members.push(this.#member(schema, field, path));
    } catch (error) {
      ofSchema.delete(avro);
      throw error;
    }
    return write;
  }

  #member(schema: StructSchema, avro: AvroField, path: string): Member {
    const field = schema.fields.find((each) => scrubbed(each.name, this.#settings) === avro.name);
    const place = path === '' ? avro.name : `${path}.${avro.name}`;
    if (field === undefined) {
      // Only in a version that is not made of this schema.
      if (avro.default === undefined)
        throw badSchema(
          `the record has no field "${place}", which the registered schema requires`,
          'give the field of the registered schema a default',
        );
      const write = compileJsonWriter(avro.schema, avro.default);
      return { name: avro.name, isRisky: true, fallback: undefined, write };
    }
    const keepsNull = this.#settings.ignoresDefaultForNullables && field.schema.optional;
    return {
      name: field.name,
      isRisky: field.name in Object.prototype,
      fallback: keepsNull ? undefined : field.schema.default,
      write: this.compile(field.schema, avro.schema, place),
    };
  }

  #simple(schema: Schema, avro: AvroSchema, path: string): Write {
    switch (avro.kind) {
      case 'int':
        return intWriter(schema, avro, path);
      case 'long':
        if (!['int8', 'int16', 'int32', 'int64'].includes(schema.type))
          throw misfit(schema, avro, path);
        return (value, out) => {
          out.long(int64Of(value, path));
        };
      case 'float':
        if (schema.type !== 'float32') throw misfit(schema, avro, path);
        return (value, out) => {
          if (typeof value !== 'number') throw mismatch('float32', value, path);
          out.float(value);
        };
      case 'double':
        if (schema.type !== 'float64' && schema.type !== 'float32')
          throw misfit(schema, avro, path);
        return (value, out) => {
          if (typeof value !== 'number') throw mismatch('float64', value, path);
          out.double(value);
        };
      case 'boolean':
        if (schema.type !== 'boolean') throw misfit(schema, avro, path);
        return (value, out) => {
          if (typeof value !== 'boolean') throw mismatch('boolean', value, path);
          out.byte(value ? 1 : 0);
        };
      case 'string':
        if (schema.type !== 'string') throw misfit(schema, avro, path);
        return (value, out) => {
          if (typeof value !== 'string') throw mismatch('string', value, path);
          out.text(value);
        };
      case 'enum':
        if (schema.type !== 'string') throw misfit(schema, avro, path);
        return enumWriter(avro, path);
      case 'bytes':
        if (schema.type !== 'bytes') throw misfit(schema, avro, path);
        return (value, out) => {
          if (!(value instanceof Uint8Array)) throw mismatch('bytes', value, path);
          out.bytes(value);
        };
      case 'fixed':
        if (schema.type !== 'bytes') throw misfit(schema, avro, path);
        return (value, out) => {
          if (!(value instanceof Uint8Array) || value.length !== avro.size)
            throw badValue(`Invalid value for fixed: ${avro.size} bytes expected`, path);
          out.raw(value);
        };
      default:
        throw misfit(schema, avro, path);
    }
  }
}

interface Member {
  readonly name: string;
  /** Every object has a member of this name; a missing field must not become it. */
  readonly isRisky: boolean;
  /** The default, written for null. */
  readonly fallback: unknown;
  readonly write: Write;
}

function logicalWriter(schema: Schema, avro: AvroSchema, path: string): Write | undefined {
  switch (schema.name) {
    case DECIMAL:
      return decimalWriter(schema, avro, path);
    case DATE:
      if (avro.kind !== 'int') throw misfit(schema, avro, path);
      return (value, out) => {
        const days = timeOf(value, 'Date', path) / DAY_MS;
        if (!Number.isInteger(days) || days !== (days | 0))
          throw badValue(
            'Kafka Connect Date type should not have any time fields set to non-zero values.',
            path,
          );
        out.int(days);
      };
    case TIME:
      if (avro.kind !== 'int') throw misfit(schema, avro, path);
      return (value, out) => {
        const timeMs = timeOf(value, 'Time', path);
        if (timeMs < 0 || timeMs > DAY_MS)
          throw badValue(
            'Kafka Connect Time type should not have any date fields set to non-zero values.',
            path,
          );
        out.int(timeMs);
      };
    case TIMESTAMP:
      if (avro.kind !== 'long') throw misfit(schema, avro, path);
      return (value, out) => {
        out.long(timeOf(value, 'Timestamp', path));
      };
    default:
      return undefined;
  }
}

function timeOf(value: unknown, type: string, path: string): number {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.getTime();
  throw badValue(`Invalid type for ${type}, expected Date but was ${kindOf(value)}`, path);
}

function decimalWriter(schema: Schema, avro: AvroSchema, path: string): Write {
  const scale = decimalScale(schema) ?? 0;
  const registered = 'props' in avro ? avro.props.get('scale') : undefined;
  if (avro.kind !== 'bytes' && avro.kind !== 'fixed') throw misfit(schema, avro, path);
  if (typeof registered === 'number' && registered !== scale) throw misfit(schema, avro, path);
  const size = avro.kind === 'fixed' ? avro.size : undefined;
  return (value, out) => {
    if (!(value instanceof Decimal))
      throw badValue(
        `Invalid type for Decimal, expected BigDecimal but was ${kindOf(value)}`,
        path,
      );
    if (value.scale !== scale)
      throw badValue(
        `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale}, value has scale ${value.scale}.`,
        path,
      );
    const bytes = value.toBytes();
    if (size === undefined) {
      out.bytes(bytes);
      return;
    }
    if (bytes.length > size)
      throw badValue(
        `Unscaled value byte array length ${bytes.length} is greater than fixed size ${size}`,
        path,
      );
    out.raw(Buffer.alloc(size - bytes.length, value.unscaled < 0n ? 0xff : 0));
    out.raw(bytes);
  };
}

const INT_BOUNDS: Readonly<Record<string, number>> = {
  int8: 2 ** 7,
  int16: 2 ** 15,
  int32: 2 ** 31,
};

function intWriter(schema: Schema, avro: AvroSchema, path: string): Write {
  const bound = INT_BOUNDS[schema.type];
  if (bound === undefined) throw misfit(schema, avro, path);
  return (value, out) => {
    if (typeof value !== 'number' || value !== (value | 0) || value < -bound || value >= bound)
      throw mismatch(schema.type, value, path);
    out.int(value);
  };
}

function int64Of(value: unknown, path: string): number | bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'bigint' && value >= -INT64_BOUND && value < INT64_BOUND) return value;
  throw mismatch('int64', value, path);
}

function enumWriter(avro: AvroEnum, path: string): Write {
  const indexes = new Map(avro.symbols.map((symbol, index) => [symbol, index]));
  return (value, out) => {
    const index = typeof value === 'string' ? indexes.get(value) : undefined;
    if (index === undefined)
      throw badValue(
        `value ${typeof value === 'string' ? JSON.stringify(value) : kindOf(value)} is not a symbol of enum ${avro.name}`,
        path,
      );
    out.int(index);
  };
}

export function entriesOf(value: unknown, path: string): readonly (readonly [unknown, unknown])[] {
  if (value instanceof Map) return [...value.entries()];
  return Object.entries(asStruct(value, path));
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

function ownMember(struct: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(struct, name) ? struct[name] : undefined;
}

function mismatch(type: string, value: unknown, path: string): Error {
  return badValue(
    `Invalid type for ${type.toUpperCase()}: ${kindOf(value)}, or out of its range`,
    path,
  );
}

function nullFound(path: string): Error {
  return badValue('Found null value for non-optional schema', path);
}

function misfit(schema: Schema | null, avro: AvroSchema, path: string): Error {
  const ours = schema === null ? 'no schema' : `type ${schema.type.toUpperCase()}`;
  const where = path === '' ? 'the record' : `"${path}"`;
  const theirs = 'name' in avro ? `${avro.kind} ${avro.name}` : avro.kind;
  return badSchema(`${where} has ${ours}, which does not fit the Avro schema's ${theirs}`);
}
