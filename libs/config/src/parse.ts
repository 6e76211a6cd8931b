import type { AnyField, FieldType, ParsedValues } from './field.ts';
import { javaTrim } from './java-trim.ts';

export type ParseResult =
  { readonly value: ParsedValues[FieldType] } | { readonly problem: string };

const INTEGER = /^[+-]?\d+$/;
const RANGES = {
  SHORT: [-32_768, 32_767],
  INT: [-2_147_483_648, 2_147_483_647],
  LONG: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
} as const;

/** Parses the text of one value by the field's type, with Kafka's messages for what does not parse. */
export function parseValue(type: FieldType, text: string): ParseResult {
  const trimmed = javaTrim(text);
  switch (type) {
    case 'STRING':
    case 'CLASS':
      return { value: trimmed };
    case 'PASSWORD':
      return { value: text };
    case 'BOOLEAN':
      return parseBoolean(trimmed);
    case 'LIST':
      return { value: trimmed === '' ? [] : trimmed.split(/\s*,\s*/) };
    case 'DOUBLE':
      return trimmed !== '' && Number.isFinite(Number(trimmed))
        ? { value: Number(trimmed) }
        : { problem: 'Not a number of type DOUBLE' };
    case 'SHORT':
    case 'INT':
    case 'LONG': {
      const [minimum, maximum] = RANGES[type];
      const number = Number(trimmed);
      // Java's Long.MAX_VALUE is a customary 'for ever'; numbers beyond 2^53 are rounded, not refused.
      if (
        type === 'LONG' &&
        INTEGER.test(trimmed) &&
        BigInt.asIntN(64, BigInt(trimmed)) === BigInt(trimmed)
      )
        return { value: number };
      return INTEGER.test(trimmed) && number >= minimum && number <= maximum
        ? { value: number }
        : { problem: `Not a number of type ${type}` };
    }
  }
}

function parseBoolean(text: string): ParseResult {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return { value: lower === 'true' };
  return { problem: 'Expected value to be either true or false' };
}

/** The text form of a default, as Connect's REST API shows it; passwords are hidden. */
export function showValue(
  field: AnyField,
  value: ParsedValues[FieldType] | null | undefined,
): string | null {
  if (value === null || value === undefined) return null;
  if (field.type === 'PASSWORD') return HIDDEN;
  return Array.isArray(value) ? value.join(',') : String(value);
}

export const HIDDEN = '[hidden]';
