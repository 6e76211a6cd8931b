import { jsonConverter } from '@millrace/converters';
import { must } from '@millrace/foundation';

const converter = jsonConverter.create({ 'schemas.enable': 'false' }, 'value');

/** Compact JSON without schemas, as Connect's stores write it; integers stay exact. */
export function encodeJson(value: unknown): Uint8Array {
  return must(converter.fromConnect('', null, value), 'a value that is not null has bytes');
}

/** @throws MillraceError `converter.not_json` */
export function decodeJson(bytes: Uint8Array): unknown {
  return converter.toConnect('', bytes).value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members that are text; others are left out. */
export function textMembers(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  const members: Record<string, string> = {};
  for (const [key, member] of Object.entries(value))
    if (typeof member === 'string') members[key] = member;
  return members;
}
