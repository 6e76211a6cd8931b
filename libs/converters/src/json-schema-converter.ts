import { requireSchema, requireSchemaType } from './registry/schema-checks.ts';
import { defineFields, oneOfIgnoringCase, resolveConfig } from '@millrace/config';
import type { ConverterPlugin } from '@millrace/connector-api';
import { MillraceError } from '@millrace/foundation';
import { parseJson, type Schema } from '@millrace/record';
import type { RegisteredSchema, ResolvedSchema } from '@millrace/schema-registry';
import { isUtf8 } from 'node:buffer';
import { badSchema, notJson } from './errors.ts';
import { jsonSchemaText } from './json-schema/from-connect-schema.ts';
import {
  isObject,
  type JsonObject,
  type JsonSchemaSettings,
} from './json-schema/json-schema-settings.ts';
import type { Place } from './json-schema/references.ts';
import { toConnectSchema } from './json-schema/to-connect-schema.ts';
import { compileValidation } from './json-schema/validation.ts';
import { compileValueReader } from './json-schema/value-reader.ts';
import { compileValueWriter } from './json-schema/value-writer.ts';
import { holdsDecimal } from './json/reader.ts';
import {
  openRegistryConverter,
  systemPorts,
  type RegistryPorts,
} from './registry/open-registry-converter.ts';
import { dataFields, registryConverterFields } from './registry/registry-fields.ts';
import type {
  DescribedSchema,
  RegistryFormat,
  SchemaReader,
  SchemaWriter,
} from './registry/registry-format.ts';
import { idPrefix } from './registry/wire-format.ts';

const ownFields = defineFields({
  'object.additional.properties': {
    type: 'BOOLEAN',
    default: true,
    importance: 'MEDIUM',
    group: 'JSON Schema',
    displayName: 'Object Additional Properties',
    doc: 'Whether objects of written schemas may have other properties.',
  },
  'use.optional.for.nonrequired': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    group: 'JSON Schema',
    displayName: 'Use Optional For Non-required',
    doc: 'Whether properties that are not required are read as optional fields.',
  },
  'flatten.singleton.unions': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    group: 'JSON Schema',
    displayName: 'Flatten Singleton Unions',
    doc: 'Whether a union of one alternative is read as that alternative.',
  },
  'decimal.format': {
    type: 'STRING',
    default: 'BASE64',
    importance: 'LOW',
    group: 'JSON Schema',
    displayName: 'Decimal Format',
    recommended: ['BASE64', 'NUMERIC'],
    doc: 'How Decimal values are written: BASE64 (the unscaled bytes) or NUMERIC (a JSON number).',
    validate: oneOfIgnoringCase('base64', 'numeric'),
  },
  'json.fail.invalid.schema': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    group: 'JSON Schema',
    displayName: 'Fail Invalid Schema',
    doc: 'Whether values are validated against their schema when they are written and read.',
  },
});

const fields = defineFields({ ...registryConverterFields, ...dataFields, ...ownFields });

/** Confluent's JSON Schema. The ports are the system's, unless a test gives others. */
export function jsonSchemaConverterWith(ports: RegistryPorts): ConverterPlugin {
  return {
    kind: 'converter',
    name: 'json-schema',
    javaClasses: ['io.confluent.connect.json.JsonSchemaConverter'],
    version: '8.0.0',
    fields,
    create: (config, role) => {
      const resolved = resolveConfig(fields, config, 'JSON Schema converter configuration');
      const format = new JsonSchemaFormat(
        {
          decimalFormat:
            resolved['decimal.format'].toUpperCase() === 'NUMERIC' ? 'NUMERIC' : 'BASE64',
          allowsAdditional: resolved['object.additional.properties'],
          usesOptionalForNonRequired: resolved['use.optional.for.nonrequired'],
          flattensSingletonUnions: resolved['flatten.singleton.unions'],
          generalizesSumTypes: resolved['generalized.sum.type.support'],
          ignoresDefaultForNullables: resolved['ignore.default.for.nullables'],
        },
        resolved['json.fail.invalid.schema'],
      );
      return openRegistryConverter(format, config, role, ports);
    },
  };
}

export const jsonSchemaConverter: ConverterPlugin = jsonSchemaConverterWith(systemPorts);

class JsonSchemaFormat implements RegistryFormat {
  readonly name = 'JSON Schema';
  readonly #settings: JsonSchemaSettings;
  readonly #validates: boolean;

  constructor(settings: JsonSchemaSettings, validates: boolean) {
    this.#settings = settings;
    this.#validates = validates;
  }

  describe(schema: Schema | null): DescribedSchema {
    const own = requireSchema(schema, 'JsonSchemaConverter');
    const text = jsonSchemaText(own, this.#settings);
    return { text: { schemaType: 'JSON', schema: text, references: [] }, recordName: own.name };
  }

  /** A null of an optional schema is the JSON `null`, not a tombstone. */
  isTombstone(schema: Schema | null): boolean {
    if (schema === null) return true;
    return !schema.optional && (schema.default === undefined || schema.default === null);
  }

  compileWriter(schema: Schema | null, registered: RegisteredSchema): SchemaWriter {
    const write = compileValueWriter(requireSchema(schema, 'JsonSchemaConverter'), this.#settings);
    const prefix = idPrefix(registered.id);
    const validate = this.#validates ? compileValidation(placeOf(registered)) : undefined;
    return {
      write: (value) => {
        const text = write(value);
        validate?.(JSON.parse(text));
        const bytes = Buffer.allocUnsafe(prefix.length + Buffer.byteLength(text));
        bytes.set(prefix);
        bytes.write(text, prefix.length);
        return bytes;
      },
    };
  }

  compileReader(registered: ResolvedSchema, version: number | undefined): SchemaReader {
    const place = placeOf(registered);
    const schema = toConnectSchema(place, version, this.#settings);
    const read = compileValueReader(schema, this.#settings);
    const validate = this.#validates ? compileValidation(place) : undefined;
    const isExact = hasDecimals(schema);
    return {
      read: (bytes, at) => {
        const text = textOf(bytes.subarray(at));
        const node = parsed(text, isExact);
        validate?.(JSON.parse(text));
        return { schema, value: read(node) };
      },
    };
  }

  recordNameOf(registered: ResolvedSchema): string | undefined {
    const { title } = placeOf(registered).node;
    return typeof title === 'string' ? title : undefined;
  }
}

/** A schema that holds itself is taken for one with decimals: their digits are then kept in any case. */
function hasDecimals(schema: Schema): boolean {
  try {
    return holdsDecimal(schema);
  } catch (error) {
    if (error instanceof RangeError) return true;
    throw error;
  }
}

function placeOf({ schemaType, schema, imports }: ResolvedSchema): Place {
  requireSchemaType(schemaType, 'JSON');
  const node = objectOf(schema);
  const files = new Map([...imports].map(([name, text]) => [name, objectOf(text)]));
  return { node, root: node, files };
}

function objectOf(text: string): JsonObject {
  let node: unknown;
  try {
    node = parseJson(text, false);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    throw badSchema(`the JSON Schema is not JSON: ${error.message}`);
  }
  if (isObject(node)) return node;
  throw badSchema(
    'the JSON Schema is not an object',
    'a schema that allows anything has no Connect schema',
  );
}

function textOf(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw notJson('the bytes are not UTF-8');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

function parsed(text: string, isExact: boolean): unknown {
  try {
    return parseJson(text, isExact);
  } catch (error) {
    throw error instanceof MillraceError ? notJson(error.message) : error;
  }
}
