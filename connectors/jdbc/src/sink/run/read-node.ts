import {
  DATE,
  DECIMAL,
  Decimal,
  decimalScale,
  TIME,
  TIMESTAMP,
  int64,
  type Schema,
} from '@millrace/record';
import { isStruct } from '../change.ts';

const DAY_MS = 86_400_000;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const INT64_BOUND = 2n ** 63n;

/**
 * What a converter makes of a JSON node that has this schema. Undefined: it is not quite what the schema says, or null
 * somewhere; the converter itself decides then.
 */
export function readNode(schema: Schema, node: unknown): unknown {
  switch (schema.name) {
    case DECIMAL:
      return typeof node === 'string' && BASE64.test(node)
        ? Decimal.fromBytes(Buffer.from(node, 'base64'), decimalScale(schema) ?? 0)
        : undefined;
    case DATE:
      return isWhole(node, 2 ** 31) ? new Date(node * DAY_MS) : undefined;
    case TIME:
      return isWhole(node, 2 ** 31) ? new Date(node) : undefined;
    case TIMESTAMP:
      return isWhole(node, 8.64e15) ? new Date(node) : undefined;
    default:
      return readType(schema, node);
  }
}

function readType(schema: Schema, node: unknown): unknown {
  switch (schema.type) {
    case 'int8':
      return isWhole(node, 2 ** 7) ? node : undefined;
    case 'int16':
      return isWhole(node, 2 ** 15) ? node : undefined;
    case 'int32':
      return isWhole(node, 2 ** 31) ? node : undefined;
    case 'int64':
      if (typeof node === 'bigint')
        return node >= -INT64_BOUND && node < INT64_BOUND ? int64(node) : undefined;
      return Number.isSafeInteger(node) ? node : undefined;
    case 'float32':
      return typeof node === 'number' ? Math.fround(node) : undefined;
    case 'float64':
      return typeof node === 'number' ? node : undefined;
    case 'boolean':
      return typeof node === 'boolean' ? node : undefined;
    case 'string':
      return typeof node === 'string' ? node : undefined;
    case 'bytes':
      return typeof node === 'string' && BASE64.test(node)
        ? Buffer.from(node, 'base64')
        : undefined;
    case 'array':
      return Array.isArray(node) ? readItems(schema.items, node) : undefined;
    case 'struct': {
      if (!isStruct(node)) return undefined;
      const struct: Record<string, unknown> = {};
      for (const field of schema.fields) {
        const value = readNode(field.schema, node[field.name]);
        if (value === undefined || field.name in Object.prototype) return undefined;
        struct[field.name] = value;
      }
      return struct;
    }
    case 'map':
      return undefined;
  }
}

function readItems(items: Schema, nodes: readonly unknown[]): readonly unknown[] | undefined {
  const read: unknown[] = [];
  for (const node of nodes) {
    const value = node === null && items.optional ? null : readNode(items, node);
    if (value === undefined) return undefined;
    read.push(value);
  }
  return read;
}

function isWhole(node: unknown, bound: number): node is number {
  return typeof node === 'number' && Number.isInteger(node) && node >= -bound && node < bound;
}
