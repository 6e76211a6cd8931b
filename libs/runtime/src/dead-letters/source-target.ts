import { jsonConverter } from '@millrace/converters';
import type { ProducerRecord } from '@millrace/kafka-client';
import type { OffsetValue, SourceOffset, SourceRecord } from '@millrace/record';
import { closePipeline, listOfOutcome, type Pipeline } from '../tasks/pipeline.ts';
import { SourceConversion } from '../tasks/source-conversion.ts';
import { decodeJson, isObject } from '../stores/json-codec.ts';
import { againFailed, type LetterOutcome, type ReplayTarget } from './replay-target.ts';
import type { StoredLetter } from './stored-letter.ts';

const plain = jsonConverter.create({ 'schemas.enable': 'false' }, 'value');
const withSchemas = jsonConverter.create({ 'schemas.enable': 'true' }, 'value');

export interface SourceTargetOptions {
  readonly pipeline: Pipeline;
  /** A topic that a record goes to, the first time. */
  readonly onTopic: (topic: string) => Promise<void>;
}

/** Records of a source enter its transforms once more, and go to their topics in the transaction of the replay. */
export class SourceTarget implements ReplayTarget {
  readonly #options: SourceTargetOptions;
  readonly #conversion: SourceConversion;
  readonly #topics = new Set<string>();

  constructor(options: SourceTargetOptions) {
    this.#options = options;
    this.#conversion = new SourceConversion(options.pipeline);
  }

  async deliver(letters: readonly StoredLetter[]): Promise<readonly LetterOutcome[]> {
    const outcomes: LetterOutcome[] = [];
    for (const letter of letters) outcomes.push(await this.#deliver(letter));
    return outcomes;
  }

  close(): void {
    closePipeline(this.#options.pipeline);
  }

  async #deliver(letter: StoredLetter): Promise<LetterOutcome> {
    let produced: readonly ProducerRecord[];
    try {
      produced =
        letter.format === 'bytes'
          ? [refusedBefore(letter)]
          : listOfOutcome(await this.#conversion.convert(this.#recordOf(letter)));
    } catch (error) {
      const { stage, className } = this.#conversion;
      return { kind: 'failed', failed: { stage, className, error, letter: againFailed(letter) } };
    }
    if (produced.length === 0) return { kind: 'dropped' };
    for (const { topic } of produced) {
      if (this.#topics.has(topic)) continue;
      await this.#options.onTopic(topic);
      this.#topics.add(topic);
    }
    return { kind: 'delivered', produced };
  }

  /** As the source gave it, before its transforms. */
  #recordOf({ record, headers, context, format }: StoredLetter): SourceRecord {
    const topic = context.topic ?? '';
    const converter = format === 'schema-json' ? withSchemas : plain;
    const key = converter.toConnect(topic, record.key);
    const value = converter.toConnect(topic, record.value);
    const { header } = this.#options.pipeline;
    return {
      topic,
      partition: null,
      keySchema: key.schema,
      key: key.value,
      valueSchema: value.schema,
      value: value.value,
      timestampMs: record.timestampMs,
      headers: headers.map(({ key: name, value: bytes }) => ({
        key: name,
        ...header.converter.toConnect(topic, bytes),
      })),
      sourcePartition: offsetOf(context.partition),
      sourceOffset: offsetOf(context.offset),
    };
  }
}

/** What the log refused is ready for it. */
function refusedBefore({ record, headers, context }: StoredLetter): ProducerRecord {
  return {
    topic: context.topic ?? '',
    partition: null,
    key: record.key,
    value: record.value,
    timestampMs: record.timestampMs,
    headers,
  };
}

function offsetOf(text: string | undefined): SourceOffset {
  const decoded = text === undefined ? {} : decodeJson(Buffer.from(text));
  if (!isObject(decoded)) return {};
  return Object.fromEntries(
    Object.entries(decoded).filter((entry): entry is [string, OffsetValue] =>
      ['string', 'number', 'bigint', 'boolean'].includes(typeof entry[1]),
    ),
  );
}

/** Why a source's letter can't be replayed; undefined when it can. */
export function sourceObstacle({ context, format }: StoredLetter): string | undefined {
  if (context.topic === undefined || format === undefined)
    return 'the letter does not say what it is: errors.deadletterqueue.context.headers.enable was not true when it was written';
  if (format === 'text')
    return 'the record has no form that can be read back; mend the source and let it read the record again';
  return undefined;
}
