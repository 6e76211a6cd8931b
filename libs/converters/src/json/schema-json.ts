import {
  schemas,
  stringText,
  type Field,
  type Schema,
  type SchemaAttributes,
} from '@millrace/record';
import { badSchema } from '../errors.ts';
import { compileReader, isObject } from './reader.ts';
import type { JsonSettings } from './settings.ts';
import { compileWriter } from './writer.ts';

const TYPE_NAMES = {
  int8: 'int8',
  int16: 'int16',
  int32: 'int32',
  int64: 'int64',
  float32: 'float',
  float64: 'double',
  boolean: 'boolean',
  string: 'string',
  bytes: 'bytes',
  array: 'array',
  map: 'map',
  struct: 'struct',
} as const;

/** A schema as Connect's JSON, keys in Connect's order; `fieldName` comes last for a struct member. */
export function schemaText(schema: Schema, settings: JsonSettings, fieldName?: string): string {
  const parts = [`"type":"${TYPE_NAMES[schema.type]}"`];
  if (schema.type === 'array') parts.push(`"items":${schemaText(schema.items, settings)}`);
  if (schema.type === 'map')
    parts.push(
      `"keys":${schemaText(schema.keys, settings)}`,
      `"values":${schemaText(schema.values, settings)}`,
    );
  if (schema.type === 'struct')
    parts.push(
      `"fields":[${schema.fields.map((field) => schemaText(field.schema, settings, field.name)).join(',')}]`,
    );
  parts.push(`"optional":${schema.optional}`);
  if (schema.name !== undefined) parts.push(`"name":${stringText(schema.name)}`);
  if (schema.version !== undefined) parts.push(`"version":${schema.version}`);
  if (schema.doc !== undefined) parts.push(`"doc":${stringText(schema.doc)}`);
  if (schema.parameters !== undefined)
    parts.push(
      `"parameters":{${Object.entries(schema.parameters)
        .map(([key, value]) => `${stringText(key)}:${stringText(value)}`)
        .join(',')}}`,
    );
  if (schema.default !== undefined && schema.default !== null)
    parts.push(`"default":${compileWriter(schema, settings)(schema.default)}`);
  if (fieldName !== undefined) parts.push(`"field":${stringText(fieldName)}`);
  return `{${parts.join(',')}}`;
}

/**
 * The schema that a JSON node describes.
 * @throws MillraceError `converter.bad_schema`, in Connect's words
 */
export function schemaFromJson(node: unknown, settings: JsonSettings): Schema {
  if (!isObject(node) || typeof node['type'] !== 'string')
    throw badSchema("Schema must contain 'type' field");
  const attributes = attributesOf(node);
  const bare = bareSchema(node['type'], node, attributes, settings);
  if (node['default'] === undefined || node['default'] === null) return bare;
  const fallback = compileReader(bare, settings, 'default')(node['default']);
  return { ...bare, default: fallback };
}

function bareSchema(
  type: string,
  node: Readonly<Record<string, unknown>>,
  attributes: SchemaAttributes,
  settings: JsonSettings,
): Schema {
  switch (type) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'boolean':
    case 'string':
    case 'bytes':
      return schemas[type](attributes);
    case 'float':
      return schemas.float32(attributes);
    case 'double':
      return schemas.float64(attributes);
    case 'array':
      if (node['items'] === undefined || node['items'] === null)
        throw badSchema('Array schema did not specify the element type');
      return schemas.array(schemaFromJson(node['items'], settings), attributes);
    case 'map':
      if (node['keys'] === undefined || node['keys'] === null)
        throw badSchema('Map schema did not specify the key type');
      if (node['values'] === undefined || node['values'] === null)
        throw badSchema('Map schema did not specify the value type');
      return schemas.map(
        schemaFromJson(node['keys'], settings),
        schemaFromJson(node['values'], settings),
        attributes,
      );
    case 'struct':
      return { type: 'struct', fields: fieldsOf(node['fields'], settings), ...attributes };
    default:
      throw badSchema(`Unknown schema type: ${type}`);
  }
}

function fieldsOf(node: unknown, settings: JsonSettings): readonly Field[] {
  if (!Array.isArray(node)) throw badSchema(`Struct schema's "fields" argument is not an array.`);
  const names = new Set<string>();
  return node.map((member: unknown) => {
    const name = isObject(member) ? member['field'] : undefined;
    if (typeof name !== 'string')
      throw badSchema("Struct schema's field name not specified properly");
    if (names.has(name))
      throw badSchema(`Cannot create field because of field name duplication ${name}`);
    names.add(name);
    return { name, schema: schemaFromJson(member, settings) };
  });
}

function attributesOf(node: Readonly<Record<string, unknown>>): SchemaAttributes {
  const { name, version, doc, parameters } = node;
  return {
    optional: node['optional'] === true,
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof version === 'number' ? { version } : {}),
    ...(typeof doc === 'string' ? { doc } : {}),
    ...(isObject(parameters) ? { parameters: parametersOf(parameters) } : {}),
  };
}

function parametersOf(node: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (typeof value !== 'string') throw badSchema('Schema parameters must have string values.');
      return [key, value];
    }),
  );
}
