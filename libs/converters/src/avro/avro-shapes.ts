import { MAP_ENTRY, NAMESPACE } from './avro-names.ts';
import { textProp, type AvroRecord, type AvroSchema, type AvroUnion } from './avro-schema.ts';
import type { AvroSettings } from './avro-settings.ts';

/** Whether an array is a map in disguise: its items are entries with key and value. */
export function isEntry(items: AvroSchema): items is AvroRecord {
  return (
    items.kind === 'record' &&
    (items.name === `${NAMESPACE}.${MAP_ENTRY}` ||
      textProp(items, 'connect.internal.type') === MAP_ENTRY)
  );
}

/** The one branch beside null, or the only one: such a union is a schema that is optional or not. */
export function soleBranch(avro: AvroUnion, settings: AvroSettings): AvroSchema | undefined {
  const others = avro.branches.filter((branch) => branch.kind !== 'null');
  if (others.length !== 1) return undefined;
  const hasNull = avro.branches.length === 2;
  return hasNull || settings.flattensSingletonUnions ? others[0] : undefined;
}
