import {
  DATE,
  DECIMAL,
  Decimal,
  decimalScale,
  TIME,
  TIMESTAMP,
  type Schema,
  type StructSchema,
} from '@millrace/record';
import { must } from '@millrace/foundation';
import { badBytes } from '../errors.ts';
import { readAnything, readBlocks } from './anything-values.ts';
import type { BinaryInput } from '../binary/binary-input.ts';
import type { AvroArray, AvroRecord, AvroSchema, AvroUnion } from './avro-schema.ts';
import type { AvroSettings } from './avro-settings.ts';
import { isEntry, soleBranch } from './avro-shapes.ts';

/** Reads one value of Avro's binary form. */
export type Read = (input: BinaryInput) => unknown;

const DAY_MS = 86_400_000;
/** INV-6: records within records, of a schema that holds itself. */
const DEPTH_MAX = 500;

/** A reader of values of an Avro schema as values of the Connect schema that was made of it. */
export function compileReader(
  avro: AvroSchema,
  schema: Schema | null,
  settings: AvroSettings,
): Read {
  return schema === null ? readAnything : new ReaderCompiler(settings).compile(avro, schema);
}

class ReaderCompiler {
  readonly #settings: AvroSettings;
  /** Also while they are compiled: a record may hold itself. */
  readonly #records = new Map<AvroRecord, Map<readonly unknown[], Read>>();

  constructor(settings: AvroSettings) {
    this.#settings = settings;
  }

  compile(avro: AvroSchema, schema: Schema): Read {
    switch (avro.kind) {
      case 'union':
        return this.#union(avro, schema);
      case 'record':
        return this.#record(avro, asStructSchema(schema));
      case 'array':
        return this.#array(avro, schema);
      case 'map': {
        const read = this.compile(avro.values, partOf(schema, 'values'));
        return (input) => {
          const map = new Map<string, unknown>();
          readBlocks(input, () => map.set(input.text(), read(input)));
          return map;
        };
      }
      default:
        return simpleReader(avro, schema);
    }
  }

  #union(avro: AvroUnion, schema: Schema): Read {
    const sole = soleBranch(avro, this.#settings);
    const readers: Read[] = [];
    let position = 0;
    for (const branch of avro.branches) {
      if (branch.kind === 'null') readers.push(() => null);
      else if (sole !== undefined) readers.push(this.compile(branch, schema));
      else readers.push(this.#member(branch, asStructSchema(schema), position++));
    }
    return (input) => {
      const index = input.int();
      const read = readers[index];
      if (read === undefined) throw badBytes(`an Avro union has no branch ${index}`);
      return read(input);
    };
  }

  #member(branch: AvroSchema, schema: StructSchema, position: number): Read {
    const field = must(schema.fields[position], 'a union struct has a field for each branch');
    const read = this.compile(branch, field.schema);
    return (input) => ({ [field.name]: read(input) });
  }

  #array(avro: AvroArray, schema: Schema): Read {
    if (schema.type === 'map' && isEntry(avro.items)) {
      const [first, second] = avro.items.fields;
      const isKeyFirst = first?.name === 'key';
      const readFirst = this.compile(
        must(first, 'an entry has two fields').schema,
        isKeyFirst ? schema.keys : schema.values,
      );
      const readSecond = this.compile(
        must(second, 'an entry has two fields').schema,
        isKeyFirst ? schema.values : schema.keys,
      );
      return (input) => {
        const map = new Map<unknown, unknown>();
        readBlocks(input, () => {
          const one = readFirst(input);
          const other = readSecond(input);
          map.set(isKeyFirst ? one : other, isKeyFirst ? other : one);
        });
        return map;
      };
    }
    const read = this.compile(avro.items, partOf(schema, 'items'));
    return (input) => {
      const values: unknown[] = [];
      readBlocks(input, () => values.push(read(input)));
      return values;
    };
  }

  #record(avro: AvroRecord, schema: StructSchema): Read {
    const known = this.#records.get(avro)?.get(schema.fields);
    if (known !== undefined) return known;
    const names = schema.fields.map((field) => field.name);
    const readers: Read[] = [];
    const read: Read = (input) => {
      if (++input.depth > DEPTH_MAX) throw badBytes(`records nested deeper than ${DEPTH_MAX}`);
      const struct: Record<string, unknown> = {};
      for (let index = 0; index < readers.length; index++) {
        const name = names[index];
        const readField = readers[index];
        if (name === undefined || readField === undefined) continue;
        if (name === '__proto__') define(struct, name, readField(input));
        else struct[name] = readField(input);
      }
      input.depth--;
      return struct;
    };
    const ofRecord = this.#records.get(avro) ?? new Map<readonly unknown[], Read>();
    this.#records.set(avro, ofRecord.set(schema.fields, read));
    for (const [index, field] of avro.fields.entries()) {
      const own = must(schema.fields[index], 'a struct has the fields of its record');
      readers.push(this.compile(field.schema, own.schema));
    }
    return read;
  }
}

/** Assigning to a member of this name would change what the object is. */
function define(struct: object, name: string, value: unknown): void {
  Object.defineProperty(struct, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function simpleReader(avro: AvroSchema, schema: Schema): Read {
  switch (avro.kind) {
    case 'null':
      return () => null;
    case 'boolean':
      return (input) => {
        const byte = input.byte();
        if (byte > 1) throw badBytes('an Avro boolean is neither 0 nor 1');
        return byte === 1;
      };
    case 'int':
      return intReader(schema);
    case 'long':
      return schema.name === TIMESTAMP
        ? (input) => {
            const date = new Date(Number(input.long()));
            if (Number.isNaN(date.getTime())) throw badBytes('a timestamp is out of range');
            return date;
          }
        : (input) => input.long();
    case 'float':
      return (input) => input.float();
    case 'double':
      return (input) => input.double();
    case 'string':
      return (input) => input.text();
    case 'enum':
      return (input) => {
        const index = input.int();
        const symbol = avro.symbols[index];
        if (symbol === undefined) throw badBytes(`enum ${avro.name} has no symbol ${index}`);
        return symbol;
      };
    case 'bytes':
    case 'fixed': {
      const size = avro.kind === 'fixed' ? avro.size : undefined;
      const read: (input: BinaryInput) => Uint8Array =
        size === undefined ? (input) => input.bytes() : (input) => input.raw(size);
      if (schema.name !== DECIMAL) return read;
      const scale = decimalScale(schema) ?? 0;
      return (input) => Decimal.fromBytes(read(input), scale);
    }
    default:
      throw badBytes(`unexpected Avro ${avro.kind}`);
  }
}

function intReader(schema: Schema): Read {
  switch (schema.name) {
    case DATE:
      return (input) => new Date(input.int() * DAY_MS);
    case TIME:
      return (input) => new Date(input.int());
    default: {
      if (schema.type !== 'int8' && schema.type !== 'int16') return (input) => input.int();
      const bound = schema.type === 'int8' ? 2 ** 7 : 2 ** 15;
      return (input) => {
        const value = input.int();
        if (value >= -bound && value < bound) return value;
        throw badBytes(`${value} is out of the range of ${schema.type.toUpperCase()}`);
      };
    }
  }
}

function asStructSchema(schema: Schema): StructSchema {
  return must(schema.type === 'struct' ? schema : undefined, 'a record is a struct');
}

function partOf(schema: Schema, part: 'items' | 'values'): Schema {
  if (part === 'items' && schema.type === 'array') return schema.items;
  if (part === 'values' && schema.type === 'map') return schema.values;
  return must<Schema>(undefined, 'arrays are arrays, and maps are maps');
}
