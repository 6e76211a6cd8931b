import type { ConnectRecord } from '@millrace/record';

/** The record without the ready-made JSON of those halves that changed. */
export function withoutJson<R extends ConnectRecord>(
  record: R,
  changed: { readonly key: boolean; readonly value: boolean },
): R {
  const json: unknown = 'json' in record ? record.json : undefined;
  if (typeof json !== 'object' || json === null || !(changed.key || changed.value)) return record;
  const kept: { key?: unknown; value?: unknown } = { ...json };
  if (changed.key) delete kept.key;
  if (changed.value) delete kept.value;
  return { ...record, json: kept };
}
