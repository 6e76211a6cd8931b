import {
  optional,
  parseJson,
  schemas,
  schemasEqual,
  type Field,
  type Schema,
  type SchemaAndValue,
  type StructSchema,
} from '@millrace/record';

export interface ExpansionSettings {
  /** `optional_bytes`: a null has a field of bytes, since its type is unknown; `ignore`: it has none. */
  readonly nulls: 'ignore' | 'optional_bytes';
  /** What the schema is called, and what names of those in it begin with; null: the outermost has none. */
  readonly root: string | null;
}

/**
 * The JSON text of an outbox payload as a struct or array with a schema told from the values. undefined for what is no
 * JSON object or array, or an array of different types: then the text stays as it is.
 */
export function expandJson(
  text: string,
  { nulls, root }: ExpansionSettings,
): SchemaAndValue | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{') && !trimmed.startsWith('[')) return undefined;
  let document: unknown;
  try {
    document = parseJson(withMarkedFractions(trimmed), false);
  } catch {
    return undefined; // not JSON after all
  }
  try {
    const schema = schemaOf(document, root, nulls === 'optional_bytes');
    return schema === undefined ? undefined : { schema, value: valueOf(schema, document) };
  } catch (error) {
    if (error instanceof MixedTypes) return undefined;
    throw error;
  }
}

class MixedTypes extends Error {}

/** No JSON text has this key by chance. */
const FRACTION = '\u0000fraction';
const FRACTION_KEY = JSON.stringify(FRACTION);

/** `1.0` is a double and `1` an integer, which a parsed number can't tell: such numbers become objects for the moment. */
function withMarkedFractions(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') || !/[.eE]/.test(token) ? token : `{${FRACTION_KEY}:"${token}"}`,
  );
}

function fractionOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !(FRACTION in value)) return undefined;
  return Number(value[FRACTION]);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    fractionOf(value) === undefined
  );
}

/** undefined: nothing is known of the type. */
function schemaOf(value: unknown, name: string | null, keepsNulls: boolean): Schema | undefined {
  if (value === null) return keepsNulls ? schemas.bytes({ optional: true }) : undefined;
  if (Array.isArray(value)) {
    const items = itemSchema(value, name, keepsNulls);
    return items === undefined ? undefined : schemas.array(items, { optional: true });
  }
  if (isObject(value)) {
    const fields = Object.entries(value).flatMap(([key, member]): Field[] => {
      const schema = schemaOf(member, name === null ? key : `${name}.${key}`, keepsNulls);
      return schema === undefined ? [] : [{ name: key, schema }];
    });
    return { type: 'struct', optional: true, ...(name === null ? {} : { name }), fields };
  }
  return optional(primitiveOf(value));
}

function primitiveOf(value: unknown): Schema {
  if (fractionOf(value) !== undefined) return schemas.float64();
  switch (typeof value) {
    case 'boolean':
      return schemas.boolean();
    case 'string':
      return schemas.string();
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? schemas.int64() : schemas.float64();
    default:
      return (Number(value) | 0) === value ? schemas.int32() : schemas.int64();
  }
}

/** The one type of all items; objects are merged. */
function itemSchema(
  items: readonly unknown[],
  name: string | null,
  keepsNulls: boolean,
): Schema | undefined {
  let common: Schema | undefined;
  for (const item of items) {
    if (item === null) continue;
    const schema = schemaOf(item, name, keepsNulls);
    if (schema === undefined) continue;
    if (common === undefined) common = schema;
    else if (schemasEqual(common, schema)) continue;
    else if (common.type === 'struct' && schema.type === 'struct') common = merged(common, schema);
    else if (common.type !== schema.type) throw new MixedTypes();
  }
  return common;
}

function merged(left: StructSchema, right: StructSchema): StructSchema {
  const fields = new Map(left.fields.map((field) => [field.name, field]));
  for (const field of right.fields)
    // A null, which bytes stand for, says less than any value.
    if (fields.get(field.name)?.schema.type === 'bytes' || !fields.has(field.name))
      fields.set(field.name, field);
  return { ...left, optional: false, fields: [...fields.values()] };
}

function valueOf(schema: Schema, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (schema.type === 'struct' && isObject(value))
    return Object.fromEntries(
      schema.fields.map((field) => [
        field.name,
        Object.hasOwn(value, field.name) ? valueOf(field.schema, value[field.name]) : null,
      ]),
    );
  if (schema.type === 'array' && Array.isArray(value))
    return value.map((item) => valueOf(schema.items, item));
  return schema.type === 'float64' ? (fractionOf(value) ?? Number(value)) : value;
}
