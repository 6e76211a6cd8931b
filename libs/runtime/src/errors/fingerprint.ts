import { createHash } from 'node:crypto';
import { MillraceError } from '@millrace/foundation';
import type { Stage } from './failed-operation.ts';

const DATA_EXCEPTION = 'org.apache.kafka.connect.errors.DataException';
const CONNECT_EXCEPTION = 'org.apache.kafka.connect.errors.ConnectException';
const RETRIABLE_EXCEPTION = 'org.apache.kafka.connect.errors.RetriableException';

/** What Kafka Connect would have thrown: tools route dead letters by it. A foreign error keeps its own name. */
export function exceptionClassOf(error: unknown, stage: Stage | undefined): string {
  if (!(error instanceof MillraceError)) return error instanceof Error ? error.name : typeof error;
  if (error.retry === 'retriable') return RETRIABLE_EXCEPTION;
  switch (stage) {
    case 'KEY_CONVERTER':
    case 'VALUE_CONVERTER':
    case 'HEADER_CONVERTER':
    case 'TRANSFORMATION':
      return DATA_EXCEPTION;
    default:
      return CONNECT_EXCEPTION;
  }
}

/** What tells kinds of failure apart; all of it stands in the headers of a dead letter too. */
export interface FailureKind {
  readonly stage: string;
  /** Of the converter, transform or task. */
  readonly className: string;
  readonly exceptionClass: string;
  /** Redacted. */
  readonly message: string;
}

const MESSAGE_CHARS_MAX = 400;

/** Equal for failures of one kind, whatever the values and positions that their messages name. */
export function fingerprintOf({ stage, className, exceptionClass, message }: FailureKind): string {
  const kind = [stage, className, exceptionClass, withoutValues(message)].join('\n');
  return createHash('sha256').update(kind).digest('hex').slice(0, 16);
}

/** Quoted text, identifiers in hexadecimal and numbers are what differs between two failures of a kind. */
function withoutValues(message: string): string {
  return message
    .slice(0, MESSAGE_CHARS_MAX)
    .replace(/"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'/g, '?')
    .replace(/\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b/gi, '?')
    .replace(/\d+/g, '#');
}
