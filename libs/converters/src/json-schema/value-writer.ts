import {
  kindOf,
  stringText,
  type MapSchema,
  type Schema,
  type StructSchema,
} from '@millrace/record';
import { badValue } from '../errors.ts';
import { compileWriter, type Write } from '../json/writer.ts';
import { hasTextKeys, isUnion, type JsonSchemaSettings } from './json-schema-settings.ts';

/** INV-6: lists, maps and structs within one another. */
const DEPTH_MAX = 1000;
/** What a required field that is null is: not there. */
const ABSENT = '';

/** A writer of values as JSON, as JSON Schema's converter writes them; the empty text stands for nothing at all. */
export function compileValueWriter(schema: Schema, settings: JsonSchemaSettings): Write {
  return new WriterCompiler(settings).compile(schema, '');
}

class WriterCompiler {
  readonly #settings: JsonSchemaSettings;
  readonly #structs = new Map<readonly unknown[], Write>();
  #depth = 0;

  constructor(settings: JsonSchemaSettings) {
    this.#settings = settings;
  }

  compile(schema: Schema, path: string): Write {
    const write = this.#required(schema, path);
    const fallback = this.#settings.ignoresDefaultForNullables ? null : (schema.default ?? null);
    return (value) => {
      if (value !== null && value !== undefined) return write(value);
      if (fallback !== null) return write(fallback);
      return schema.optional ? 'null' : ABSENT;
    };
  }

  #required(schema: Schema, path: string): Write {
    switch (schema.type) {
      case 'array': {
        const write = this.compile(schema.items, `${path}[]`);
        return this.#nested((value) => {
          if (!Array.isArray(value)) throw mismatch('array', value, path);
          return `[${value.map((item) => write(item) || 'null').join(',')}]`;
        }, path);
      }
      case 'map':
        return this.#map(schema, path);
      case 'struct':
        return isUnion(schema) ? this.#union(schema, path) : this.#struct(schema, path);
      default: {
        const { decimalFormat } = this.#settings;
        const bare = { ...schema, optional: false, default: undefined };
        return compileWriter(bare, { decimalFormat, replaceNullWithDefault: false }, path);
      }
    }
  }

  #map(schema: MapSchema, path: string): Write {
    const writeValue = this.compile(schema.values, `${path}{}`);
    const writeKey = this.compile(schema.keys, `${path}{key}`);
    const isPlain = hasTextKeys(schema);
    return this.#nested((value) => {
      const entries: readonly (readonly [unknown, unknown])[] =
        value instanceof Map ? [...value] : Object.entries(asObject(value, path));
      if (isPlain)
        return `{${entries.map(([key, item]) => `${keyText(key, path)}:${writeValue(item) || 'null'}`).join(',')}}`;
      return `[${entries.map(([key, item]) => `{"key":${writeKey(key) || 'null'},"value":${writeValue(item) || 'null'}}`).join(',')}]`;
    }, path);
  }

  #union(schema: StructSchema, path: string): Write {
    const members = schema.fields.map((field) => ({
      name: field.name,
      write: this.#required(field.schema, `${path}.${field.name}`),
    }));
    return (value) => {
      const struct = new Map(Object.entries(asObject(value, path)));
      for (const { name, write } of members) {
        const member = struct.get(name);
        if (member !== null && member !== undefined) return write(member);
      }
      return schema.optional ? 'null' : ABSENT;
    };
  }

  #struct(schema: StructSchema, path: string): Write {
    const known = this.#structs.get(schema.fields);
    if (known !== undefined) return known;
    const members: { readonly name: string; readonly prefix: string; readonly write: Write }[] = [];
    const writeStruct = this.#nested((value) => {
      const struct = asObject(value, path);
      let text = '';
      for (const { name, prefix, write } of members) {
        const member = write(Object.hasOwn(struct, name) ? struct[name] : undefined);
        if (member !== ABSENT) text += (text === '' ? '' : ',') + prefix + member;
      }
      return `{${text}}`;
    }, path);
    this.#structs.set(schema.fields, writeStruct);
    for (const { name, schema: own } of schema.fields)
      members.push({
        name,
        prefix: `${stringText(name)}:`,
        write: this.compile(own, path === '' ? name : `${path}.${name}`),
      });
    return writeStruct;
  }

  #nested(write: Write, path: string): Write {
    return (value) => {
      if (++this.#depth > DEPTH_MAX) {
        this.#depth = 0;
        throw badValue(`values nested deeper than ${DEPTH_MAX}`, path);
      }
      try {
        return write(value);
      } finally {
        if (this.#depth > 0) this.#depth--;
      }
    };
  }
}

function keyText(key: unknown, path: string): string {
  if (typeof key === 'string') return stringText(key);
  throw mismatch('string', key, `${path}{key}`);
}

function asObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
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

function mismatch(type: string, value: unknown, path: string): Error {
  return badValue(`Invalid type for ${type}: ${kindOf(value)}`, path);
}
