import { MillraceError } from '@millrace/foundation';

/** Connect's names of what is done to a record; they stand in logs and dead letters. */
export type Stage =
  | 'TASK_POLL'
  | 'TASK_PUT'
  | 'TRANSFORMATION'
  | 'KEY_CONVERTER'
  | 'VALUE_CONVERTER'
  | 'HEADER_CONVERTER'
  | 'KAFKA_PRODUCE'
  | 'KAFKA_CONSUME';

export interface RawHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** What of a failed record goes to the dead letter topic, and where the record was. */
export interface DeadLetter {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RawHeader[];
  readonly timestampMs: number | null;
  /** Of the record: where a sink read it, or where a source wanted it. */
  readonly topic: string;
  /** A sink's partition and offset; for a source its own, as JSON. */
  readonly partition: string;
  readonly offset: string;
  /** Of a source's letter; a sink's is as the log held it. */
  readonly format?: LetterFormat;
  /** How often a replay of it has failed; absent before the first. */
  readonly attempts?: number;
}

/**
 * What a source's letter holds: the bytes that the log refused; the record before its transforms, as JSON without a
 * schema or in the envelope of `JsonConverter` with one; or only what can be shown of it, which can't be replayed.
 */
export type LetterFormat = 'bytes' | 'json' | 'schema-json' | 'text';

export interface FailedOperation {
  readonly stage: Stage;
  /** Class of the converter or transform, or `SinkTask`. */
  readonly className: string;
  readonly error: unknown;
  readonly letter: DeadLetter;
}

/** Where a record is, for people. */
export function coordinatesOf(letter: DeadLetter): string {
  return `topic "${letter.topic}", partition ${letter.partition}, offset ${letter.offset}`;
}

/** The code for our errors, the class for others: what tells kinds of failure apart. */
export function errorClass(error: unknown): string {
  if (error instanceof MillraceError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}

const TRACE_CHARACTERS_MAX = 16_000;

/** Message, hint, code and stacks of an error and its causes, for a status or a header. */
export function traceOf(error: unknown): string {
  const lines: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 8 && current !== undefined && current !== null; depth++) {
    const prefix = depth === 0 ? '' : 'Caused by: ';
    if (!(current instanceof Error)) {
      lines.push(`${prefix}${typeof current === 'string' ? current : JSON.stringify(current)}`);
      break;
    }
    lines.push(`${prefix}${errorClass(current)}: ${current.message}`);
    if (current instanceof MillraceError && current.hint !== undefined)
      lines.push(`  hint: ${current.hint}`);
    lines.push(...stackLines(current));
    current = current.cause;
  }
  return cutAtLine(lines.join('\n'));
}

/** Half a line could end within a secret, which nobody would know any more. */
function cutAtLine(text: string): string {
  if (text.length <= TRACE_CHARACTERS_MAX) return text;
  const end = text.lastIndexOf('\n', TRACE_CHARACTERS_MAX);
  return text.slice(0, end > 0 ? end : TRACE_CHARACTERS_MAX);
}

function stackLines(error: Error): readonly string[] {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) => `  ${line.trim()}`);
}
