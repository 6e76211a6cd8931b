import { createContext, Script } from 'node:vm';
import { wholeRegex } from '@millrace/config';

/**
 * Kafka matches with RE2, which never takes long. A JavaScript pattern may: beyond this it counts as
 * invalid, so that no client can stop the loop.
 */
const MATCH_MS_MAX = 100;

const FILTER = new Script('texts.filter((text) => pattern.test(text))');

/** The texts that a client's pattern matches as a whole; undefined for a pattern that can't be used. */
export function filterByPattern(
  pattern: string,
  texts: readonly string[],
): ReadonlySet<string> | undefined {
  try {
    const context = createContext({ texts, pattern: wholeRegex(pattern) });
    const found: unknown = FILTER.runInContext(context, { timeout: MATCH_MS_MAX });
    return new Set(Array.isArray(found) ? found.map(String) : []);
  } catch {
    return undefined; // no pattern, or one that takes too long
  }
}
