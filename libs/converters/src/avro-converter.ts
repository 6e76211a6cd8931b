import { requireSchemaType } from './registry/schema-checks.ts';
import { defineFields, resolveConfig } from '@millrace/config';
import type { ConverterPlugin } from '@millrace/connector-api';
import { DECIMAL, Decimal, decimalScale, kindOf, type Schema } from '@millrace/record';
import type { RegisteredSchema, ResolvedSchema } from '@millrace/schema-registry';
import { BinaryInput } from './binary/binary-input.ts';
import { BinaryOutput } from './binary/binary-output.ts';
import type { AvroSchema } from './avro/avro-schema.ts';
import type { AvroSettings } from './avro/avro-settings.ts';
import { avroText } from './avro/avro-text.ts';
import { compileReader } from './avro/compile-reader.ts';
import { compileWriter } from './avro/compile-writer.ts';
import { fromConnectSchema } from './avro/from-connect-schema.ts';
import { parseAvroSchema } from './avro/parse-avro-schema.ts';
import { toConnectSchema } from './avro/to-connect-schema.ts';
import { badBytes, badValue } from './errors.ts';
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
  'enhanced.avro.schema.support': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    group: 'Avro',
    displayName: 'Enhanced Avro Schema Support',
    doc: 'Whether enums stay enums, and branches of unions are called by their full names.',
  },
  'scrub.invalid.names': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    group: 'Avro',
    displayName: 'Scrub Invalid Names',
    doc: 'Whether names that Avro does not allow are changed to ones that it does.',
  },
  'connect.meta.data': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    group: 'Avro',
    displayName: 'Connect Metadata',
    doc: 'Whether what Avro has no word for is kept in connect.* properties.',
  },
  'discard.type.doc.default': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    group: 'Avro',
    displayName: 'Discard Type Doc And Default',
    doc: 'Whether docs and defaults are those of fields alone.',
  },
  'allow.optional.map.keys': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    group: 'Avro',
    displayName: 'Allow Optional Map Keys',
    doc: 'Whether a map with optional string keys is an Avro map.',
  },
  'flatten.singleton.unions': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    group: 'Avro',
    displayName: 'Flatten Singleton Unions',
    doc: 'Whether a union of one branch is read as that branch.',
  },
});

const fields = defineFields({ ...registryConverterFields, ...dataFields, ...ownFields });

/** Confluent's Avro. The ports are the system's, unless a test gives others. */
export function avroConverterWith(ports: RegistryPorts): ConverterPlugin {
  return {
    kind: 'converter',
    name: 'avro',
    javaClasses: ['io.confluent.connect.avro.AvroConverter'],
    version: '8.0.0',
    fields,
    create: (config, role) => {
      const resolved = resolveConfig(fields, config, 'Avro converter configuration');
      const format = new AvroFormat({
        hasMetaData: resolved['connect.meta.data'],
        isEnhanced: resolved['enhanced.avro.schema.support'],
        scrubsNames: resolved['scrub.invalid.names'],
        discardsTypeDoc: resolved['discard.type.doc.default'],
        allowsOptionalMapKeys: resolved['allow.optional.map.keys'],
        flattensSingletonUnions: resolved['flatten.singleton.unions'],
        generalizesSumTypes: resolved['generalized.sum.type.support'],
        ignoresDefaultForNullables: resolved['ignore.default.for.nullables'],
      });
      return openRegistryConverter(format, config, role, ports);
    },
  };
}

export const avroConverter: ConverterPlugin = avroConverterWith(systemPorts);

class AvroFormat implements RegistryFormat {
  readonly name = 'Avro';
  readonly #settings: AvroSettings;
  readonly #output = new BinaryOutput();
  readonly #input = new BinaryInput();

  constructor(settings: AvroSettings) {
    this.#settings = settings;
  }

  describe(schema: Schema | null): DescribedSchema {
    const avro = fromConnectSchema(schema, this.#settings);
    return {
      text: { schemaType: 'AVRO', schema: avroText(avro), references: [] },
      recordName: recordName(avro),
    };
  }

  isTombstone(schema: Schema | null): boolean {
    return schema === null || schema.optional;
  }

  compileWriter(schema: Schema | null, registered: RegisteredSchema): SchemaWriter {
    const avro = parsed(registered);
    const write = compileWriter(schema, avro, this.#settings);
    const prefix = idPrefix(registered.id);
    const output = this.#output;
    const isBare = isBareBytes(avro);
    return {
      write: (value) => {
        if (value === null || value === undefined)
          throw badValue('Found null value for non-optional schema');
        output.begin();
        try {
          output.raw(prefix);
          if (isBare) output.raw(bareBytes(schema, value));
          else write(value, output);
        } catch (error) {
          output.abandon();
          throw error;
        }
        return output.end();
      },
    };
  }

  compileReader(registered: ResolvedSchema, version: number | undefined): SchemaReader {
    const avro = parsed(registered);
    const schema = toConnectSchema(avro, version, this.#settings);
    const read = compileReader(avro, schema, this.#settings);
    const input = this.#input;
    const isBare = isBareBytes(avro);
    return {
      read: (bytes, at) => {
        if (isBare) return { schema, value: bareValue(schema, bytes.subarray(at)) };
        input.begin(bytes, at);
        const value = read(input);
        if (input.left > 0)
          throw badBytes(`${input.left} bytes are left after the Avro data of the record`);
        return { schema, value };
      },
    };
  }

  recordNameOf(registered: ResolvedSchema): string | undefined {
    return recordName(parsed(registered));
  }
}

function parsed({ schemaType, schema, imports }: ResolvedSchema): AvroSchema {
  requireSchemaType(schemaType, 'AVRO');
  return parseAvroSchema(schema, imports);
}

function recordName(avro: AvroSchema): string | undefined {
  return avro.kind === 'record' ? avro.name : undefined;
}

/** Confluent writes bytes that are the whole value as they are, without a length; decimals too. */
function isBareBytes(avro: AvroSchema): boolean {
  return avro.kind === 'bytes';
}

function bareBytes(schema: Schema | null, value: unknown): Uint8Array {
  if (schema?.name !== DECIMAL && value instanceof Uint8Array) return value;
  if (value instanceof Decimal && schema !== null && value.scale === decimalScale(schema))
    return value.toBytes();
  throw badValue(`Invalid type for BYTES: ${kindOf(value)}, or a decimal of another scale`);
}

function bareValue(schema: Schema | null, bytes: Uint8Array): unknown {
  if (schema?.name !== DECIMAL) return bytes;
  return Decimal.fromBytes(bytes, decimalScale(schema) ?? 0);
}
