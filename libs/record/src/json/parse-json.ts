import { JsonCursor } from './json-cursor.ts';

/** Integers beyond 2^53, or exponents that may overflow: the built-in parser would change them. */
const MAY_LOSE_DIGITS = /(?<![\d.])\d{16}|[eE]\+?\d{3}/;
/** The same where fractions must be exact, of which a double keeps 15 digits. */
const MAY_LOSE_DECIMALS = /[\d.]{16}|\d[eE]/;

const roundingCursor = new JsonCursor(false);
const exactCursor = new JsonCursor(true);

/**
 * Parses JSON without changing numbers (INV-8): integers that are not safe become bigints. `exactDecimals` also keeps
 * fractions that a double would round, as `NumberText`. The built-in parser does the work when it can't do harm.
 * @throws MillraceError `record.not_json`
 */
export function parseJson(text: string, exactDecimals: boolean): unknown {
  if (!(exactDecimals ? MAY_LOSE_DECIMALS : MAY_LOSE_DIGITS).test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // Parsed again below: leading zeros are accepted, as Connect does, and the message names the place.
    }
  }
  const cursor = exactDecimals ? exactCursor : roundingCursor;
  try {
    return cursor.document(text);
  } finally {
    cursor.close();
  }
}
