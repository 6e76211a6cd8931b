import type { Converter, JsonFrame } from '@millrace/connector-api';
import { must } from '@millrace/foundation';
import type {
  ProducerRecord,
  ProducerRun,
  RecordHeader,
  WritableRun,
} from '@millrace/kafka-client';
import type { Header, InPlaceRun, JsonForm, RecordRun, SourceRecord } from '@millrace/record';
import type { Stage } from '../errors/failed-operation.ts';
import { recordWithoutTopic } from '../errors.ts';
import { PRODUCE_CLASS } from './source-delivery.ts';
import { letterOfSource, topicOf } from './source-letters.ts';
import {
  applySteps,
  isList,
  type NamedConverter,
  type Outcome,
  type Pipeline,
} from './pipeline.ts';
import type { DeadLetter } from '../errors/failed-operation.ts';

const NO_HEADERS: readonly RecordHeader[] = [];

interface RunFrame {
  readonly headers: readonly RecordHeader[];
  readonly keyFrame: JsonFrame;
  readonly valueFrame: JsonFrame;
}

/** Transforms and converts records of a source. After a throw, `stage` and `className` say what failed. */
export class SourceConversion {
  readonly #pipeline: Pipeline;
  readonly #usesJsonForm: boolean;
  readonly #hasToPrepare: boolean;
  stage: Stage = 'TRANSFORMATION';
  className = '';
  /** The topic that the record was meant for when it failed. */
  topic = '';
  /** Sources give most of their records the very same headers: those of the last record with any, converted. */
  #lastHeaders: readonly Header[] = [];
  #lastHeadersTopic = '';
  #lastConverted: readonly RecordHeader[] = NO_HEADERS;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
    this.#usesJsonForm =
      pipeline.key.converter.usesJsonForm === true ||
      pipeline.value.converter.usesJsonForm === true;
    this.#hasToPrepare = [pipeline.header, pipeline.key, pipeline.value].some(
      ({ converter }) => converter.prepareFromConnect !== undefined,
    );
  }

  /** Whether JSON forms can be taken many at a time. */
  get takesRuns(): boolean {
    const { steps, key, value } = this.#pipeline;
    return (
      steps.length === 0 &&
      !this.#hasToPrepare &&
      [key, value].every(
        ({ converter }) => converter.usesJsonForm === true && converter.jsonFrame !== undefined,
      )
    );
  }

  /** The records of the run from `from` on that were rendered in one piece; null when that one has to go by itself. */
  convertRun(source: SourceRecord, run: RecordRun, from: number): ProducerRun | null {
    const { count, bytes, at, hasKeys, valueEnd } = run.render(from);
    if (count === 0) return null;
    const { keyFrame, valueFrame, headers } = this.#frameOf(source);
    return {
      topic: source.topic,
      timestampMs: null,
      headers,
      count,
      bytes,
      at,
      hasKeys,
      keyStart: keyFrame.start,
      keyEnd: keyFrame.end,
      valueStart: valueFrame.start,
      valueEnd:
        valueFrame.end.byteLength === 0 ? valueEnd : Buffer.concat([valueEnd, valueFrame.end]),
    };
  }

  /** The run as one that is written when it is sent. */
  unwritten(source: SourceRecord, run: RecordRun, inPlace: InPlaceRun): WritableRun {
    const { keyFrame, valueFrame, headers } = this.#frameOf(source);
    const { hasKeys, valueEnd } = inPlace;
    return {
      topic: source.topic,
      timestampMs: null,
      headers,
      count: run.count,
      frame: {
        hasKeys,
        keyStart: keyFrame.start,
        keyEnd: keyFrame.end,
        valueStart: valueFrame.start,
        valueEnd:
          valueFrame.end.byteLength === 0 ? valueEnd : Buffer.concat([valueEnd, valueFrame.end]),
      },
      write: (target, from) => inPlace.write(target, from),
      packed: (from) => this.convertRun(source, run, from),
    };
  }

  /** What is the same for all records of a run. */
  #frameOf(source: SourceRecord): RunFrame {
    const { key, value } = this.#pipeline;
    return {
      headers: source.headers.length === 0 ? NO_HEADERS : this.#headers(source),
      keyFrame: must(key.converter.jsonFrame?.(source.keySchema), 'runs are taken'),
      valueFrame: must(value.converter.jsonFrame?.(source.valueSchema), 'runs are taken'),
    };
  }

  /**
   * A promise only while a converter fetches something first. A record that no transform needs stays as lazy as it
   * came. Of a record that was split, all parts are converted or none.
   */
  convert(source: SourceRecord): Outcome<ProducerRecord> | Promise<Outcome<ProducerRecord>> {
    if (source.isOffsetOnly === true) return null;
    const { steps } = this.#pipeline;
    this.topic = topicOf(source);
    this.stage = 'TRANSFORMATION';
    const record =
      steps.length === 0 ? source : applySteps(steps, materialised(source), this.#onStep);
    if (record === null) return null;
    return isList(record) ? this.#convertAll(record) : this.#convertOne(record);
  }

  #convertOne(record: SourceRecord): ProducerRecord | Promise<ProducerRecord> {
    this.#enter(record);
    if (this.#hasToPrepare) {
      const preparation = this.#prepare(record);
      if (preparation !== undefined) return preparation.then(() => this.#toBytes(record));
    }
    return this.#toBytes(record);
  }

  #convertAll(
    records: readonly SourceRecord[],
  ): readonly ProducerRecord[] | Promise<readonly ProducerRecord[]> {
    if (this.#hasToPrepare) return this.#convertInTurn(records);
    return records.map((record) => {
      this.#enter(record);
      return this.#toBytes(record);
    });
  }

  /** @throws MillraceError when the record is meant for no topic */
  #enter(record: SourceRecord): void {
    const topic = topicOf(record);
    if (topic === '') {
      this.stage = 'KAFKA_PRODUCE';
      this.className = PRODUCE_CLASS;
      throw recordWithoutTopic();
    }
    this.topic = topic;
  }

  async #convertInTurn(records: readonly SourceRecord[]): Promise<readonly ProducerRecord[]> {
    const converted: ProducerRecord[] = [];
    for (const record of records) converted.push(await this.#convertOne(record));
    return converted;
  }

  /** What the converters have to fetch, one after another; undefined when nothing is missing. */
  #prepare(record: SourceRecord): Promise<void> | undefined {
    const { header, key, value } = this.#pipeline;
    const { topic } = record;
    let preparation: Promise<void> | undefined;
    if (header.converter.prepareFromConnect !== undefined)
      for (const { schema, value: each } of record.headers)
        preparation ??= this.#staged('HEADER_CONVERTER', header, (converter) =>
          converter.prepareFromConnect?.(topic, schema, each),
        );
    preparation ??= this.#staged('KEY_CONVERTER', key, (converter) =>
      converter.prepareFromConnect?.(topic, record.keySchema, record.key),
    );
    preparation ??= this.#staged('VALUE_CONVERTER', value, (converter) =>
      converter.prepareFromConnect?.(topic, record.valueSchema, record.value),
    );
    // Whatever was missing is there afterwards; something else may be missing still.
    return preparation?.then(() => this.#prepare(record));
  }

  #staged<T>(
    stage: Stage,
    { converter, className }: NamedConverter,
    call: (converter: Converter) => T,
  ): T {
    this.stage = stage;
    this.className = className;
    return call(converter);
  }

  #toBytes(record: SourceRecord): ProducerRecord {
    const { key, value } = this.#pipeline;
    const { topic } = record;
    this.stage = 'HEADER_CONVERTER';
    const headers = record.headers.length === 0 ? NO_HEADERS : this.#headers(record);
    this.stage = 'KEY_CONVERTER';
    this.className = key.className;
    // Rendered by the source when it is asked for, so once a record and only for who uses it.
    const json = this.#usesJsonForm ? record.json : undefined;
    const keyBytes = convertKey(key.converter, record, json);
    this.stage = 'VALUE_CONVERTER';
    this.className = value.className;
    return {
      topic,
      partition: record.partition,
      key: keyBytes,
      value: convertValue(value.converter, record, json),
      timestampMs: record.timestampMs,
      headers,
    };
  }

  /** The record for the dead letters, with as much of its headers as can be converted. */
  letterOf(source: SourceRecord): DeadLetter {
    const { topic } = this;
    try {
      return letterOfSource(
        source,
        topic,
        source.headers.length === 0 ? [] : this.#headers(source),
      );
    } catch {
      return letterOfSource(source, topic); // Its headers are what failed.
    }
  }

  readonly #onStep = (className: string): void => {
    this.className = className;
  };

  #headers(record: SourceRecord): readonly RecordHeader[] {
    const { converter, className } = this.#pipeline.header;
    this.className = className;
    const { headers, topic } = record;
    if (headers === this.#lastHeaders && topic === this.#lastHeadersTopic)
      return this.#lastConverted;
    const converted: RecordHeader[] = [];
    for (const [index, header] of headers.entries()) {
      const { key, schema, value } = header;
      const known = this.#lastConverted[index];
      converted.push(
        known !== undefined &&
          topic === this.#lastHeadersTopic &&
          isSameHeader(header, this.#lastHeaders[index])
          ? known
          : { key, value: converter.fromConnect(topic, schema, value) },
      );
    }
    this.#lastHeaders = headers;
    this.#lastHeadersTopic = topic;
    this.#lastConverted = converted;
    return converted;
  }
}

/** Objects may have changed in between, unless the whole header is the same one. */
function isSameHeader(header: Header, last: Header | undefined): boolean {
  if (header === last) return true;
  const { key, schema, value } = header;
  return (
    key === last?.key &&
    schema === last.schema &&
    Object.is(value, last.value) &&
    typeof value !== 'object'
  );
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

function convertKey(
  converter: Converter,
  record: SourceRecord,
  json: JsonForm | undefined,
): Uint8Array | null {
  const { topic, keySchema } = record;
  if (json?.key !== undefined && converter.usesJsonForm === true)
    return converter.fromConnect(topic, keySchema, null, json.key);
  return converter.fromConnect(topic, keySchema, record.key);
}

function convertValue(
  converter: Converter,
  record: SourceRecord,
  json: JsonForm | undefined,
): Uint8Array | null {
  const { topic, valueSchema } = record;
  if (json?.value !== undefined && converter.usesJsonForm === true)
    return converter.fromConnect(topic, valueSchema, null, json.value);
  return converter.fromConnect(topic, valueSchema, record.value);
}
