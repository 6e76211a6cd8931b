import { jsonText, parseJson, type Schema, type StructSchema } from '@millrace/record';
import { badSchema } from '../errors.ts';
import { compileValueWriter } from './value-writer.ts';
import {
  ENUM_PARAMETER,
  GENERAL_ENUM_PARAMETER,
  hasTextKeys,
  isUnion,
  NULL_SYMBOL,
  OWN_PREFIX,
  type Json,
  type JsonSchemaSettings,
} from './json-schema-settings.ts';

/** INV-6: a schema that holds itself has no end without references. */
const DEPTH_MAX = 200;

/**
 * The JSON Schema of a Connect schema, as Confluent's JsonSchemaData makes it.
 * @throws MillraceError `converter.bad_schema`
 */
export function jsonSchemaText(schema: Schema, settings: JsonSchemaSettings): string {
  return jsonText(null, describe(schema, settings, undefined, false, 0));
}

function describe(
  schema: Schema,
  settings: JsonSchemaSettings,
  index: number | undefined,
  ignoresOptional: boolean,
  depth: number,
): Json {
  if (depth > DEPTH_MAX)
    throw badSchema(`types nested deeper than ${DEPTH_MAX}, or a schema that holds itself`);
  const place = index === undefined ? {} : { 'connect.index': index };
  const part = (inner: Schema, at?: number): Json =>
    describe(inner, settings, at, false, depth + 1);
  if (isUnion(schema)) {
    const members = schema.fields.map((field, at) =>
      describe({ ...field.schema, optional: false }, settings, at, true, depth + 1),
    );
    return { oneOf: schema.optional ? [{ type: 'null' }, ...members] : members, ...place };
  }
  if (schema.optional && !ignoresOptional) {
    const inner = describe({ ...schema, optional: false }, settings, undefined, false, depth + 1);
    return { oneOf: [{ type: 'null' }, inner], ...place };
  }
  const parameters = Object.entries(schema.parameters ?? {}).filter(
    ([key]) => !key.startsWith(OWN_PREFIX),
  );
  return {
    ...shapeOf(schema, settings, part),
    ...(schema.name === undefined ? {} : { title: schema.name }),
    ...(schema.doc === undefined ? {} : { description: schema.doc }),
    ...defaultOf(schema, settings),
    ...place,
    ...(schema.version === undefined ? {} : { 'connect.version': schema.version }),
    ...(parameters.length === 0 ? {} : { 'connect.parameters': Object.fromEntries(parameters) }),
  };
}

function shapeOf(
  schema: Schema,
  settings: JsonSchemaSettings,
  part: (inner: Schema, at?: number) => Json,
): object {
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return { type: 'integer', 'connect.type': schema.type };
    case 'float32':
    case 'float64':
      return { type: 'number', 'connect.type': schema.type };
    case 'boolean':
      return { type: 'boolean' };
    case 'string':
      return symbolsOf(schema) ?? { type: 'string' };
    case 'bytes': {
      const isNumber =
        schema.name === 'org.apache.kafka.connect.data.Decimal' &&
        settings.decimalFormat === 'NUMERIC';
      return { type: isNumber ? 'number' : 'string', 'connect.type': 'bytes' };
    }
    case 'array':
      return { type: 'array', items: part(schema.items) };
    case 'map':
      return hasTextKeys(schema)
        ? { type: 'object', 'connect.type': 'map', additionalProperties: part(schema.values) }
        : {
            type: 'array',
            'connect.type': 'map',
            items: {
              type: 'object',
              properties: { key: part(schema.keys, 0), value: part(schema.values, 1) },
            },
          };
    case 'struct':
      return structShape(schema, settings, part);
  }
}

function structShape(
  schema: StructSchema,
  settings: JsonSchemaSettings,
  part: (inner: Schema, at?: number) => Json,
): object {
  return {
    type: 'object',
    properties: Object.fromEntries(
      schema.fields.map((field, at) => [field.name, part(field.schema, at)]),
    ),
    ...(settings.allowsAdditional ? {} : { additionalProperties: false }),
  };
}

function symbolsOf(schema: Schema): object | undefined {
  for (const parameter of [GENERAL_ENUM_PARAMETER, ENUM_PARAMETER]) {
    if (schema.parameters?.[parameter] === undefined) continue;
    const prefix = `${parameter}.`;
    const symbols = Object.keys(schema.parameters)
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
    return { enum: symbols.map((symbol) => (symbol === NULL_SYMBOL ? null : symbol)) };
  }
  return undefined;
}

function defaultOf(schema: Schema, settings: JsonSchemaSettings): object {
  if (schema.default === undefined || schema.default === null) return {};
  const text = compileValueWriter({ ...schema, optional: false }, settings)(schema.default);
  return { default: parseJson(text, false) };
}
