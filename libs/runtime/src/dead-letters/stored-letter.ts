import type { ConsumedRecord } from '@millrace/kafka-client';
import type { LetterFormat, RawHeader } from '../errors/failed-operation.ts';
import { fingerprintOf } from '../errors/fingerprint.ts';
import {
  ATTEMPTS_HEADER,
  CONTEXT_HEADER,
  FORMAT_HEADER,
  OWN_HEADER,
} from '../errors/letter-record.ts';

/** What the context headers say; undefined what they don't. */
export interface LetterContext {
  /** Where the record was: a sink's partition and offset, a source's own as JSON. */
  readonly topic: string | undefined;
  readonly partition: string | undefined;
  readonly offset: string | undefined;
  readonly connector: string | undefined;
  readonly task: string | undefined;
  readonly stage: string | undefined;
  readonly className: string | undefined;
  readonly exceptionClass: string | undefined;
  readonly message: string | undefined;
  readonly stacktrace: string | undefined;
}

/** A dead letter as the topic holds it, whoever wrote it: Kafka Connect's have the same headers. */
export interface StoredLetter {
  readonly record: ConsumedRecord;
  /** Those that the record itself had. */
  readonly headers: readonly RawHeader[];
  readonly context: LetterContext;
  /** That of its group of errors; undefined when the letter does not say why it failed. */
  readonly fingerprint: string | undefined;
  readonly format: LetterFormat | undefined;
  /** How often a replay of it has failed. */
  readonly attempts: number;
}

export function readLetter(record: ConsumedRecord): StoredLetter {
  const [headers, ours] = splitHeaders(record.headers);
  const text = (key: string): string | undefined => {
    const value = ours.findLast((header) => header.key === key)?.value;
    return value === undefined || value === null ? undefined : Buffer.from(value).toString();
  };
  const said = (name: string): string | undefined => text(`${CONTEXT_HEADER}${name}`);
  const context: LetterContext = {
    topic: said('topic'),
    partition: said('partition'),
    offset: said('offset'),
    connector: said('connector.name'),
    task: said('task.id'),
    stage: said('stage'),
    className: said('class.name'),
    exceptionClass: said('exception.class.name'),
    message: said('exception.message'),
    stacktrace: said('exception.stacktrace'),
  };
  const attempts = Number(text(ATTEMPTS_HEADER) ?? 0);
  return {
    record,
    headers,
    context,
    fingerprint: fingerprintOfContext(context),
    format: formatOf(text(FORMAT_HEADER)),
    attempts: Number.isSafeInteger(attempts) ? attempts : 0,
  };
}

/**
 * Whoever sets a record aside adds the context behind the record's own headers, of which some may look the same: a
 * record of a topic of dead letters failed again.
 */
function splitHeaders(
  headers: readonly RawHeader[],
): readonly [readonly RawHeader[], readonly RawHeader[]] {
  const start = headers.findLastIndex(({ key }) => key === `${CONTEXT_HEADER}topic`);
  const isContext = ({ key }: RawHeader, index: number): boolean =>
    key.startsWith(OWN_HEADER) || (start >= 0 && index >= start && key.startsWith(CONTEXT_HEADER));
  return [
    headers.filter((each, index) => !isContext(each, index)),
    headers.filter((each, index) => isContext(each, index)),
  ];
}

function fingerprintOfContext(context: LetterContext): string | undefined {
  const { stage, className, exceptionClass, message } = context;
  if (stage === undefined || exceptionClass === undefined) return undefined;
  return fingerprintOf({
    stage,
    className: className ?? '',
    exceptionClass,
    message: message ?? '',
  });
}

const FORMATS: readonly LetterFormat[] = ['bytes', 'json', 'schema-json', 'text'];

function formatOf(text: string | undefined): LetterFormat | undefined {
  return FORMATS.find((format) => format === text);
}
