import type { Converter } from '@millrace/connector-api';
import { assert } from '@millrace/foundation';
import type { ConsumedRecord } from '@millrace/kafka-client';
import type { Header, SinkRecord } from '@millrace/record';
import type { DeadLetter, Stage } from '../errors/failed-operation.ts';
import {
  applySteps,
  isList,
  type NamedConverter,
  type Outcome,
  type Pipeline,
} from './pipeline.ts';

const NO_HEADERS: readonly Header[] = [];

/** Converts and transforms records of the log. After a throw, `stage` and `className` say what failed. */
export class SinkConversion {
  readonly #pipeline: Pipeline;
  readonly #hasToPrepare: boolean;
  /** Records in a row mostly share their headers, and then the list of them too. */
  #lastHeaders:
    | {
        readonly topic: string;
        readonly raw: ConsumedRecord['headers'];
        readonly converted: readonly Header[];
      }
    | undefined;
  stage: Stage = 'KEY_CONVERTER';
  className = '';

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
    this.#hasToPrepare = [pipeline.header, pipeline.key, pipeline.value].some(
      ({ converter }) => converter.prepareToConnect !== undefined,
    );
  }

  /** A promise only while a converter fetches something first. */
  convert(consumed: ConsumedRecord): Outcome<SinkRecord> | Promise<Outcome<SinkRecord>> {
    if (this.#hasToPrepare) {
      const preparation = this.#prepare(consumed);
      if (preparation !== undefined) return preparation.then(() => this.#fromBytes(consumed));
    }
    return this.#fromBytes(consumed);
  }

  /** What the converters have to fetch, one after another; undefined when nothing is missing. */
  #prepare(consumed: ConsumedRecord): Promise<void> | undefined {
    const { header, key, value } = this.#pipeline;
    const { topic, headers } = consumed;
    let preparation = this.#staged('KEY_CONVERTER', key, (converter) =>
      converter.prepareToConnect?.(topic, consumed.key, headers),
    );
    preparation ??= this.#staged('VALUE_CONVERTER', value, (converter) =>
      converter.prepareToConnect?.(topic, consumed.value, headers),
    );
    if (header.converter.prepareToConnect !== undefined)
      for (const { value: bytes } of headers)
        preparation ??= this.#staged('HEADER_CONVERTER', header, (converter) =>
          converter.prepareToConnect?.(topic, bytes),
        );
    // Whatever was missing is there afterwards; something else may be missing still.
    return preparation?.then(() => this.#prepare(consumed));
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

  #fromBytes(consumed: ConsumedRecord): Outcome<SinkRecord> {
    const { key, value, steps } = this.#pipeline;
    const { topic, partition, offset } = consumed;
    this.stage = 'KEY_CONVERTER';
    this.className = key.className;
    const keyed = key.converter.toConnect(topic, consumed.key, consumed.headers);
    this.stage = 'VALUE_CONVERTER';
    this.className = value.className;
    const valued = value.converter.toConnect(topic, consumed.value, consumed.headers);
    this.stage = 'HEADER_CONVERTER';
    const headers = consumed.headers.length === 0 ? NO_HEADERS : this.#headers(consumed);
    const record: SinkRecord = {
      topic,
      partition,
      keySchema: keyed.schema,
      key: keyed.value,
      valueSchema: valued.schema,
      value: valued.value,
      timestampMs: consumed.timestampType === 'none' ? null : consumed.timestampMs,
      headers,
      offset,
      timestampType: consumed.timestampType,
      originalTopic: topic,
      originalPartition: partition,
      originalOffset: offset,
      raw: consumed,
    };
    if (steps.length === 0) return record;
    this.stage = 'TRANSFORMATION';
    return applySteps(steps, record, this.#onStep);
  }

  /** @throws what the header converter says of them */
  checkHeaders(consumed: ConsumedRecord): void {
    if (consumed.headers.length > 0) this.#headers(consumed);
  }

  /** What no converter has to fetch anything for. */
  convertAtOnce(consumed: ConsumedRecord): SinkRecord {
    const outcome = this.#fromBytes(consumed);
    assert(
      !this.#hasToPrepare && outcome !== null && !isList(outcome),
      'nothing stands between the log and the task but converters',
    );
    return outcome;
  }

  readonly #onStep = (className: string): void => {
    this.className = className;
  };

  #headers({ topic, headers }: ConsumedRecord): readonly Header[] {
    const last = this.#lastHeaders;
    if (last?.raw === headers && last.topic === topic) return last.converted;
    const { converter, className } = this.#pipeline.header;
    this.className = className;
    const converted = headers.map(({ key, value: bytes }) => {
      const { schema, value } = converter.toConnect(topic, bytes);
      return { key, schema, value };
    });
    this.#lastHeaders = { topic, raw: headers, converted };
    return converted;
  }
}

/** The record as the log holds it. */
export function letterOfConsumed(consumed: ConsumedRecord): DeadLetter {
  return {
    key: consumed.key,
    value: consumed.value,
    headers: consumed.headers,
    timestampMs: consumed.timestampMs < 0 ? null : consumed.timestampMs,
    topic: consumed.topic,
    partition: String(consumed.partition),
    offset: String(consumed.offset),
  };
}

/** The same of a record that was given to the task. */
export function letterOfSink(record: SinkRecord): DeadLetter {
  return {
    key: record.raw.key,
    value: record.raw.value,
    headers: record.raw.headers,
    timestampMs: record.timestampMs,
    topic: record.originalTopic,
    partition: String(record.originalPartition),
    offset: String(record.originalOffset),
  };
}
