import { HIDDEN } from '@millrace/config';
import type { LogFields, Logger } from '@millrace/foundation';
import type { Redact } from './redactor.ts';

/** Deeper than anything that we log; what is below is not written. */
const DEPTH_MAX = 8;

/** A logger whose texts, names, messages and errors are redacted, however deep they stand. */
export function redactingLogger(log: Logger, redact: Redact): Logger {
  const clean = (fields: LogFields): LogFields => cleanEntries(fields, redact, 0);
  return {
    error: (fields, message) => log.error(clean(fields), redact(message)),
    warn: (fields, message) => log.warn(clean(fields), redact(message)),
    info: (fields, message) => log.info(clean(fields), redact(message)),
    debug: (fields, message) => log.debug(clean(fields), redact(message)),
    child: (fields) => redactingLogger(log.child(clean(fields)), redact),
  };
}

function cleanEntries(fields: object, redact: Redact, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      redact(key),
      cleanValue(value, redact, depth + 1),
    ]),
  );
}

function cleanValue(value: unknown, redact: Redact, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEPTH_MAX) return HIDDEN;
  if (value instanceof Error) return cleanError(value, redact, depth);
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, redact, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return cleanValue((value.toJSON as () => unknown)(), redact, depth + 1);
  return cleanEntries(value, redact, depth);
}

function cleanError(error: Error, redact: Redact, depth: number): Error {
  const { cause, message, stack = '', name } = error;
  const copy = new Error(
    redact(message),
    cause === undefined ? undefined : { cause: cleanValue(cause, redact, depth + 1) },
  );
  const own = Object.entries(error).filter(([key]) => !['cause', 'name'].includes(key));
  Object.assign(copy, cleanEntries(Object.fromEntries(own), redact, depth));
  copy.name = redact(name);
  copy.stack = redact(stack);
  return copy;
}
