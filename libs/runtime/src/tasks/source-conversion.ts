import type { ProducerRecord, RecordHeader } from '@millrace/kafka-client';
import type { SourceRecord } from '@millrace/record';
import type { Stage } from '../errors/failed-operation.ts';
import { encodeJson } from '../stores/json-codec.ts';
import { applySteps, type NamedConverter, type Pipeline } from './pipeline.ts';
import type { DeadLetter } from '../errors/failed-operation.ts';

const NO_HEADERS: readonly RecordHeader[] = [];

/** Transforms and converts records of a source. After a throw, `stage` and `className` say what failed. */
export class SourceConversion {
  readonly #pipeline: Pipeline;
  stage: Stage = 'TRANSFORMATION';
  className = '';
  /** The topic that the record was meant for when it failed. */
  topic = '';

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
  }

  /** null when a transform dropped the record. A record that no transform needs stays as lazy as it came. */
  convert(source: SourceRecord): ProducerRecord | null {
    const { steps, key, value } = this.#pipeline;
    this.topic = source.topic;
    this.stage = 'TRANSFORMATION';
    const record =
      steps.length === 0 ? source : applySteps(steps, materialised(source), this.#onStep);
    if (record === null) return null;
    const topic = record.topic;
    this.topic = topic;
    this.stage = 'HEADER_CONVERTER';
    const headers = record.headers.length === 0 ? NO_HEADERS : this.#headers(record);
    this.stage = 'KEY_CONVERTER';
    this.className = key.className;
    const keyBytes = convertKey(key, record);
    this.stage = 'VALUE_CONVERTER';
    this.className = value.className;
    return {
      topic,
      partition: record.partition,
      key: keyBytes,
      value: convertValue(value, record),
      timestampMs: record.timestampMs,
      headers,
    };
  }

  readonly #onStep = (className: string): void => {
    this.className = className;
  };

  #headers(record: SourceRecord): readonly RecordHeader[] {
    const { converter, className } = this.#pipeline.header;
    this.className = className;
    return record.headers.map(({ key, schema, value }) => ({
      key,
      value: converter.fromConnect(record.topic, schema, value),
    }));
  }
}

/** Transforms copy records by spreading, which leaves out the getters of a lazy record's class. */
function materialised(record: SourceRecord): SourceRecord {
  if (Object.getPrototypeOf(record) === Object.prototype) return record;
  const { json } = record;
  return {
    topic: record.topic,
    partition: record.partition,
    keySchema: record.keySchema,
    key: record.key,
    valueSchema: record.valueSchema,
    value: record.value,
    timestampMs: record.timestampMs,
    headers: record.headers,
    sourcePartition: record.sourcePartition,
    sourceOffset: record.sourceOffset,
    ...(json === undefined ? {} : { json }),
  };
}

function convertKey({ converter }: NamedConverter, record: SourceRecord): Uint8Array | null {
  const json = record.json?.key;
  if (json !== undefined && converter.usesJsonForm === true)
    return converter.fromConnect(record.topic, null, null, json);
  return converter.fromConnect(record.topic, record.keySchema, record.key, json);
}

function convertValue({ converter }: NamedConverter, record: SourceRecord): Uint8Array | null {
  const json = record.json?.value;
  if (json !== undefined && converter.usesJsonForm === true)
    return converter.fromConnect(record.topic, null, null, json);
  return converter.fromConnect(record.topic, record.valueSchema, record.value, json);
}

/** A source's record that could not be converted, as far as it can be shown: its JSON, or what went wrong with it. */
export function letterOfSource(record: SourceRecord, topic: string): DeadLetter {
  return {
    ...coordinatesOfSource(record, topic),
    key: bestEffort(() => record.json?.key ?? jsonOrNull(record.key)),
    value: bestEffort(() => record.json?.value ?? jsonOrNull(record.value)),
    headers: [],
    timestampMs: record.timestampMs,
  };
}

/** A converted record that the log refused. */
export function letterOfProduced(record: SourceRecord, produced: ProducerRecord): DeadLetter {
  return {
    ...coordinatesOfSource(record, produced.topic),
    key: produced.key,
    value: produced.value,
    headers: produced.headers,
    timestampMs: produced.timestampMs,
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
