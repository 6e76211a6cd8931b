import { MillraceError } from '@millrace/foundation';

/** The bytes are not JSON at all. Usually they were written by another converter. */
export function notJson(reason: string): MillraceError {
  return new MillraceError({
    code: 'converter.not_json',
    retry: 'fatal',
    message: `Converting byte[] to Kafka Connect data failed due to serialization error: ${reason}`,
    hint: 'the records are not JSON: configure the converter that they were written with',
  });
}

/** JSON of another shape than the converter's settings or the schema ask for. Usually `schemas.enable` is wrong. */
export function badJson(message: string, hint?: string): MillraceError {
  return new MillraceError({
    code: 'converter.bad_json',
    retry: 'fatal',
    message,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** A schema that can't be read or written: an unknown type, or a part that is missing. */
export function badSchema(message: string, hint?: string): MillraceError {
  return new MillraceError({
    code: 'converter.bad_schema',
    retry: 'fatal',
    message,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** A value that does not fit its schema, or that the format can't hold without changing it (INV-8). */
export function badValue(message: string, path = ''): MillraceError {
  return new MillraceError({
    code: 'converter.bad_value',
    retry: 'fatal',
    message: path === '' ? message : `${message} (at "${path}")`,
    hint: 'mend the value at its source, convert it with a transform, or skip such records with errors.tolerance=all',
  });
}

/** The bytes have another length or encoding than the converter's type. */
export function badBytes(message: string, cause?: unknown): MillraceError {
  return new MillraceError({
    code: 'converter.bad_bytes',
    retry: 'fatal',
    message,
    hint: 'check that the converter is the one that the records were written with',
    cause,
  });
}

/** A value was converted before its schema was fetched: who calls a converter calls its `prepare…` first. */
export function notPrepared(topic: string): MillraceError {
  return new MillraceError({
    code: 'converter.not_prepared',
    retry: 'fatal',
    message: `the schema of a value of topic "${topic}" was not asked for before its conversion`,
  });
}
