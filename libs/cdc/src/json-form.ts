import { Decimal, type Schema } from '@millrace/record';

/**
 * A value in the text that Connect's JsonConverter writes by default and without schemas: the obvious version,
 * for values that have no faster way. Null becomes the schema's default, where there is one.
 */
export function jsonText(schema: Schema, given: unknown): string {
  const value = given ?? schema.default ?? null;
  if (value === null) return 'null';
  if (value instanceof Decimal) return JSON.stringify(value.toBytes().toString('base64'));
  if (value instanceof Uint8Array)
    return JSON.stringify(
      Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64'),
    );
  if (value instanceof Date) return dateText(schema, value);
  switch (typeof value) {
    case 'number':
      return numberText(schema, value);
    case 'bigint':
      return String(value);
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return compositeText(schema, value);
  }
}

function numberText(schema: Schema, value: number): string {
  if (!Number.isFinite(value)) return JSON.stringify(String(value));
  if (schema.type === 'float64') return doubleText(value);
  return schema.type === 'float32' ? floatText(value) : String(value);
}

/** As Java prints it: `1.0` is a double, `1` an integer. */
function doubleText(value: number): string {
  const text = String(value);
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
}

/** The shortest decimal that is the same 32-bit float. */
function floatText(value: number): string {
  if (Math.fround(value) !== value) return doubleText(value);
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return doubleText(short);
  }
  return doubleText(value);
}

function compositeText(schema: Schema, value: unknown): string {
  if (schema.type === 'array' && Array.isArray(value))
    return `[${value.map((item: unknown) => jsonText(schema.items, item)).join(',')}]`;
  if (schema.type === 'map' && value instanceof Map)
    return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${jsonText(schema.values, item)}`).join(',')}}`;
  if (schema.type === 'struct' && typeof value === 'object' && value !== null)
    return `{${schema.fields.map((field) => `${JSON.stringify(field.name)}:${jsonText(field.schema, Reflect.get(value, field.name))}`).join(',')}}`;
  throw new TypeError(`a ${typeof value} is no value of a schema of type ${schema.type}`);
}

const DAY_MS = 86_400_000;

function dateText(schema: Schema, value: Date): string {
  const ms = value.getTime();
  return String(schema.name?.endsWith('.Date') === true ? Math.floor(ms / DAY_MS) : ms);
}
