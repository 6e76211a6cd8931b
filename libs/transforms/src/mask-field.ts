import { defineFields, nonEmpty } from '@millrace/config';
import { Decimal, decimalScale, kindOf, type Schema, type StructSchema } from '@millrace/record';
import { unsuitableRecord } from './errors.ts';
import { keyAndValue, replaceNullField } from './plugin.ts';
import { perSchema, setMember } from './subject.ts';

const fields = defineFields({
  fields: { type: 'LIST', importance: 'HIGH', doc: 'Names of fields to mask.' },
  replacement: {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    doc: 'What numbers and texts become; by default 0, false, an empty text, list or map.',
    validate: nonEmpty,
  },
  'replace.null.with.default': replaceNullField,
});

const PURPOSE = 'mask fields';

/** Fields get a value that says nothing, of the same type. */
export const maskField = keyAndValue('mask-field', 'MaskField', fields, (settings, side) => {
  const { replacement } = settings;
  const masked = new Set(settings.fields);
  const mask = (schema: Schema | null, value: unknown): unknown => {
    if (value === null || value === undefined) return null;
    return replacement === null ? blankOf(schema, value) : replaced(schema, value, replacement);
  };
  const hasDefaults = settings['replace.null.with.default'];
  const maskedOf = perSchema((schema: StructSchema) =>
    schema.fields.flatMap((field, index) =>
      masked.has(field.name) ? [{ index, schema: field.schema }] : [],
    ),
  );
  return (draft) => {
    const half = draft.half(side);
    if (half.schema === null) {
      const members = half.openMap(PURPOSE);
      for (const name of masked)
        setMember(members, name, mask(null, Object.hasOwn(members, name) ? members[name] : null));
      return true;
    }
    const hidden = maskedOf(half.requireStruct(PURPOSE));
    const members = half.members(PURPOSE, hasDefaults);
    for (const { index, schema } of hidden) members[index] = mask(schema, members[index]);
    return true;
  };
});

function blankOf(schema: Schema | null, value: unknown): unknown {
  switch (typeof value) {
    case 'boolean':
      return false;
    case 'number':
    case 'bigint':
      return 0;
    case 'string':
      return '';
    default:
  }
  // Of the schema's scale, or it could not be written.
  if (value instanceof Decimal)
    return new Decimal(0n, (schema === null ? undefined : decimalScale(schema)) ?? 0);
  if (value instanceof Date) return new Date(0);
  if (Array.isArray(value)) return [];
  if (value instanceof Map) return new Map();
  if (isPlainMap(schema, value)) return {};
  throw unsuitableRecord(`Cannot mask value of type: ${kindOf(value)}`);
}

/** Without a schema an object is a map; with one it is a struct, which has no blank. */
function isPlainMap(schema: Schema | null, value: unknown): boolean {
  return (schema === null || schema.type === 'map') && !(value instanceof Uint8Array);
}

const INTEGER_BITS: Readonly<Record<string, number>> = { int8: 8, int16: 16, int32: 32, int64: 64 };

function replaced(schema: Schema | null, value: unknown, replacement: string): unknown {
  if (typeof value === 'string') return replacement;
  if (value instanceof Decimal) return decimalOf(schema, replacement);
  if (typeof value === 'bigint' || typeof value === 'number') {
    const bits =
      schema === null
        ? Number.isSafeInteger(Number(value)) || typeof value === 'bigint'
          ? 64
          : 0
        : (INTEGER_BITS[schema.type] ?? 0);
    if (bits === 0) {
      const number = Number(replacement);
      if (Number.isNaN(number)) throw notANumber(replacement);
      return schema?.type === 'float32' ? Math.fround(number) : number;
    }
    const integer = BigInt.asIntN(bits, wholePart(replacement));
    const number = Number(integer);
    return Number.isSafeInteger(number) ? number : integer;
  }
  throw unsuitableRecord(`Cannot mask value of type ${kindOf(value)} with custom replacement.`);
}

/** INV-6: a replacement like 1e999999999 would be a number of a gigabyte. */
const DIGITS_MAX = 40;

function wholePart(replacement: string): bigint {
  if (Number.isNaN(Number(replacement))) throw notANumber(replacement);
  const { unscaled, scale } = Decimal.parse(replacement);
  if (Math.abs(scale) > DIGITS_MAX) throw notANumber(replacement);
  return scale <= 0 ? unscaled * 10n ** BigInt(-scale) : unscaled / 10n ** BigInt(scale);
}

function decimalOf(schema: Schema | null, replacement: string): Decimal {
  if (Number.isNaN(Number(replacement))) throw notANumber(replacement);
  const decimal = Decimal.parse(replacement);
  const scale = schema === null ? undefined : decimalScale(schema);
  return (scale === undefined ? decimal : decimal.withScale(scale)) ?? decimal;
}

function notANumber(replacement: string): Error {
  return unsuitableRecord(`Unable to convert ${replacement} to a number`);
}
