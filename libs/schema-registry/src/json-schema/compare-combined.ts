import type { Differ } from './differ.ts';
import { fingerprint, type CombinedContent, type JsonSchemaNode } from './model.ts';

/** Several schemas of which all, any or one must hold. */
export function compareCombined(
  differ: Differ,
  original: CombinedContent,
  update: CombinedContent,
): void {
  if (!mayBecome(original, update)) {
    differ.add('COMBINED_TYPE_CHANGED');
    return;
  }
  const from = distinct(original.parts);
  const to = distinct(update.parts);
  if (from.length < to.length && update.criterion === 'allOf') differ.add('PRODUCT_TYPE_EXTENDED');
  if (from.length > to.length && original.criterion !== 'allOf') differ.add('SUM_TYPE_NARROWED');
  const readable = from.map((part) =>
    to.flatMap((other, index) => (differ.probe(part, other).length === 0 ? [index] : [])),
  );
  if (matchingSize(readable) < Math.min(from.length, to.length))
    differ.add('COMBINED_TYPE_SUBSCHEMAS_CHANGED');
}

function mayBecome(original: CombinedContent, update: CombinedContent): boolean {
  if (original.criterion === update.criterion || update.criterion === 'anyOf') return true;
  const wasSingle = original.parts.length === 1;
  const isSingle = update.parts.length === 1;
  return (
    (wasSingle && isSingle) ||
    (wasSingle && update.criterion === 'oneOf') ||
    (isSingle && original.criterion === 'allOf')
  );
}

/** What is said twice counts once. */
function distinct(parts: readonly JsonSchemaNode[]): readonly JsonSchemaNode[] {
  const byText = new Map<string, JsonSchemaNode>();
  for (const part of parts) {
    const text = fingerprint(part);
    if (!byText.has(text)) byText.set(text, part);
  }
  return [...byText.values()];
}

/** How many can be paired at most, each with another one (augmenting paths). */
function matchingSize(candidates: readonly (readonly number[])[]): number {
  const partnerOf = new Map<number, number>();
  const findPartner = (index: number, tried: Set<number>): boolean => {
    for (const candidate of candidates[index] ?? []) {
      if (tried.has(candidate)) continue;
      tried.add(candidate);
      const taken = partnerOf.get(candidate);
      if (taken !== undefined && !findPartner(taken, tried)) continue;
      partnerOf.set(candidate, index);
      return true;
    }
    return false;
  };
  return candidates.filter((_, index) => findPartner(index, new Set())).length;
}
