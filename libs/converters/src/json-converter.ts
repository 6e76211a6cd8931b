import { isUtf8 } from 'node:buffer';
import { atLeast, defineFields, oneOfIgnoringCase, resolveConfig } from '@millrace/config';
import type {
  Converter,
  ConverterPlugin,
  JsonFrame,
  JsonReading,
  SchemaAndValue,
} from '@millrace/connector-api';
import { MillraceError } from '@millrace/foundation';
import { jsonText, JsonCursor, parseJson, type Schema } from '@millrace/record';
import { badJson, badValue, notJson } from './errors.ts';
import { EnvelopeStarts } from './json/envelope-starts.ts';
import { compileReader, holdsDecimal, isObject, readSchemaless, type Read } from './json/reader.ts';
import { schemaFromJson, schemaText } from './json/schema-json.ts';
import type { JsonSettings } from './json/settings.ts';
import { compileTextReader, type ReadText } from './json/text-reader.ts';
import { compileWriter, type Write } from './json/writer.ts';

const fields = defineFields({
  'schemas.enable': {
    type: 'BOOLEAN',
    default: true,
    importance: 'HIGH',
    group: 'Schemas',
    order: 0,
    width: 'MEDIUM',
    displayName: 'Enable Schemas',
    doc: 'Include schemas within each of the serialized values and keys.',
  },
  'schemas.cache.size': {
    type: 'INT',
    default: 1000,
    importance: 'HIGH',
    group: 'Schemas',
    order: 1,
    width: 'MEDIUM',
    displayName: 'Schema Cache Size',
    doc: 'The maximum number of schemas that can be cached in this converter instance.',
    validate: atLeast(0),
  },
  'decimal.format': {
    type: 'STRING',
    default: 'BASE64',
    importance: 'LOW',
    group: 'Serialization',
    order: 0,
    width: 'MEDIUM',
    displayName: 'Decimal Format',
    recommended: ['BASE64', 'NUMERIC'],
    doc: 'How Decimal values are written: BASE64 (the unscaled bytes) or NUMERIC (a JSON number). Case is ignored.',
    validate: oneOfIgnoringCase('base64', 'numeric'),
  },
  'replace.null.with.default': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    group: 'Serialization',
    order: 1,
    width: 'MEDIUM',
    displayName: 'Replace null with default',
    doc: 'Whether a null in a field that has a default is written and read as that default.',
  },
  'schema.content': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    group: 'Schemas',
    displayName: 'Schema Content',
    doc: 'A schema, as JSON, for reading when schemas are enabled; messages are then the bare payload.',
  },
});

/** Kafka Connect's JSON, with and without the schema envelope. */
export const jsonConverter: ConverterPlugin = {
  kind: 'converter',
  name: 'json',
  javaClasses: ['org.apache.kafka.connect.json.JsonConverter'],
  version: '4.1.0',
  fields,
  create: (config) => {
    const resolved = resolveConfig(fields, config, 'JSON converter configuration');
    const settings: JsonSettings = {
      decimalFormat: resolved['decimal.format'].toUpperCase() === 'NUMERIC' ? 'NUMERIC' : 'BASE64',
      replaceNullWithDefault: resolved['replace.null.with.default'],
    };
    return new JsonConverter({
      settings,
      hasEnvelope: resolved['schemas.enable'],
      schemaCountMax: resolved['schemas.cache.size'],
      schemaContent: resolved['schema.content'],
    });
  },
};

interface JsonConverterOptions {
  readonly settings: JsonSettings;
  readonly hasEnvelope: boolean;
  readonly schemaCountMax: number;
  readonly schemaContent: string | null;
}

interface CompiledWriter {
  readonly write: Write;
  /** `{"schema":…,"payload":`, made once a schema. */
  readonly envelopeStart: string;
  readonly envelopeStartBytes: Uint8Array;
}

/** Of the values of a schema, or of those without one. */
interface CompiledReader {
  readonly schema: Schema | null;
  readonly read: Read;
  readonly readText: ReadText;
  readonly exactDecimals: boolean;
}

const SCHEMALESS: CompiledReader = {
  schema: null,
  read: readSchemaless,
  readText: (cursor) => cursor.value(),
  exactDecimals: false,
};

const ENVELOPE_START = '{"schema":';
const PAYLOAD_START = ',"payload":';
const BARE_ENVELOPE_START = '{"schema":null,"payload":';
const BARE_ENVELOPE_START_BYTES = Buffer.from(BARE_ENVELOPE_START);
const CLOSING_BRACE = 0x7d;
const ENVELOPE_END = Buffer.from([CLOSING_BRACE]);
const NO_FRAME: JsonFrame = { start: new Uint8Array(0), end: new Uint8Array(0) };
/** Envelopes around ready-made payloads are laid one after another into buffers of this size. */
const SPLICE_BYTES = 256 * 1024;

class JsonConverter implements Converter {
  readonly usesJsonForm: boolean;
  readonly jsonReading?: JsonReading;
  readonly #options: JsonConverterOptions;
  /** By identity: a schema's writer lives as long as the schema does. */
  readonly #writers = new WeakMap<Schema, CompiledWriter>();
  /** By schema text, oldest first; bounded by `schemas.cache.size` (INV-6). */
  readonly #readers = new Map<string, CompiledReader>();
  readonly #content: CompiledReader | undefined;
  /** Handed out in parts, which are never written again. */
  #splice: Buffer = Buffer.alloc(0);
  #splicedTo = 0;
  readonly #starts: EnvelopeStarts<CompiledReader>;
  readonly #cursor = new JsonCursor(false);
  readonly #exactCursor = new JsonCursor(true);

  constructor(options: JsonConverterOptions) {
    this.#options = options;
    this.#starts = new EnvelopeStarts(options.schemaCountMax);
    const isDefault =
      options.settings.decimalFormat === 'BASE64' && options.settings.replaceNullWithDefault;
    this.usesJsonForm = isDefault;
    const content = options.hasEnvelope ? options.schemaContent : null;
    this.#content =
      content === null || content === ''
        ? undefined
        : this.#compileReader(schemaFromJson(parsed(content, false), options.settings));
    if (this.#content === undefined)
      this.jsonReading = {
        hasSchemas: options.hasEnvelope,
        replacesNullWithDefault: options.settings.replaceNullWithDefault,
      };
  }

  fromConnect(
    _topic: string,
    schema: Schema | null,
    value: unknown,
    json?: Uint8Array | null,
  ): Uint8Array | null {
    if (json !== undefined && this.usesJsonForm)
      return json === null || !this.#options.hasEnvelope ? json : this.#enveloped(schema, json);
    const isNull = value === null || value === undefined;
    if (schema === null) {
      if (isNull) return null;
      const payload = writeSchemaless(value);
      return Buffer.from(this.#options.hasEnvelope ? `${BARE_ENVELOPE_START}${payload}}` : payload);
    }
    const compiled = this.#writerOf(schema);
    const payload = compiled.write(value);
    return Buffer.from(
      this.#options.hasEnvelope ? `${compiled.envelopeStart}${payload}}` : payload,
    );
  }

  jsonFrame(schema: Schema | null): JsonFrame {
    if (!this.#options.hasEnvelope) return NO_FRAME;
    const start =
      schema === null ? BARE_ENVELOPE_START_BYTES : this.#writerOf(schema).envelopeStartBytes;
    return { start, end: ENVELOPE_END };
  }

  /** A payload has the same bytes with and without its schema. */
  #enveloped(schema: Schema | null, payload: Uint8Array): Uint8Array {
    const start =
      schema === null ? BARE_ENVELOPE_START_BYTES : this.#writerOf(schema).envelopeStartBytes;
    const size = start.byteLength + payload.byteLength + 1;
    if (this.#splicedTo + size > this.#splice.byteLength) {
      this.#splice = Buffer.allocUnsafeSlow(Math.max(size, SPLICE_BYTES));
      this.#splicedTo = 0;
    }
    const at = this.#splicedTo;
    this.#splice.set(start, at);
    this.#splice.set(payload, at + start.byteLength);
    this.#splicedTo = at + size;
    this.#splice[this.#splicedTo - 1] = CLOSING_BRACE;
    return this.#splice.subarray(at, this.#splicedTo);
  }

  toConnect(topic: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: null, value: null };
    const message = bufferOf(bytes);
    if (this.#content !== undefined) return readPayload(decodeUtf8(message), this.#content);
    if (!this.#options.hasEnvelope) {
      const text = decodeUtf8(message);
      // Nothing at all is null, as with Connect.
      return { schema: null, value: isBlank(text) ? null : parsed(text, false) };
    }
    return (
      this.#readKnownEnvelope(topic, message) ?? this.#readEnvelope(topic, decodeUtf8(message))
    );
  }

  #writerOf(schema: Schema): CompiledWriter {
    const known = this.#writers.get(schema);
    if (known !== undefined) return known;
    const { settings, hasEnvelope } = this.#options;
    const envelopeStart = hasEnvelope
      ? `${ENVELOPE_START}${schemaText(schema, settings)}${PAYLOAD_START}`
      : '';
    const compiled = {
      write: compileWriter(schema, settings),
      envelopeStart,
      envelopeStartBytes: Buffer.from(envelopeStart),
    };
    this.#writers.set(schema, compiled);
    return compiled;
  }

  /** The shortcut for a message that begins as one before did: only its payload is decoded and read. */
  #readKnownEnvelope(topic: string, message: Buffer): SchemaAndValue | undefined {
    const found = this.#starts.find(topic, message);
    if (found === undefined) return undefined;
    const { schema, readText, exactDecimals } = found.known;
    const cursor = exactDecimals ? this.#exactCursor : this.#cursor;
    try {
      cursor.open(decodeUtf8(message, found.payloadFrom));
      const value = readText(cursor);
      cursor.expects('}');
      cursor.end();
      return { schema, value };
    } catch {
      return undefined; // Not what it seemed to be: the whole is looked at, and reported as it deserves.
    } finally {
      cursor.close();
    }
  }

  #readEnvelope(topic: string, text: string): SchemaAndValue {
    const node = parsed(text, true);
    if (
      !isObject(node) ||
      Object.keys(node).length !== 2 ||
      !('schema' in node) ||
      !('payload' in node)
    )
      throw envelopeExpected();
    const reader =
      node['schema'] === null
        ? SCHEMALESS
        : this.#readerOf(JSON.stringify(node['schema'], exactNumbersAsText), node['schema']);
    const value = reader.read(node['payload']);
    this.#starts.remember(topic, text, reader);
    return { schema: reader.schema, value };
  }

  #readerOf(key: string, node: unknown): CompiledReader {
    const known = this.#readers.get(key);
    if (known !== undefined) return known;
    const compiled = this.#compileReader(schemaFromJson(node, this.#options.settings));
    const oldest = this.#readers.keys().next();
    if (this.#readers.size >= this.#options.schemaCountMax && oldest.done !== true)
      this.#readers.delete(oldest.value);
    this.#readers.set(key, compiled);
    return compiled;
  }

  #compileReader(schema: Schema): CompiledReader {
    return {
      schema,
      read: compileReader(schema, this.#options.settings),
      readText: compileTextReader(schema, this.#options.settings),
      exactDecimals: holdsDecimal(schema),
    };
  }
}

function readPayload(text: string, reader: CompiledReader): SchemaAndValue {
  return { schema: reader.schema, value: reader.read(parsed(text, reader.exactDecimals)) };
}

/** @throws MillraceError `converter.not_json` */
function isBlank(text: string): boolean {
  return text === '' || (text.charCodeAt(0) <= 32 && text.trim() === '');
}

function parsed(text: string, exactDecimals: boolean): unknown {
  try {
    return parseJson(text, exactDecimals);
  } catch (error) {
    throw error instanceof MillraceError ? notJson(error.message) : error;
  }
}

/** @throws MillraceError `converter.bad_value` */
function writeSchemaless(value: unknown): string {
  try {
    return jsonText(null, value);
  } catch (error) {
    throw error instanceof MillraceError ? badValue(error.message) : error;
  }
}

function exactNumbersAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Refuses what is not UTF-8, instead of replacing it (INV-8). */
function decodeUtf8(message: Buffer, from = 0): string {
  const text = message.toString('utf8', from);
  if (text.includes('\ufffd') && !isUtf8(message)) throw notJson('the bytes are not UTF-8');
  return text;
}

function envelopeExpected(): Error {
  return badJson(
    'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields. If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.',
    'set value.converter.schemas.enable=false (or key.converter.schemas.enable=false for keys)',
  );
}
