import type { Converter } from '@millrace/connector-api';
import { jsonConverter } from '@millrace/converters';
import { jsonText } from '@millrace/record';
import { coordinatesJson } from '../errors/error-groups.ts';
import type { LetterFormat, RawHeader } from '../errors/failed-operation.ts';
import type { Redact } from '../errors/redactor.ts';
import { decodeJson } from '../stores/json-codec.ts';
import type { Pipeline } from '../tasks/pipeline.ts';
import type { StoredLetter } from './stored-letter.ts';

/** Bytes as far as they can be read; one of the three. */
export type ReadableBytes =
  | { readonly decoded: unknown }
  /** What the converter does not understand, and why. */
  | { readonly text: string; readonly problem: string }
  | { readonly base64: string; readonly problem: string };

/** A dead letter for people; names as in the JSON. */
export interface DeadLetterView {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: string;
  /** Where the record was; absent when the letter does not say. */
  readonly record?: Readonly<Record<string, unknown>>;
  readonly key: ReadableBytes | null;
  readonly value: ReadableBytes | null;
  readonly headers: readonly { readonly key: string; readonly value: ReadableBytes | null }[];
  /** Absent when the letter has no context headers. */
  readonly error?: {
    readonly fingerprint: string | null;
    readonly connector: string | null;
    readonly task: string | null;
    readonly stage: string | null;
    readonly class: string | null;
    readonly exception: { readonly class: string | null; readonly message: string | null };
    /** When one letter is shown. */
    readonly stacktrace?: string | null;
  };
  /** Failed replays so far. */
  readonly attempts: number;
  /** A replay is done with it. */
  readonly replayed: boolean;
  /** Why it can't be replayed. */
  readonly obstacle: string | null;
}

const plain = jsonConverter.create({ 'schemas.enable': 'false' }, 'value');
const withSchemas = jsonConverter.create({ 'schemas.enable': 'true' }, 'value');

export interface ViewOptions {
  /** The connector's converters, as they are now. */
  readonly pipeline: Pipeline;
  readonly redact: Redact;
  readonly isReplayed: boolean;
  readonly obstacle: string | undefined;
  readonly hasTrace: boolean;
}

export async function viewOf(letter: StoredLetter, options: ViewOptions): Promise<DeadLetterView> {
  const { record, context, fingerprint, attempts, headers, format } = letter;
  const { pipeline, redact, isReplayed, obstacle, hasTrace } = options;
  const topic = context.topic ?? '';
  const { partition, offset } = context;
  const key = await readable(converterOf(format, pipeline.key.converter), topic, record.key);
  const value = await readable(
    converterOf(format, pipeline.value.converter),
    topic,
    record.value,
    headers,
  );
  const shownHeaders = [];
  for (const header of headers)
    shownHeaders.push({
      key: header.key,
      value: await readable(pipeline.header.converter, topic, header.value),
    });
  return {
    partition: record.partition,
    offset: record.offset,
    timestamp: new Date(record.timestampMs).toISOString(),
    ...(partition === undefined || offset === undefined
      ? {}
      : { record: coordinatesJson({ topic, partition, offset }, redact) }),
    key,
    value,
    headers: shownHeaders,
    ...(context.stage === undefined
      ? {}
      : { error: errorOf(letter, fingerprint ?? null, hasTrace) }),
    attempts,
    replayed: isReplayed,
    obstacle: obstacle ?? null,
  };
}

function errorOf(
  { context }: StoredLetter,
  fingerprint: string | null,
  hasTrace: boolean,
): NonNullable<DeadLetterView['error']> {
  return {
    fingerprint,
    connector: context.connector ?? null,
    task: context.task ?? null,
    stage: context.stage ?? null,
    class: context.className ?? null,
    exception: { class: context.exceptionClass ?? null, message: context.message ?? null },
    ...(hasTrace ? { stacktrace: context.stacktrace ?? null } : {}),
  };
}

/** A source's letters are mostly not in its converter's format yet. */
function converterOf(format: LetterFormat | undefined, own: Converter): Converter {
  switch (format) {
    case 'json':
    case 'text':
      return plain;
    case 'schema-json':
      return withSchemas;
    case 'bytes':
    case undefined:
      return own;
  }
}

async function readable(
  converter: Converter,
  topic: string,
  bytes: Uint8Array | null,
  headers: readonly RawHeader[] = [],
): Promise<ReadableBytes | null> {
  if (bytes === null) return null;
  try {
    for (
      let missing = converter.prepareToConnect?.(topic, bytes, headers);
      missing !== undefined;
      missing = converter.prepareToConnect?.(topic, bytes, headers)
    )
      await missing;
    const { schema, value } = converter.toConnect(topic, bytes, headers);
    return { decoded: decodeJson(Buffer.from(jsonText(schema, value))) };
  } catch (error) {
    return { ...rawOf(bytes), problem: error instanceof Error ? error.message : String(error) };
  }
}

function rawOf(bytes: Uint8Array): { readonly text: string } | { readonly base64: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') };
  }
}
