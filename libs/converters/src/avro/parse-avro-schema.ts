import { MillraceError } from '@millrace/foundation';
import { parseJson } from '@millrace/record';
import { badSchema } from '../errors.ts';
import {
  namespaceOf,
  primitive,
  type AvroField,
  type AvroNamed,
  type AvroPrimitiveKind,
  type AvroSchema,
  type Json,
  type Props,
} from './avro-schema.ts';

const PRIMITIVES: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);
/** Attributes with a meaning of their own; all others are properties. */
const RESERVED = {
  schema: ['type', 'name', 'namespace', 'doc', 'fields', 'items', 'values', 'symbols', 'size'],
  field: ['name', 'type', 'doc', 'default', 'order', 'aliases'],
} as const;
/** INV-6: types within types within types. */
const DEPTH_MAX = 200;

type Node = Readonly<Record<string, Json>>;
type Names = Map<string, AvroNamed>;

/**
 * Reads the JSON of a schema. `imports` are the texts of schemas that it refers to by name, in any order.
 * @throws MillraceError `converter.bad_schema`
 */
export function parseAvroSchema(
  text: string,
  imports: ReadonlyMap<string, string> = new Map(),
): AvroSchema {
  const names: Names = new Map();
  importAll(imports, names);
  return new SchemaParser(names).parse(nodeOf(text), '', 0);
}

/** Each import may need others: whatever can be read is, until nothing is left. */
function importAll(imports: ReadonlyMap<string, string>, names: Names): void {
  let waiting = [...imports.values()];
  while (waiting.length > 0) {
    const failed: { readonly text: string; readonly error: unknown }[] = [];
    for (const text of waiting) {
      const tried: Names = new Map(names);
      try {
        new SchemaParser(tried).parse(nodeOf(text), '', 0);
        for (const [name, schema] of tried) names.set(name, schema);
      } catch (error) {
        failed.push({ text, error });
      }
    }
    if (failed.length === waiting.length) throw failed[0]?.error;
    waiting = failed.map((each) => each.text);
  }
}

function nodeOf(text: string): Json {
  // A primitive may be registered as a bare name.
  if (PRIMITIVES.has(text.trim())) return text.trim();
  try {
    return parseJson(text, false);
  } catch (error) {
    throw error instanceof MillraceError
      ? badSchema(`the Avro schema is not JSON: ${error.message}`)
      : error;
  }
}

class SchemaParser {
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  parse(node: Json, namespace: string, depth: number): AvroSchema {
    if (depth > DEPTH_MAX) throw badSchema(`Avro types nested deeper than ${DEPTH_MAX}`);
    if (typeof node === 'string') return this.#byName(node, namespace);
    if (Array.isArray(node))
      return {
        kind: 'union',
        branches: node.map((each) => this.parse(each, namespace, depth + 1)),
      };
    if (!isNode(node)) throw badSchema('an Avro schema must be a name, an object or an array');
    const { type } = node;
    if (typeof type !== 'string') {
      if (type === undefined) throw badSchema('No type in an Avro schema');
      return this.parse(type, namespace, depth + 1);
    }
    switch (type) {
      case 'record':
      case 'error':
      case 'enum':
      case 'fixed':
        return this.#named(type, node, namespace, depth);
      case 'array':
        return {
          kind: 'array',
          items: this.parse(node['items'], namespace, depth + 1),
          props: propertiesOf(node, RESERVED.schema),
        };
      case 'map':
        return {
          kind: 'map',
          values: this.parse(node['values'], namespace, depth + 1),
          props: propertiesOf(node, RESERVED.schema),
        };
      default:
        return isPrimitive(type)
          ? { kind: type, props: propertiesOf(node, RESERVED.schema) }
          : this.#byName(type, namespace);
    }
  }

  #byName(name: string, namespace: string): AvroSchema {
    if (isPrimitive(name)) return primitive(name);
    const known = this.#names.get(fullNameOf(name, namespace)) ?? this.#names.get(name);
    if (known === undefined) throw badSchema(`Undefined Avro type name: "${name}"`);
    return known;
  }

  #named(
    type: 'record' | 'error' | 'enum' | 'fixed',
    node: Node,
    outer: string,
    depth: number,
  ): AvroSchema {
    if (typeof node['name'] !== 'string') throw badSchema(`No name in an Avro ${type}`);
    const own = node['namespace'];
    const name = fullNameOf(node['name'], typeof own === 'string' ? own : outer);
    if (this.#names.has(name)) throw badSchema(`Can't redefine: ${name}`);
    const described = typeof node['doc'] === 'string' ? { name, doc: node['doc'] } : { name };
    switch (type) {
      case 'enum': {
        const { symbols, default: chosen } = node;
        if (!isTexts(symbols)) throw badSchema(`Enum has no symbols: ${name}`);
        const fallback = typeof chosen === 'string' ? { default: chosen } : {};
        const props = propertiesOf(node, [...RESERVED.schema, 'default', 'aliases']);
        return this.#add({ kind: 'enum', ...described, symbols, ...fallback, props });
      }
      case 'fixed': {
        const { size } = node;
        if (typeof size !== 'number' || !Number.isInteger(size) || size < 0)
          throw badSchema(`Invalid or no size: ${name}`);
        const props = propertiesOf(node, [...RESERVED.schema, 'aliases']);
        return this.#add({ kind: 'fixed', ...described, size, props });
      }
      default: {
        const fields: AvroField[] = [];
        const props = propertiesOf(node, [...RESERVED.schema, 'aliases']);
        const record = this.#add({ kind: 'record', ...described, fields, props });
        if (!Array.isArray(node['fields'])) throw badSchema(`Record has no fields: ${name}`);
        for (const each of node['fields']) fields.push(this.#field(each, name, depth));
        return record;
      }
    }
  }

  #field(node: Json, record: string, depth: number): AvroField {
    if (!isNode(node) || typeof node['name'] !== 'string')
      throw badSchema(`a field of record ${record} has no name`);
    return {
      name: node['name'],
      schema: this.parse(node['type'], namespaceOf(record), depth + 1),
      ...(typeof node['doc'] === 'string' ? { doc: node['doc'] } : {}),
      ...(node['default'] === undefined ? {} : { default: node['default'] }),
      props: propertiesOf(node, RESERVED.field),
    };
  }

  #add<T extends AvroNamed>(schema: T): T {
    this.#names.set(schema.name, schema);
    return schema;
  }
}

function fullNameOf(name: string, namespace: string): string {
  if (name.includes('.') || namespace === '') return name;
  return `${namespace}.${name}`;
}

function propertiesOf(node: Node, reserved: readonly string[]): Props {
  return new Map(Object.entries(node).filter(([name]) => !reserved.includes(name)));
}

function isPrimitive(name: string): name is AvroPrimitiveKind {
  return PRIMITIVES.has(name);
}

function isNode(value: Json): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
