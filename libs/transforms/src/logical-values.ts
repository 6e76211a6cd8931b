import { DATE, TIME, TIMESTAMP, type Schema } from '@millrace/record';

const DAY_MS = 86_400_000;

/** Dates, times and timestamps of Connect as the number that their schema holds; anything else as it is. */
export function encodeLogical(schema: Schema, value: unknown): unknown {
  if (!(value instanceof Date)) return value;
  switch (schema.name) {
    case DATE:
      return Math.floor(value.getTime() / DAY_MS);
    case TIME:
    case TIMESTAMP:
      return value.getTime();
    default:
      return value;
  }
}
