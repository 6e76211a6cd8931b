import { atLeast, atMost, type Differ } from './differ.ts';
import type { JsonSchemaNode, ObjectContent } from './model.ts';

export function compareObjects(
  differ: Differ,
  original: ObjectContent,
  update: ObjectContent,
): void {
  compareRequired(differ, original, update);
  compareProperties(differ, original, update);
  compareDependencies(differ, original, update);
  compareAdditional(differ, original, update);
  compareUnevaluated(differ, 'PROPERTIES', original.unevaluated, update.unevaluated);
  atMost(differ, 'maxProperties', 'MAX_PROPERTIES', original.maxProperties, update.maxProperties);
  atLeast(differ, 'minProperties', 'MIN_PROPERTIES', original.minProperties, update.minProperties);
}

function compareRequired(differ: Differ, original: ObjectContent, update: ObjectContent): void {
  for (const name of original.properties.keys()) {
    const property = update.properties.get(name);
    if (property === undefined || original.required.has(name) || !update.required.has(name))
      continue;
    if (property.default === undefined) differ.add('REQUIRED_ATTRIBUTE_ADDED', 'required', name);
  }
}

function compareProperties(differ: Differ, original: ObjectContent, update: ObjectContent): void {
  for (const name of new Set([...original.properties.keys(), ...update.properties.keys()])) {
    const from = original.properties.get(name);
    const to = update.properties.get(name);
    if (from === undefined) {
      if (to !== undefined) added(differ, original, update, name, to);
    } else if (to === undefined) removed(differ, update, name, from);
    else differ.compare(from, to, 'properties', name);
  }
}

function removed(
  differ: Differ,
  update: ObjectContent,
  name: string,
  property: JsonSchemaNode,
): void {
  if (isOpen(update)) return;
  const covering = coveringSchema(update, name);
  if (covering === undefined) {
    if (property.content.kind !== 'false')
      differ.add('PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL', 'properties', name);
    return;
  }
  if (differ.probe(property, covering).length === 0) return;
  differ.compare(property, covering, 'properties', name);
  differ.add('PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL', 'properties', name);
}

function added(
  differ: Differ,
  original: ObjectContent,
  update: ObjectContent,
  name: string,
  property: JsonSchemaNode,
): void {
  const isRequired = update.required.has(name);
  const hasDefault = property.default !== undefined;
  if (isOpen(original)) {
    if (property.content.kind === 'empty') return;
    const type = !isRequired
      ? 'OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL'
      : hasDefault
        ? 'REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL'
        : 'REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL';
    differ.add(type, 'properties', name);
    return;
  }
  const covering = coveringSchema(original, name);
  if (covering !== undefined && differ.probe(covering, property).length > 0) {
    differ.compare(covering, property, 'properties', name);
    differ.add('PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL', 'properties', name);
  }
  if (isRequired && !hasDefault)
    differ.add('REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL', 'properties', name);
}

/** Whether properties that are not named may be anything. */
function isOpen(schema: ObjectContent): boolean {
  return (
    schema.allowsAdditional &&
    schema.additional === undefined &&
    schema.patternProperties.length === 0 &&
    (schema.unevaluated === undefined || schema.unevaluated.content.kind === 'empty')
  );
}

/** What a property that is not named must be. */
function coveringSchema(schema: ObjectContent, name: string): JsonSchemaNode | undefined {
  const pattern = schema.patternProperties.find(([regex]) => regex.test(name));
  if (pattern !== undefined) return pattern[1];
  if (schema.additional !== undefined) return schema.additional;
  return schema.allowsAdditional ? partial(schema.unevaluated) : undefined;
}

/** Neither everything nor nothing. */
export function partial(schema: JsonSchemaNode | undefined): JsonSchemaNode | undefined {
  const kind = schema?.content.kind;
  return kind === 'false' || kind === 'empty' ? undefined : schema;
}

function compareDependencies(differ: Differ, original: ObjectContent, update: ObjectContent): void {
  for (const [name, to] of update.propertyDependencies) {
    const from = original.propertyDependencies.get(name);
    if (from === undefined) differ.add('DEPENDENCY_ARRAY_ADDED', 'dependencies', name);
    else if (!to.every((each) => from.includes(each))) {
      const isExtended = from.every((each) => to.includes(each));
      const type = isExtended ? 'DEPENDENCY_ARRAY_EXTENDED' : 'DEPENDENCY_ARRAY_CHANGED';
      differ.add(type, 'dependencies', name);
    }
  }
  for (const [name, to] of update.schemaDependencies) {
    const from = original.schemaDependencies.get(name);
    if (from === undefined) differ.add('DEPENDENCY_SCHEMA_ADDED', 'dependencies', name);
    else differ.compare(from, to, 'dependencies', name);
  }
}

function compareAdditional(differ: Differ, original: ObjectContent, update: ObjectContent): void {
  const path = 'additionalProperties';
  if (original.allowsAdditional !== update.allowsAdditional) {
    if (!update.allowsAdditional) differ.add('ADDITIONAL_PROPERTIES_REMOVED', path);
  } else if (original.additional === undefined && update.additional !== undefined)
    differ.add('ADDITIONAL_PROPERTIES_NARROWED', path);
  else differ.compare(original.additional, update.additional, path);
}

export function compareUnevaluated(
  differ: Differ,
  what: 'PROPERTIES' | 'ITEMS',
  original: JsonSchemaNode | undefined,
  update: JsonSchemaNode | undefined,
): void {
  if (update === undefined) return;
  const path = what === 'PROPERTIES' ? 'unevaluatedProperties' : 'unevaluatedItems';
  const from = original?.content.kind;
  const to = update.content.kind;
  if (from === 'false' && to !== 'false') return;
  if (from !== 'false' && to === 'false') differ.add(`UNEVALUATED_${what}_REMOVED`, path);
  else if (original === undefined || (from === 'empty' && to !== 'empty'))
    differ.add(`UNEVALUATED_${what}_NARROWED`, path);
  else if (from === 'empty' || to !== 'empty') differ.compare(original, update, path);
}
