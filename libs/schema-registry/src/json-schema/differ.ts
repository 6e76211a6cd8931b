import type { Difference, DifferenceType } from './differences.ts';
import type { JsonSchemaNode } from './model.ts';

/** Collects the differences of one pair of schemas; paths are those within the pair. */
export interface Differ {
  add(type: DifferenceType, ...path: readonly string[]): void;
  /** Compares an inner pair and takes over what it finds. */
  compare(
    original: JsonSchemaNode | undefined,
    update: JsonSchemaNode | undefined,
    ...path: readonly string[]
  ): void;
  /** The same without taking it over. */
  probe(original: JsonSchemaNode, update: JsonSchemaNode): readonly Difference[];
}

type Limit =
  'MAX_LENGTH' | 'MAXIMUM' | 'EXCLUSIVE_MAXIMUM' | 'MAX_PROPERTIES' | 'MAX_ITEMS' | 'MAX_CONTAINS';

type Floor =
  'MIN_LENGTH' | 'MINIMUM' | 'EXCLUSIVE_MINIMUM' | 'MIN_PROPERTIES' | 'MIN_ITEMS' | 'MIN_CONTAINS';

/** A limit may go up or away. */
export function atMost(
  differ: Differ,
  keyword: string,
  name: Limit,
  original: number | undefined,
  update: number | undefined,
): void {
  if (update === undefined) return;
  if (original === undefined) differ.add(`${name}_ADDED`, keyword);
  else if (update < original) differ.add(`${name}_DECREASED`, keyword);
}

/** A floor may go down or away. */
export function atLeast(
  differ: Differ,
  keyword: string,
  name: Floor,
  original: number | undefined,
  update: number | undefined,
): void {
  if (update === undefined) return;
  if (original === undefined) differ.add(`${name}_ADDED`, keyword);
  else if (update > original) differ.add(`${name}_INCREASED`, keyword);
}
