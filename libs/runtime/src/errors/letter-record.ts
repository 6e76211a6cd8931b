import { MillraceError } from '@millrace/foundation';
import type { ProducerRecord } from '@millrace/kafka-client';
import { traceOf, type FailedOperation, type RawHeader, type Stage } from './failed-operation.ts';
import { exceptionClassOf } from './fingerprint.ts';
import type { Redact } from './redactor.ts';

/** Connect's, of `errors.deadletterqueue.context.headers.enable`. */
export const CONTEXT_HEADER = '__connect.errors.';
/** Ours, beside them. */
export const OWN_HEADER = '__millrace.errors.';
/** How often a replay of the record has failed. */
export const ATTEMPTS_HEADER = `${OWN_HEADER}attempts`;
/** What the bytes of a source's letter are: see `LetterFormat`. */
export const FORMAT_HEADER = `${OWN_HEADER}format`;

export interface LetterOrigin {
  /** Of the dead letters. */
  readonly topic: string;
  readonly hasContextHeaders: boolean;
  readonly connector: string;
  readonly task: number;
  /** Applied to what errors say: no secrets in headers. */
  readonly redact: Redact;
}

/** A failed record as it goes to the dead letters: as it was, and why it failed. */
export function letterRecordOf(origin: LetterOrigin, failed: FailedOperation): ProducerRecord {
  const { letter } = failed;
  return {
    topic: origin.topic,
    partition: null,
    key: letter.key,
    value: letter.value,
    timestampMs: letter.timestampMs,
    headers: [
      ...letter.headers,
      ...(origin.hasContextHeaders ? contextHeaders(origin, failed) : []),
      ...(origin.hasContextHeaders && letter.format !== undefined
        ? [header(FORMAT_HEADER, letter.format)]
        : []),
      ...(letter.attempts === undefined ? [] : [header(ATTEMPTS_HEADER, String(letter.attempts))]),
    ],
  };
}

function contextHeaders(
  { connector, task, redact }: LetterOrigin,
  { stage, className, error, letter }: FailedOperation,
): readonly RawHeader[] {
  const message = error instanceof Error ? error.message : String(error);
  const entries = {
    // A record that named none is no reason to lose its letter.
    topic: letter.topic === '' ? null : letter.topic,
    partition: letter.partition,
    offset: letter.offset,
    'connector.name': connector,
    'task.id': String(task),
    stage,
    'class.name': className,
    'exception.class.name': exceptionClassOf(error, stage),
    'exception.message': redact(message),
    'exception.stacktrace': redact(javaTraceOf(error, stage)),
  };
  return Object.entries(entries).map(([name, value]) => header(`${CONTEXT_HEADER}${name}`, value));
}

/** Begins as Java's do, with the class; our code comes behind. */
function javaTraceOf(error: unknown, stage: Stage): string {
  const trace = traceOf(error);
  if (!(error instanceof MillraceError)) return trace;
  const { code } = error;
  const rest = trace.slice(`${code}: ${error.message}`.length);
  return `${exceptionClassOf(error, stage)}: ${error.message}\n  code: ${code}${rest}`;
}

function header(key: string, value: string | null): RawHeader {
  return { key, value: value === null ? null : Buffer.from(value) };
}
