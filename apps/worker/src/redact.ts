import { HIDDEN, isSecretName } from '@millrace/config';
import type { LogFields } from '@millrace/foundation';

const URL_PASSWORD = /(:\/\/[^:@/\s]+:)[^@/\s]+@/g;
const QUERY_PASSWORD = /([?&;](?:password|pwd|secret|token)=)[^&;\s"]+/gi;
/** Deeper than anything that we log. */
const DEPTH_MAX = 6;

/** A copy in which values under secret names, and passwords inside URLs, are hidden. */
export function redactSecrets(fields: LogFields): Record<string, unknown> {
  return redactEntries(fields, 0);
}

function redactEntries(object: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]: [string, unknown]) => [
      key,
      isSecretName(key) && isScalar(value) ? HIDDEN : redactValue(value, depth + 1),
    ]),
  );
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return value;
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) return value.map((item: unknown) => redactValue(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? redactEntries(value, depth) : value;
}

/** Errors as data, since their messages and contexts may quote what was given to a driver. */
function redactError(error: Error, depth: number): Record<string, unknown> {
  const own = Object.fromEntries(Object.entries(error).filter(([key]) => key !== 'cause'));
  return {
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
    ...redactEntries(own, depth),
    ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1) }),
  };
}

export function redactText(text: string): string {
  return text.replace(URL_PASSWORD, `$1${HIDDEN}@`).replace(QUERY_PASSWORD, `$1${HIDDEN}`);
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}
