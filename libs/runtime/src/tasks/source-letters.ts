import { jsonConverter } from '@millrace/converters';
import type { ProducerRecord, RecordHeader } from '@millrace/kafka-client';
import type { SourceRecord } from '@millrace/record';
import type { DeadLetter } from '../errors/failed-operation.ts';
import { encodeJson } from '../stores/json-codec.ts';

const NO_HEADERS: readonly RecordHeader[] = [];
const withSchemas = jsonConverter.create({ 'schemas.enable': 'true' }, 'value');

/**
 * A source's record that could not be converted, as it was before its transforms; what has no such form, as far as it
 * can be shown.
 */
export function letterOfSource(
  record: SourceRecord,
  topic: string,
  headers: readonly RecordHeader[] = NO_HEADERS,
): DeadLetter {
  if (record.run !== undefined) return letterOfRun(record, topic);
  const whole = wholeLetter(record, headers);
  if (whole !== undefined) return whole;
  return {
    ...coordinatesOfSource(record, topic),
    key: bestEffort(() => copyOf(record.json?.key) ?? jsonOrNull(record.key)),
    value: bestEffort(() => copyOf(record.json?.value) ?? jsonOrNull(record.value)),
    headers: [],
    timestampMs: record.timestampMs,
    format: 'text',
  };
}

/** Runs are taken where nothing is parked, and their bytes were lent: only where the record was can be told. */
function letterOfRun(record: SourceRecord, topic: string): DeadLetter {
  return {
    ...coordinatesOfSource(record, topic),
    key: null,
    value: null,
    headers: NO_HEADERS,
    timestampMs: null,
    format: 'text',
  };
}

function wholeLetter(
  record: SourceRecord,
  headers: readonly RecordHeader[],
): DeadLetter | undefined {
  const { keySchema, key, valueSchema, value } = record;
  const topic = topicOf(record);
  const hasSchema = keySchema !== null || valueSchema !== null;
  try {
    return {
      // The topic before its transforms, which are applied again when it is replayed.
      ...coordinatesOfSource(record, topic),
      key: hasSchema ? withSchemas.fromConnect(topic, keySchema, key) : jsonOrNull(key),
      value: hasSchema ? withSchemas.fromConnect(topic, valueSchema, value) : jsonOrNull(value),
      headers,
      timestampMs: record.timestampMs,
      format: hasSchema ? 'schema-json' : 'json',
    };
  } catch {
    return undefined; // A value without a JSON form, or one that does not fit its schema.
  }
}

/** '' for a record that names none, as code without types may do. */
export function topicOf(record: SourceRecord): string {
  const topic: unknown = record.topic;
  return typeof topic === 'string' ? topic : '';
}

/** A converted record that the log refused. */
export function letterOfProduced(record: SourceRecord, produced: ProducerRecord): DeadLetter {
  return {
    ...coordinatesOfSource(record, produced.topic),
    key: produced.key,
    value: produced.value,
    headers: produced.headers,
    timestampMs: produced.timestampMs,
    format: 'bytes',
  };
}

function coordinatesOfSource(
  record: SourceRecord,
  topic: string,
): Pick<DeadLetter, 'topic' | 'partition' | 'offset'> {
  return {
    topic,
    partition: Buffer.from(encodeJson(record.sourcePartition)).toString(),
    offset: Buffer.from(encodeJson(record.sourceOffset)).toString(),
  };
}

/** JSON forms are lent until the next poll; letters may wait for longer. */
function copyOf(bytes: Uint8Array | null | undefined): Uint8Array | undefined {
  return bytes === null || bytes === undefined ? undefined : Buffer.from(bytes);
}

function jsonOrNull(value: unknown): Uint8Array | null {
  return value === null || value === undefined ? null : encodeJson(value);
}

function bestEffort(show: () => Uint8Array | null): Uint8Array | null {
  try {
    return show();
  } catch (error) {
    // The letter is still worth having: its headers say where the record is in the source.
    return Buffer.from(`unreadable: ${error instanceof Error ? error.message : String(error)}`);
  }
}
