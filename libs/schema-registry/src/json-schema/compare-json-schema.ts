import { compareArrays } from './compare-arrays.ts';
import { compareCombined } from './compare-combined.ts';
import { compareObjects } from './compare-objects.ts';
import { atLeast, atMost, type Differ } from './differ.ts';
import { LENIENT, type Difference } from './differences.ts';
import type { JsonSchemaNode, NumberContent, StringContent } from './model.ts';

/** A comparison that needs more steps is given up, as incompatible: combined types may multiply (INV-6). */
const STEPS_MAX = 200_000;

/** Why data of `original` may be none of `update`; empty when all of it is. */
export function compareJsonSchemas(
  original: JsonSchemaNode,
  update: JsonSchemaNode,
  isLenient: boolean,
): readonly Difference[] {
  // A pair that is met within itself is taken for compatible. When it turns out not to be, all is compared again
  // knowing that; what is known only grows, so that this ends.
  let known: PairMap = new Map();
  for (;;) {
    const comparison = new Comparison(known, isLenient);
    const differences = comparison.pair(original, update);
    const incompatible = comparison.incompatible();
    if (!comparison.assumed || sizeOf(incompatible) === sizeOf(known)) return differences;
    known = incompatible;
  }
}

type PairMap = Map<JsonSchemaNode, Map<JsonSchemaNode, readonly Difference[]>>;

function sizeOf(pairs: PairMap): number {
  let size = 0;
  for (const inner of pairs.values()) size += inner.size;
  return size;
}

class Comparison {
  assumed = false;
  readonly #known: PairMap;
  readonly #isLenient: boolean;
  readonly #done: PairMap = new Map();
  readonly #inWork: Map<JsonSchemaNode, Set<JsonSchemaNode>> = new Map();
  #steps = 0;

  constructor(known: PairMap, isLenient: boolean) {
    this.#known = known;
    this.#isLenient = isLenient;
  }

  pair(original: JsonSchemaNode, update: JsonSchemaNode): readonly Difference[] {
    if (++this.#steps > STEPS_MAX) throw new Error('the schemas are too complex to be compared');
    const from = resolved(original);
    const to = resolved(update);
    const done = this.#done.get(from)?.get(to);
    if (done !== undefined) return done;
    const inWork = this.#inWork.get(from) ?? new Set();
    this.#inWork.set(from, inWork);
    if (inWork.has(to)) {
      const known = this.#known.get(from)?.get(to);
      if (known === undefined) this.assumed = true;
      return known ?? [];
    }
    inWork.add(to);
    const found: Difference[] = [];
    compareNodes(this.#differ(found), from, to);
    inWork.delete(to);
    const results = this.#done.get(from) ?? new Map<JsonSchemaNode, readonly Difference[]>();
    this.#done.set(from, results);
    results.set(to, found);
    return found;
  }

  incompatible(): PairMap {
    const pairs: PairMap = new Map();
    for (const [original, results] of this.#done)
      for (const [update, differences] of results) {
        if (differences.length === 0) continue;
        const inner = pairs.get(original) ?? new Map<JsonSchemaNode, readonly Difference[]>();
        pairs.set(original, inner.set(update, differences));
      }
    return pairs;
  }

  #differ(found: Difference[]): Differ {
    return {
      add: (type, ...path) => {
        if (!this.#isLenient || !LENIENT.has(type)) found.push({ type, path });
      },
      compare: (original, update, ...path) => {
        if (update === undefined) return; // allows more
        if (original === undefined) found.push({ type: 'SCHEMA_ADDED', path });
        else
          for (const { type, path: inner } of this.pair(original, update))
            found.push({ type, path: [...path, ...inner] });
      },
      probe: (original, update) => this.pair(original, update),
    };
  }
}

/** References that only lead to each other lead nowhere. */
function resolved(node: JsonSchemaNode): JsonSchemaNode {
  let current = node;
  for (let steps = 0; current.content.kind === 'reference'; steps++) {
    if (steps > 100) throw new Error(`$ref "${current.content.ref}" leads to itself`);
    current = current.content.target();
  }
  return current;
}

function compareNodes(differ: Differ, original: JsonSchemaNode, update: JsonSchemaNode): void {
  if (isCoveredByPart(differ, original, update)) return;
  const from = original.content;
  const to = update.content;
  if (from.kind !== to.kind) {
    if (from.kind === 'false' || to.kind === 'empty') return;
    const areBytes = original.connectType === 'bytes' && update.connectType === 'bytes';
    if (!areBytes) differ.add('TYPE_CHANGED');
  } else if (from.kind === 'string' && to.kind === 'string') compareStrings(differ, from, to);
  else if (from.kind === 'number' && to.kind === 'number') compareNumbers(differ, from, to);
  else if (from.kind === 'const' && to.kind === 'const') {
    if (from.value !== to.value) differ.add('ENUM_ARRAY_CHANGED', 'const');
  } else if (from.kind === 'enum' && to.kind === 'enum')
    compareEnums(differ, from.values, to.values);
  else if (from.kind === 'combined' && to.kind === 'combined') compareCombined(differ, from, to);
  else if (from.kind === 'not' && to.kind === 'not') {
    // What is forbidden may only become less.
    if (differ.probe(to.schema, from.schema).length > 0) differ.add('NOT_TYPE_EXTENDED', 'not');
  } else if (from.kind === 'object' && to.kind === 'object') compareObjects(differ, from, to);
  else if (from.kind === 'array' && to.kind === 'array') compareArrays(differ, from, to);
}

/** A schema may become one of several, or one of several that all hold may be left. */
function isCoveredByPart(
  differ: Differ,
  original: JsonSchemaNode,
  update: JsonSchemaNode,
): boolean {
  const from = original.content;
  const to = update.content;
  const isReadBy = (one: JsonSchemaNode, other: JsonSchemaNode): boolean =>
    differ.probe(one, other).length === 0;
  if (from.kind !== 'combined' && to.kind === 'combined')
    return (
      (to.parts.length === 1 || to.criterion !== 'allOf') &&
      to.parts.some((part) => isReadBy(original, part))
    );
  if (from.kind === 'combined' && to.kind !== 'combined')
    return (
      (from.parts.length === 1 || from.criterion === 'allOf') &&
      from.parts.some((part) => isReadBy(part, update))
    );
  return false;
}

function compareEnums(
  differ: Differ,
  original: readonly string[],
  update: readonly string[],
): void {
  if (original.every((value) => update.includes(value))) return;
  const isNarrowed = update.every((value) => original.includes(value));
  differ.add(isNarrowed ? 'ENUM_ARRAY_NARROWED' : 'ENUM_ARRAY_CHANGED', 'enum');
}

function compareStrings(differ: Differ, original: StringContent, update: StringContent): void {
  atMost(differ, 'maxLength', 'MAX_LENGTH', original.maxLength, update.maxLength);
  atLeast(differ, 'minLength', 'MIN_LENGTH', original.minLength, update.minLength);
  if (update.pattern === undefined) return;
  if (original.pattern === undefined) differ.add('PATTERN_ADDED', 'pattern');
  else if (original.pattern !== update.pattern) differ.add('PATTERN_CHANGED', 'pattern');
}

function compareNumbers(differ: Differ, original: NumberContent, update: NumberContent): void {
  atMost(differ, 'maximum', 'MAXIMUM', original.maximum, update.maximum);
  atLeast(differ, 'minimum', 'MINIMUM', original.minimum, update.minimum);
  const { exclusiveMaximum, exclusiveMinimum } = original;
  atMost(
    differ,
    'exclusiveMaximum',
    'EXCLUSIVE_MAXIMUM',
    exclusiveMaximum,
    update.exclusiveMaximum,
  );
  atLeast(
    differ,
    'exclusiveMinimum',
    'EXCLUSIVE_MINIMUM',
    exclusiveMinimum,
    update.exclusiveMinimum,
  );
  compareMultiples(differ, original.multipleOf, update.multipleOf);
  if (!original.isInteger && update.isInteger) differ.add('TYPE_NARROWED');
}

function compareMultiples(
  differ: Differ,
  original: number | undefined,
  update: number | undefined,
): void {
  if (update === undefined || original === update) return;
  if (original === undefined) differ.add('MULTIPLE_OF_ADDED', 'multipleOf');
  else if (isMultiple(update, original)) differ.add('MULTIPLE_OF_EXPANDED', 'multipleOf');
  else if (!isMultiple(original, update)) differ.add('MULTIPLE_OF_CHANGED', 'multipleOf');
}

/** Decimals are not exact in binary: 0.3 is a multiple of 0.1. */
function isMultiple(value: number, of: number): boolean {
  if (of === 0) return false;
  const ratio = value / of;
  return Math.abs(ratio - Math.round(ratio)) < 1e-9;
}
