import type { LogFields, Logger } from '@millrace/foundation';
import { HIDDEN, placeholderValues, type Fields } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';

/** Shorter values would hide half of every message, and protect nothing. */
const SECRET_LENGTH_MIN = 4;
const SECRET_KEY = /password|secret|credential|token|jaas|private\.key|keystore\.key|user\.info/i;

export type Redact = (text: string) => string;

/**
 * Hides the values of password fields, of other keys that look like secrets, and what came from a config provider,
 * wherever they turn up. `template` is the configuration before its placeholders were replaced.
 */
export function redactorOf(
  config: ComponentConfig,
  fields: Fields,
  template: ComponentConfig = config,
): Redact {
  const secrets = Object.entries(config)
    .flatMap(([key, value]) => [
      ...(isSecret(key, fields) ? [value] : []),
      ...placeholderValues(template[key] ?? value, value),
    ])
    .filter((value) => value.length >= SECRET_LENGTH_MIN && value !== HIDDEN);
  if (secrets.length === 0) return (text) => text;
  return (text) => {
    let redacted = text;
    for (const secret of secrets) redacted = redacted.replaceAll(secret, HIDDEN);
    return redacted;
  };
}

/** Dots decide for keys that nobody declared: `database.pasword` is caught by its likeness elsewhere. */
export function isSecret(key: string, fields: Fields): boolean {
  const field = fields[key];
  return field === undefined ? SECRET_KEY.test(key) : field.type === 'PASSWORD';
}

/** A logger whose texts and errors are redacted. */
export function redactingLogger(log: Logger, redact: Redact): Logger {
  const clean = (fields: LogFields): LogFields =>
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, cleanValue(value, redact)]),
    );
  return {
    error: (fields, message) => log.error(clean(fields), message),
    warn: (fields, message) => log.warn(clean(fields), message),
    info: (fields, message) => log.info(clean(fields), message),
    debug: (fields, message) => log.debug(clean(fields), message),
    child: (fields) => redactingLogger(log.child(clean(fields)), redact),
  };
}

function cleanValue(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (!(value instanceof Error)) return value;
  if (redact(errorText(value)) === errorText(value)) return value;
  const copy = new Error(redact(value.message), { cause: cleanValue(value.cause, redact) });
  copy.name = value.name;
  copy.stack = redact(value.stack ?? '');
  return copy;
}

function errorText(error: Error): string {
  const own = `${error.message}\n${error.stack ?? ''}`;
  return error.cause instanceof Error ? `${own}\n${errorText(error.cause)}` : own;
}
