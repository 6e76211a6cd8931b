import type { TablePair } from '../schema/schema-plan.ts';

/** The same tables, seen from the other end. */
export function reversedPairs(pairs: readonly TablePair[]): readonly TablePair[] {
  return pairs.map((pair) => ({
    ...pair,
    source: { ...pair.source, schema: pair.target.schema, name: pair.target.name },
    target: { schema: pair.source.schema, name: pair.source.name },
  }));
}
