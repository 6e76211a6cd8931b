import type {
  Converter,
  LogRecord,
  SinkConnector,
  SinkRun,
  SinkTask,
} from '@millrace/connector-api';
import { jsonConverter } from '@millrace/converters';
import { must } from '@millrace/foundation';
import type { Schema, SinkRecord } from '@millrace/record';
import { sinkContext } from './sink-context.ts';

const never = new AbortController().signal;

/** A record as it is written to the log; bytes stand for themselves. */
export interface LogDraft {
  readonly topic?: string;
  readonly key?: unknown;
  readonly keySchema?: Schema | null;
  readonly value?: unknown;
  readonly valueSchema?: Schema | null;
  readonly headers?: LogRecord['headers'];
}

/** JSON converters, and records of the log that were made by them. */
export class JsonLog {
  readonly #key: Converter;
  readonly #value: Converter;
  #offset = 0;

  constructor(hasSchemas: boolean) {
    const config = { 'schemas.enable': String(hasSchemas) };
    this.#key = jsonConverter.create(config, 'key');
    this.#value = jsonConverter.create(config, 'value');
  }

  record({ topic = 'shop.public.items', headers = [], ...draft }: LogDraft): LogRecord {
    return {
      topic,
      partition: 0,
      offset: this.#offset++,
      key: bytesOf(this.#key, topic, draft.keySchema ?? null, draft.key),
      value: bytesOf(this.#value, topic, draft.valueSchema ?? null, draft.value),
      headers,
    };
  }

  run(records: readonly LogRecord[]): SinkRun {
    return {
      records,
      keys: must(this.#key.jsonReading, 'JSON is read as JSON'),
      values: must(this.#value.jsonReading, 'JSON is read as JSON'),
      record: (index) => this.#converted(must(records[index], 'a record of the run')),
    };
  }

  #converted(raw: LogRecord): SinkRecord {
    const { topic, partition, offset, headers } = raw;
    const key = this.#key.toConnect(topic, raw.key);
    const value = this.#value.toConnect(topic, raw.value);
    return {
      topic,
      partition,
      offset,
      keySchema: key.schema,
      key: key.value,
      valueSchema: value.schema,
      value: value.value,
      timestampMs: 0,
      headers: headers.map((header) => ({
        key: header.key,
        schema: null,
        value: header.value === null ? null : Buffer.from(header.value).toString(),
      })),
      timestampType: 'create',
      originalTopic: topic,
      originalPartition: partition,
      originalOffset: offset,
      raw,
    };
  }
}

function bytesOf(
  converter: Converter,
  topic: string,
  schema: Schema | null,
  value: unknown,
): Uint8Array | null {
  return value instanceof Uint8Array ? value : converter.fromConnect(topic, schema, value ?? null);
}

export interface Delivery {
  /** Whether the run was taken as such. */
  readonly isTaken: boolean;
  /** Codes and places of the records that were refused. */
  readonly slow: readonly string[];
  readonly fast: readonly string[];
}

/** The same sink twice: one is put records, the other is offered runs first, as the runtime does. */
export class TwoLanes implements AsyncDisposable {
  readonly #slow: SinkTask;
  readonly #fast: SinkTask;

  private constructor(slow: SinkTask, fast: SinkTask) {
    this.#slow = slow;
    this.#fast = fast;
  }

  static async open(
    connector: SinkConnector,
    slowConfig: Readonly<Record<string, string>>,
    fastConfig: Readonly<Record<string, string>>,
  ): Promise<TwoLanes> {
    const lanes = new TwoLanes(connector.createTask(), connector.createTask());
    await lanes.#slow.start({ ...sinkContext(slowConfig), connector: 'slow' }, never);
    await lanes.#fast.start({ ...sinkContext(fastConfig), connector: 'fast' }, never);
    return lanes;
  }

  async put(run: SinkRun): Promise<Delivery> {
    const slow = await putOne(this.#slow, run);
    const isTaken = (await this.#fast.putRun?.(run, never)) === true;
    return { isTaken, slow, fast: isTaken ? [] : await putOne(this.#fast, run) };
  }

  get fast(): SinkTask {
    return this.#fast;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#slow.stop();
    await this.#fast.stop();
  }
}

/** What can't be converted is reported by the runtime, and is not put. */
async function putOne(task: SinkTask, run: SinkRun): Promise<string[]> {
  const refused: string[] = [];
  const batch: SinkRecord[] = [];
  for (let index = 0; index < run.records.length; index++)
    try {
      batch.push(run.record(index));
    } catch {
      refused.push(`${index} not converted`);
    }
  for (const { index, error } of await task.put(batch, never))
    refused.push(`${batch[index]?.offset} ${error.code}`);
  return refused;
}
