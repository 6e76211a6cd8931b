import { Decimal } from '@millrace/record';
import { isStruct } from '../change.ts';

/** What schemaless values are, whatever a database calls it. */
export type LooseType =
  'integer' | 'double' | 'numeric' | 'boolean' | 'text' | 'bytes' | 'timestamp' | 'json';

/** Values that disagree make it text. Undefined while all are null, which tells nothing. */
export function typeForValues(values: Iterable<unknown>): LooseType | undefined {
  let found: LooseType | undefined;
  for (const value of values) {
    const type = typeForValue(value);
    if (type === undefined || type === found) continue;
    if (found === undefined) found = type;
    else if (isNumber(found) && isNumber(type)) found = widerNumber(found, type);
    else return 'text';
  }
  return found;
}

function isNumber(type: LooseType): boolean {
  return type === 'integer' || type === 'double' || type === 'numeric';
}

function widerNumber(left: LooseType, right: LooseType): LooseType {
  return left === 'numeric' || right === 'numeric' ? 'numeric' : 'double';
}

function typeForValue(value: unknown): LooseType | undefined {
  if (value === null || value === undefined) return undefined;
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'double';
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? 'integer' : 'numeric';
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'text';
    default:
      break;
  }
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Decimal) return 'numeric';
  if (value instanceof Date) return 'timestamp';
  return Array.isArray(value) || value instanceof Map || isStruct(value) ? 'json' : undefined;
}
