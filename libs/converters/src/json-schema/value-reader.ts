import { kindOf, NumberText, type Schema, type StructSchema } from '@millrace/record';
import { badJson, badValue } from '../errors.ts';
import { compileReader, type Read } from '../json/reader.ts';
import { hasTextKeys, isUnion, type JsonSchemaSettings } from './json-schema-settings.ts';

/** A reader of parsed JSON as values of a Connect schema that was made of a JSON Schema. */
export function compileValueReader(schema: Schema, settings: JsonSchemaSettings): Read {
  return new ReaderCompiler(settings).compile(schema, '');
}

type Node = Readonly<Record<string, unknown>>;

class ReaderCompiler {
  readonly #settings: JsonSchemaSettings;
  readonly #structs = new Map<readonly unknown[], Read>();

  constructor(settings: JsonSchemaSettings) {
    this.#settings = settings;
  }

  compile(schema: Schema, path: string): Read {
    const read = this.#required(schema, path);
    return (node) => {
      if (node !== null && node !== undefined) return read(node);
      if (schema.default !== undefined && schema.default !== null) return schema.default;
      if (node === undefined || schema.optional) return null;
      throw badValue(`Invalid null value for required ${schema.type.toUpperCase()} field`, path);
    };
  }

  #required(schema: Schema, path: string): Read {
    switch (schema.type) {
      case 'array': {
        const read = this.compile(schema.items, `${path}[]`);
        return (node) => {
          if (Array.isArray(node)) return node.map((item) => read(item));
          throw badValue(`the JSON value is not a valid ARRAY: found ${kindOf(node)}`, path);
        };
      }
      case 'map':
        return this.#map(schema.keys, schema.values, hasTextKeys(schema), path);
      case 'struct':
        return isUnion(schema) ? this.#union(schema, path) : this.#struct(schema, path);
      default: {
        const { decimalFormat } = this.#settings;
        const bare = { ...schema, optional: false, default: undefined };
        return compileReader(bare, { decimalFormat, replaceNullWithDefault: false }, path);
      }
    }
  }

  #map(keys: Schema, values: Schema, isPlain: boolean, path: string): Read {
    const readKey = this.compile(keys, `${path}{key}`);
    const readValue = this.compile(values, `${path}{}`);
    if (isPlain)
      return (node) => {
        if (!isNode(node))
          throw badJson(
            `Maps with string fields should be encoded as JSON objects, but found ${kindOf(node)}`,
          );
        return new Map(Object.entries(node).map(([key, item]) => [key, readValue(item)]));
      };
    return (node) => {
      if (!Array.isArray(node))
        throw badJson(
          `Maps with non-string fields should be encoded as JSON array of objects, but found ${kindOf(node)}`,
        );
      return new Map(
        node.map((entry: unknown) => {
          if (!isNode(entry) || Object.keys(entry).length !== 2)
            throw badJson(`Found invalid map entry instead of object: ${kindOf(entry)}`);
          return [readKey(entry['key']), readValue(entry['value'])];
        }),
      );
    };
  }

  /** The first member of the value's simple type; among structs the one that knows most of its properties. */
  #union(schema: StructSchema, path: string): Read {
    const members = schema.fields.map((field) => ({
      name: field.name,
      schema: field.schema,
      read: this.compile(field.schema, `${path}.${field.name}`),
    }));
    return (node) => {
      let best: (typeof members)[number] | undefined;
      let bestCount = 0;
      for (const member of members) {
        if (isSimple(member.schema, node)) {
          best = member;
          break;
        }
        const count = matchCount(member.schema, node, 0);
        if (count > bestCount) {
          best = member;
          bestCount = count;
        }
      }
      if (best === undefined) throw badValue('Did not find matching oneof field for data', path);
      return { [best.name]: best.read(node) };
    };
  }

  #struct(schema: StructSchema, path: string): Read {
    const known = this.#structs.get(schema.fields);
    if (known !== undefined) return known;
    const members: (readonly [name: string, read: Read])[] = [];
    const read: Read = (node) => {
      if (!isNode(node))
        throw badJson(`Structs should be encoded as JSON objects, but found ${kindOf(node)}`);
      return Object.fromEntries(
        members.map(([name, each]) => [
          name,
          each(Object.hasOwn(node, name) ? node[name] : undefined),
        ]),
      );
    };
    this.#structs.set(schema.fields, read);
    for (const { name, schema: own } of schema.fields)
      members.push([name, this.compile(own, path === '' ? name : `${path}.${name}`)]);
    return read;
  }
}

function isSimple(schema: Schema, node: unknown): boolean {
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return Number.isInteger(node) || typeof node === 'bigint' || /^-?\d+$/.test(textOf(node));
    case 'float32':
    case 'float64':
      return typeof node === 'number' || typeof node === 'bigint' || node instanceof NumberText;
    case 'boolean':
      return typeof node === 'boolean';
    case 'string':
      return typeof node === 'string';
    case 'bytes':
      return typeof node === 'string' || node instanceof NumberText;
    case 'array':
      return Array.isArray(node);
    case 'map':
      return isNode(node) || Array.isArray(node);
    case 'struct':
      return false;
  }
}

function textOf(node: unknown): string {
  return node instanceof NumberText ? node.text : '';
}

/** INV-6: as deep as anyone nests unions of structs. */
const MATCH_DEPTH_MAX = 50;

function matchCount(schema: Schema, node: unknown, depth: number): number {
  if (schema.type !== 'struct' || !isNode(node) || depth > MATCH_DEPTH_MAX) return 0;
  let count = 0;
  for (const field of schema.fields)
    if (Object.hasOwn(node, field.name))
      count += 1 + matchCount(field.schema, node[field.name], depth + 1);
  return count;
}

function isNode(node: unknown): node is Node {
  return (
    typeof node === 'object' &&
    node !== null &&
    !Array.isArray(node) &&
    !(node instanceof NumberText)
  );
}
