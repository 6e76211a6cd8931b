import { defineFields } from '@millrace/config';
import {
  Decimal,
  floatText,
  javaText,
  schemas,
  valuesText,
  type Field,
  type PrimitiveSchema,
  type Schema,
  type StructSchema,
} from '@millrace/record';
import { badSettings, unsuitableRecord } from './errors.ts';
import { encodeLogical } from './logical-values.ts';
import { keyAndValue, replaceNullField } from './plugin.ts';
import { inferType, perSchema, setMember } from './subject.ts';

const TARGETS = [
  'int8',
  'int16',
  'int32',
  'int64',
  'float32',
  'float64',
  'boolean',
  'string',
] as const;
type Target = (typeof TARGETS)[number];
const SOURCES: readonly string[] = [...TARGETS, 'bytes'];
const PURPOSE = 'type casting';

const fields = defineFields({
  spec: {
    type: 'LIST',
    importance: 'HIGH',
    doc: 'Fields and the type to cast them to, field:type, or one type for the whole key or value.',
    validate: (entries) =>
      entries.length === 0 ? 'Must specify at least one field to cast.' : undefined,
  },
  'replace.null.with.default': replaceNullField,
});

/** Changes the primitive type of fields, or of the whole key or value. */
export const cast = keyAndValue('cast', 'Cast', fields, (settings, side) => {
  const { whole, byField } = parseSpec(settings.spec);
  const hasDefaults = settings['replace.null.with.default'];
  const wholeSchemaOf = perSchema((schema: Schema) => castWhole(schema, whole ?? 'string'));
  const planOf = perSchema((schema: StructSchema): Plan => ({
    schema: castFields(schema, byField),
    casts: schema.fields.flatMap(({ name, schema: from }, index) => {
      const target = byField.get(name);
      return target === undefined ? [] : [{ index, from, target }];
    }),
  }));
  return (draft) => {
    const half = draft.half(side);
    if (half.isNull) return true;
    if (whole !== undefined) {
      const schema = half.schema === null ? null : wholeSchemaOf(half.schema);
      half.set(schema, castValue(half.schema, half.value, whole));
    } else if (half.schema === null) {
      const members = half.openMap(PURPOSE);
      for (const [name, target] of byField) {
        const member = Object.hasOwn(members, name) ? members[name] : null;
        setMember(members, name, castValue(null, member, target));
      }
    } else {
      const plan = planOf(half.requireStruct(PURPOSE));
      const members = half.members(PURPOSE, hasDefaults);
      for (const { index, from, target } of plan.casts)
        members[index] = castValue(from, members[index], target);
      half.setSchema(plan.schema);
    }
    return true;
  };
});

interface Plan {
  readonly schema: StructSchema;
  readonly casts: readonly {
    readonly index: number;
    readonly from: Schema;
    readonly target: Target;
  }[];
}

function parseSpec(entries: readonly string[]): {
  readonly whole: Target | undefined;
  readonly byField: ReadonlyMap<string, Target>;
} {
  const byField = new Map<string, Target>();
  let whole: Target | undefined;
  for (const entry of entries) {
    const [first = '', second, ...rest] = entry.split(':');
    if (rest.length > 0) throw badSettings(`Invalid rename mapping: ${entry}`);
    if (second === undefined) whole = targetOf(first);
    else byField.set(first.trim(), targetOf(second));
  }
  if (whole !== undefined && entries.length > 1)
    throw badSettings(
      'Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec',
    );
  return { whole, byField };
}

function targetOf(text: string): Target {
  const name = text.trim().toLowerCase();
  const target = TARGETS.find((each) => each === name);
  if (target === undefined)
    throw badSettings(
      `Invalid type found in casting spec: ${text.trim()}; supported are ${TARGETS.join(', ')}`,
    );
  return target;
}

function castFields(schema: StructSchema, byField: ReadonlyMap<string, Target>): StructSchema {
  const cast = schema.fields.map((field): Field => {
    const target = byField.get(field.name);
    return target === undefined
      ? field
      : { name: field.name, schema: castSchema(field.schema, target) };
  });
  return { ...schema, fields: cast };
}

/** Of Connect's own logical types nothing but the type would be true of the new value; all other names stay. */
function castWhole(schema: Schema, target: Target): PrimitiveSchema {
  const { name, version, doc, parameters } = schema;
  const cast = castSchema(schema, target);
  if (name?.startsWith('org.apache.kafka.connect.data.') === true) return cast;
  return {
    ...cast,
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
    ...(doc === undefined ? {} : { doc }),
    ...(parameters === undefined ? {} : { parameters }),
  };
}

/** Logical name and parameters go; whether it is optional stays, and the default is cast too. */
function castSchema(schema: Schema, target: Target): PrimitiveSchema {
  const { default: fallback, optional } = schema;
  const value = fallback === undefined ? undefined : castValue(schema, fallback, target);
  return schemas[target]({ optional, ...(value === undefined ? {} : { default: value }) });
}

/** @throws MillraceError for a value that can't be of that type */
function castValue(schema: Schema | null, value: unknown, target: Target): unknown {
  if (value === null || value === undefined) return null;
  const type = schema?.type ?? inferType(value);
  if (type === undefined || !SOURCES.includes(type))
    throw unsuitableRecord(
      `Cast transformation does not support casting from ${(type ?? typeof value).toUpperCase()}; supported types are [${SOURCES.map((each) => each.toUpperCase()).join(', ')}]`,
    );
  if (target === 'string') return textOf(schema, value);
  const plain = schema === null ? value : encodeLogical(schema, value);
  const isFloat = schema?.type === 'float32' || schema?.type === 'float64';
  switch (target) {
    case 'boolean':
      return booleanOf(plain);
    case 'float32':
      return floatNumber(schema, Math.fround(floatOf(plain)));
    case 'float64':
      return floatOf(plain);
    case 'int8':
      return smallInteger(plain, 8, isFloat);
    case 'int16':
      return smallInteger(plain, 16, isFloat);
    case 'int32':
      return smallInteger(plain, 32, isFloat);
    case 'int64':
      return int64Of(plain, isFloat);
  }
}

/** Without a schema nothing says later that the number is a float: it is the one that a float's text stands for. */
function floatNumber(schema: Schema | null, value: number): number {
  return schema === null && Number.isFinite(value) ? Number(floatText(value)) : value;
}

/** Nothing that a short text or an integer needs is beyond a number, and those are most. */
const SHORT = /^[+-]?\d{1,15}$/;

function plainInteger(value: unknown, isFloat: boolean): number | undefined {
  if (typeof value === 'number')
    return !isFloat && Number.isSafeInteger(value) ? value + 0 : undefined;
  // Plus nothing, here and above: -0 is no integer.
  return typeof value === 'string' && SHORT.test(value) ? Number(value) + 0 : undefined;
}

function smallInteger(value: unknown, bits: 8 | 16 | 32, isFloat: boolean): number {
  const integer = plainInteger(value, isFloat);
  if (integer === undefined) return Number(integerOf(value, bits, isFloat));
  const wrapped = (integer << (32 - bits)) >> (32 - bits);
  if (wrapped !== integer && typeof value === 'string') throw outOfRange(value);
  return wrapped;
}

function int64Of(value: unknown, isFloat: boolean): number | bigint {
  const integer = plainInteger(value, isFloat);
  if (integer !== undefined) return integer;
  const exact = integerOf(value, 64, isFloat);
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

/** Integers wrap; floating point numbers are first cut to 32 bits (64 for int64), as Java narrows them. */
function integerOf(value: unknown, bits: 8 | 16 | 32 | 64, isFloat = false): bigint {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'bigint') return BigInt.asIntN(bits, value);
  if (value instanceof Decimal) return BigInt.asIntN(bits, wholePart(value));
  if (typeof value === 'number') {
    if (!isFloat && Number.isSafeInteger(value)) return BigInt.asIntN(bits, BigInt(value));
    return BigInt.asIntN(bits, saturated(value, bits === 64 ? 64 : 32));
  }
  if (typeof value === 'string') return parseInteger(value, bits);
  throw unexpected(value);
}

function saturated(value: number, bits: 32 | 64): bigint {
  if (Number.isNaN(value)) return 0n;
  const limit = 2 ** (bits - 1);
  if (value >= limit) return BigInt(limit) - 1n;
  if (value <= -limit) return -BigInt(limit);
  return BigInt(Math.trunc(value));
}

function wholePart({ unscaled, scale }: Decimal): bigint {
  return scale <= 0 ? unscaled * 10n ** BigInt(-scale) : unscaled / 10n ** BigInt(scale);
}

function parseInteger(text: string, bits: number): bigint {
  const value = /^[+-]?\d{1,40}$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined;
  if (value === undefined || BigInt.asIntN(bits, value) !== value) throw outOfRange(text);
  return value;
}

const FLOAT = /^[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?)$/;

function floatOf(value: unknown): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Decimal) return Number(value.toString());
  if (typeof value !== 'string') throw unexpected(value);
  const text = value.trim();
  if (!FLOAT.test(text)) throw outOfRange(value);
  return Number(text.replace(/[fFdD]$/, ''));
}

function booleanOf(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.toLowerCase() === 'true';
  return integerOf(value, 64) !== 0n;
}

function textOf(schema: Schema | null, value: unknown): string {
  // Dates by their magnitude, whatever the schema says; bytes in base64.
  if (value instanceof Date || value instanceof Uint8Array) return valuesText(null, value);
  return javaText(schema, value);
}

function outOfRange(text: string): Error {
  return unsuitableRecord(`Value (${text}) was out of range for requested data type`);
}

function unexpected(value: unknown): Error {
  return unsuitableRecord(
    `Unexpected type in Cast transformation: ${value instanceof Uint8Array ? 'bytes' : typeof value}`,
  );
}
