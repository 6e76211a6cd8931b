import { atLeast, atMost, type Differ } from './differ.ts';
import { compareUnevaluated, partial } from './compare-objects.ts';
import type { ArrayContent, JsonSchemaNode } from './model.ts';

export function compareArrays(differ: Differ, original: ArrayContent, update: ArrayContent): void {
  differ.compare(original.allItems, update.allItems, 'items');
  compareItems(differ, original, update);
  compareAdditional(differ, original, update);
  compareUnevaluated(differ, 'ITEMS', original.unevaluated, update.unevaluated);
  atMost(differ, 'maxItems', 'MAX_ITEMS', original.maxItems, update.maxItems);
  atLeast(differ, 'minItems', 'MIN_ITEMS', original.minItems, update.minItems);
  if (!original.isUnique && update.isUnique) differ.add('UNIQUE_ITEMS_ADDED', 'uniqueItems');
  atMost(differ, 'maxContains', 'MAX_CONTAINS', original.maxContains, update.maxContains);
  atLeast(differ, 'minContains', 'MIN_CONTAINS', original.minContains, update.minContains);
}

/** By position. */
function compareItems(differ: Differ, original: ArrayContent, update: ArrayContent): void {
  const length = Math.max(original.items.length, update.items.length);
  for (let index = 0; index < length; index++) {
    const from = original.items[index];
    const to = update.items[index];
    const path = `items/${index}`;
    if (from === undefined) {
      if (to !== undefined) added(differ, original, path, to);
    } else if (to === undefined) removed(differ, update, path, from);
    else differ.compare(from, to, path);
  }
}

function removed(differ: Differ, update: ArrayContent, path: string, item: JsonSchemaNode): void {
  if (isOpen(update)) return;
  const covering = coveringSchema(update);
  if (covering === undefined) {
    if (item.content.kind !== 'false') differ.add('ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL', path);
    return;
  }
  if (differ.probe(item, covering).length === 0) return;
  differ.compare(item, covering, path);
  differ.add('ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL', path);
}

function added(differ: Differ, original: ArrayContent, path: string, item: JsonSchemaNode): void {
  if (isOpen(original)) {
    if (item.content.kind !== 'empty') differ.add('ITEM_ADDED_TO_OPEN_CONTENT_MODEL', path);
    return;
  }
  const covering = coveringSchema(original);
  if (covering === undefined || differ.probe(covering, item).length === 0) return;
  differ.compare(covering, item, path);
  differ.add('ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL', path);
}

function isOpen(schema: ArrayContent): boolean {
  return (
    schema.allowsAdditional &&
    schema.additional === undefined &&
    (schema.unevaluated === undefined || schema.unevaluated.content.kind === 'empty')
  );
}

function coveringSchema(schema: ArrayContent): JsonSchemaNode | undefined {
  if (schema.additional !== undefined) return schema.additional;
  return schema.allowsAdditional ? partial(schema.unevaluated) : undefined;
}

function compareAdditional(differ: Differ, original: ArrayContent, update: ArrayContent): void {
  const path = 'additionalItems';
  if (original.allowsAdditional !== update.allowsAdditional) {
    if (!update.allowsAdditional) differ.add('ADDITIONAL_ITEMS_REMOVED', path);
  } else if (original.additional === undefined && update.additional !== undefined)
    differ.add('ADDITIONAL_ITEMS_NARROWED', path);
  else differ.compare(original.additional, update.additional, path);
}
