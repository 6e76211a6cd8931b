import { requireSchema, requireSchemaType } from './registry/schema-checks.ts';
import { defineFields, resolveConfig } from '@millrace/config';
import type { ConverterPlugin } from '@millrace/connector-api';
import type { Schema, SchemaAndValue } from '@millrace/record';
import type { RegisteredSchema, ResolvedSchema } from '@millrace/schema-registry';
import { BinaryInput } from './binary/binary-input.ts';
import { BinaryOutput } from './binary/binary-output.ts';
import { badBytes } from './errors.ts';
import { compileReader } from './proto/compile-reader.ts';
import { compileWriter } from './proto/compile-writer.ts';
import { parseProto } from './proto/parse-proto.ts';
import type { ProtoFile, ProtoMessage, ProtoSettings } from './proto/proto-model.ts';
import { protoText } from './proto/proto-text.ts';
import { toConnectSchema } from './proto/to-connect-schema.ts';
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

function flag(displayName: string, fallback: boolean, doc: string) {
  return {
    type: 'BOOLEAN',
    default: fallback,
    importance: 'LOW',
    group: 'Protobuf',
    displayName,
    doc,
  } as const;
}

const ownFields = defineFields({
  'enhanced.protobuf.schema.support': flag(
    'Enhanced Protobuf Schema Support',
    false,
    'Whether schemas have the full names of their messages, with packages.',
  ),
  'scrub.invalid.names': flag(
    'Scrub Invalid Names',
    false,
    'Whether names that Protobuf does not allow are changed to ones that it does.',
  ),
  'int.for.enums': flag('Int For Enums', false, 'Whether enums are read as numbers.'),
  'optional.for.nullables': flag(
    'Optional For Nullables',
    false,
    'Whether optional fields are written as optional; otherwise null becomes the default of the type.',
  ),
  'optional.for.proto2': flag(
    'Optional For Proto2',
    true,
    'Whether optional fields of proto2 that are not set are read as null.',
  ),
  'wrapper.for.nullables': flag(
    'Wrapper For Nullables',
    false,
    "Whether optional primitives are written in Google's wrappers, so that null stays null.",
  ),
  'wrapper.for.raw.primitives': flag(
    'Wrapper For Raw Primitives',
    true,
    "Whether a message that is one of Google's wrappers is read as its value.",
  ),
  'generate.struct.for.nulls': flag(
    'Generate Struct For Nulls',
    false,
    'Whether a message that is not there is read as a struct without values.',
  ),
  'generate.index.for.unions': flag(
    'Generate Index For Unions',
    true,
    'Whether the field of a oneof has the number of the oneof in its name.',
  ),
  'flatten.unions': flag(
    'Flatten Unions',
    false,
    'Whether the members of a oneof are read as fields of the struct itself.',
  ),
});

const fields = defineFields({ ...registryConverterFields, ...dataFields, ...ownFields });

/** Confluent's Protobuf. The ports are the system's, unless a test gives others. */
export function protobufConverterWith(ports: RegistryPorts): ConverterPlugin {
  return {
    kind: 'converter',
    name: 'protobuf',
    javaClasses: ['io.confluent.connect.protobuf.ProtobufConverter'],
    version: '8.0.0',
    fields,
    create: (config, role) => {
      const resolved = resolveConfig(fields, config, 'Protobuf converter configuration');
      const format = new ProtobufFormat({
        isEnhanced: resolved['enhanced.protobuf.schema.support'],
        scrubsNames: resolved['scrub.invalid.names'],
        usesIntForEnums: resolved['int.for.enums'],
        usesOptional: resolved['optional.for.nullables'],
        supportsProto2Optional: resolved['optional.for.proto2'],
        usesWrappers: resolved['wrapper.for.nullables'],
        unwrapsRoots: resolved['wrapper.for.raw.primitives'],
        makesStructsForNulls: resolved['generate.struct.for.nulls'],
        indexesUnions: resolved['generate.index.for.unions'],
        flattensUnions: resolved['flatten.unions'],
        generalizesSumTypes: resolved['generalized.sum.type.support'],
        ignoresDefaultForNullables: resolved['ignore.default.for.nullables'],
      });
      return openRegistryConverter(format, config, role, ports);
    },
  };
}

export const protobufConverter: ConverterPlugin = protobufConverterWith(systemPorts);

/** INV-6: messages within messages, in the path to the one that was written. */
const INDEXES_MAX = 100;

class ProtobufFormat implements RegistryFormat {
  readonly name = 'Protobuf';
  readonly #settings: ProtoSettings;
  readonly #output = new BinaryOutput();
  readonly #input = new BinaryInput();

  constructor(settings: ProtoSettings) {
    this.#settings = settings;
  }

  describe(schema: Schema | null): DescribedSchema {
    const { text, fullName } = protoText(
      requireSchema(schema, 'ProtobufConverter'),
      this.#settings,
    );
    return {
      text: { schemaType: 'PROTOBUF', schema: text, references: [] },
      recordName: fullName,
    };
  }

  isTombstone(): boolean {
    return true;
  }

  compileWriter(schema: Schema | null, registered: RegisteredSchema): SchemaWriter {
    const own = requireSchema(schema, 'ProtobufConverter');
    const file = parsed(registered);
    const path = pathTo(file, protoText(own, this.#settings).fullName);
    const message = messageAt(file, path);
    const write = compileWriter(own, message, this.#settings);
    const output = this.#output;
    const prefix = Buffer.concat([idPrefix(registered.id), indexBytes(path)]);
    return {
      write: (value) => {
        output.begin();
        try {
          output.raw(prefix);
          write(value, output);
        } catch (error) {
          output.abandon();
          throw error;
        }
        return output.end();
      },
    };
  }

  /** Each message of the file gets its reader when it is first met; there are as many as the file has. */
  compileReader(registered: ResolvedSchema, version: number | undefined): SchemaReader {
    const file = parsed(registered);
    const readers = new Map<ProtoMessage, (input: BinaryInput) => SchemaAndValue>();
    const input = this.#input;
    const readerOf = (message: ProtoMessage): ((input: BinaryInput) => SchemaAndValue) => {
      const schema = toConnectSchema(message, version, this.#settings);
      const read = compileReader(message, schema, this.#settings);
      return (from) => ({ schema, value: read(from) });
    };
    return {
      read: (bytes, at) => {
        input.begin(bytes, at);
        const message = messageAt(file, readIndexes(input));
        const read = readers.get(message) ?? readerOf(message);
        readers.set(message, read);
        return read(input);
      },
    };
  }

  recordNameOf(registered: ResolvedSchema): string | undefined {
    return parsed(registered).messages[0]?.fullName;
  }
}

function parsed({ schemaType, schema, imports }: ResolvedSchema): ProtoFile {
  requireSchemaType(schemaType, 'PROTOBUF');
  return parseProto(schema, imports);
}

/** Where the message of a schema is in a file; another version of it may have other messages before it. */
function pathTo(file: ProtoFile, fullName: string): readonly number[] {
  const simple = fullName.slice(fullName.lastIndexOf('.') + 1);
  for (const matches of [
    (message: ProtoMessage) => message.fullName === fullName,
    (message: ProtoMessage) => message.name === simple,
  ]) {
    const index = file.messages.findIndex(matches);
    if (index !== -1) return [index];
  }
  return [0];
}

function messageAt(file: ProtoFile, path: readonly number[]): ProtoMessage {
  let messages: readonly ProtoMessage[] = file.messages;
  let found: ProtoMessage | undefined;
  for (const index of path) {
    found = messages[index];
    messages = found?.nested ?? [];
  }
  if (found === undefined)
    throw badBytes(`the schema has no message with the indexes [${path.join(', ')}]`);
  return found;
}

/** Zigzag count and indexes; the first message is so common that it is one zero. */
function indexBytes(path: readonly number[]): Uint8Array {
  const output = new BinaryOutput();
  output.begin();
  if (path.length === 1 && path[0] === 0) output.byte(0);
  else for (const number of [path.length, ...path]) output.int(number);
  return Buffer.from(output.end());
}

function readIndexes(input: BinaryInput): readonly number[] {
  const count = input.int();
  if (count === 0) return [0];
  if (count < 0 || count > INDEXES_MAX) throw badBytes(`a message has ${count} message indexes`);
  return Array.from({ length: count }, () => input.int());
}
