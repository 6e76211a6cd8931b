import {
  DATE,
  Decimal,
  DECIMAL,
  decimalScale,
  kindOf,
  logical,
  optional,
  schemas,
  TIME,
  TIMESTAMP,
  type ArraySchema,
  type Field,
  type MapSchema,
  type Schema,
  type SchemaAndValue,
  type Struct,
  type StructSchema,
} from '@millrace/record';
import { unsuitableRecord } from '../errors.ts';

/** How many changed shapes of one schema are kept as one object each; further ones are made anew each time (INV-6). */
const SHAPES_MAX = 256;

/**
 * Gives what a script returned a schema: the one that the value came with where it still fits. Members that are new or
 * of another kind get an optional schema of their own (a number is a float64, a BigInt an int64), members that are
 * gone leave the schema. A number that its field can't hold is an error, never another number (INV-8).
 */
export class ResultSchemas {
  /** By the schema that came in, then by what became of it: equal shapes share one schema object. */
  readonly #known = new WeakMap<Schema, Map<string, Schema>>();

  /** @throws MillraceError `transform.unsuitable_record` that names the member */
  fit(schema: Schema | null, value: unknown, path: string): SchemaAndValue {
    if (schema === null) return { schema: null, value };
    // A tombstone has no schema.
    if (value === null) return { schema: schema.optional ? schema : null, value: null };
    const fitted = fit(schema, value, path);
    return fitted.schema === schema
      ? fitted
      : { schema: this.#shared(schema, fitted.schema), value: fitted.value };
  }

  #shared(from: Schema, made: Schema): Schema {
    const shapes = this.#known.get(from) ?? new Map<string, Schema>();
    this.#known.set(from, shapes);
    const shape = shapeOf(made);
    const known = shapes.get(shape);
    if (known !== undefined) return known;
    if (shapes.size < SHAPES_MAX) shapes.set(shape, made);
    return made;
  }
}

interface Fitted {
  readonly schema: Schema;
  readonly value: unknown;
}

function fit(schema: Schema, value: unknown, path: string): Fitted {
  if (value === null) return { schema: optional(schema), value };
  switch (schema.type) {
    case 'struct':
      return isMembers(value) ? fitStruct(schema, value, path) : inferred(value, path);
    case 'array':
      return Array.isArray(value) ? fitArray(schema, value, path) : inferred(value, path);
    case 'map':
      return value instanceof Map ? fitMap(schema, value, path) : inferred(value, path);
    default:
      return fitPrimitive(schema, value, path);
  }
}

function fitArray(schema: ArraySchema, value: readonly unknown[], path: string): Fitted {
  const fitted = value.map((item, index) => fit(schema.items, item, `${path}[${index}]`));
  const items = commonSchema(schema.items, fitted, path);
  return {
    schema: items === schema.items ? schema : { ...schema, items },
    value: fitted.map((item) => item.value),
  };
}

function fitMap(schema: MapSchema, value: ReadonlyMap<unknown, unknown>, path: string): Fitted {
  const keys: Fitted[] = [];
  const values: Fitted[] = [];
  for (const [key, item] of value) {
    keys.push(fit(schema.keys, key, `${path} (a key)`));
    values.push(fit(schema.values, item, `${path}.${String(key)}`));
  }
  const keySchema = commonSchema(schema.keys, keys, path);
  const valueSchema = commonSchema(schema.values, values, path);
  const isSame = keySchema === schema.keys && valueSchema === schema.values;
  return {
    schema: isSame ? schema : { ...schema, keys: keySchema, values: valueSchema },
    value: new Map(keys.map((key, index) => [key.value, values[index]?.value])),
  };
}

function fitStruct(schema: StructSchema, value: Struct, path: string): Fitted {
  const fields: Field[] = [];
  const members: [string, unknown][] = [];
  let isSame = true;
  for (const field of schema.fields) {
    const { name } = field;
    if (!Object.hasOwn(value, name)) {
      isSame = false;
      continue;
    }
    const fitted = fit(field.schema, value[name], `${path}.${name}`);
    isSame &&= fitted.schema === field.schema;
    fields.push(fitted.schema === field.schema ? field : { name, schema: fitted.schema });
    members.push([name, fitted.value]);
  }
  const known = new Set(schema.fields.map(({ name }) => name));
  for (const [name, item] of Object.entries(value)) {
    if (known.has(name)) continue;
    isSame = false;
    fields.push({ name, schema: inferredSchema(item, `${path}.${name}`) });
    members.push([name, item]);
  }
  return { schema: isSame ? schema : { ...schema, fields }, value: Object.fromEntries(members) };
}

const WHOLE = { int8: 7n, int16: 15n, int32: 31n, int64: 63n } as const;

function fitPrimitive(schema: Schema, value: unknown, path: string): Fitted {
  if (schema.name === DECIMAL) return fitDecimal(schema, value, path);
  if (schema.name === DATE || schema.name === TIME || schema.name === TIMESTAMP)
    return value instanceof Date ? { schema, value } : inferred(value, path);
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      if (typeof value !== 'number' && typeof value !== 'bigint') return inferred(value, path);
      return { schema, value: whole(value, schema.type, path) };
    case 'float32':
    case 'float64':
      if (typeof value === 'bigint') throw unfit(path, schema.type, `the BigInt ${value}`);
      return typeof value === 'number' ? { schema, value } : inferred(value, path);
    case 'boolean':
    case 'string':
      return typeof value === schema.type ? { schema, value } : inferred(value, path);
    default:
      return value instanceof Uint8Array ? { schema, value } : inferred(value, path);
  }
}

function whole(value: number | bigint, type: keyof typeof WHOLE, path: string): number | bigint {
  if (typeof value === 'number' && !Number.isInteger(value))
    throw unfit(path, type, 'a number with a fraction');
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw unfit(path, type, 'a number beyond 2^53, which is not exact; use a BigInt');
  const exact = BigInt(value);
  const limit = 1n << WHOLE[type];
  if (exact < -limit || exact >= limit) throw unfit(path, type, `${exact}`);
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
}

function fitDecimal(schema: Schema, value: unknown, path: string): Fitted {
  const scale = decimalScale(schema) ?? 0;
  const text = typeof value === 'bigint' || typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return inferred(value, path);
  let parsed: Decimal;
  try {
    parsed = Decimal.parse(text);
  } catch {
    return inferred(value, path); // A text that is no number is a text.
  }
  const scaled = parsed.withScale(scale);
  if (scaled === undefined) throw unfit(path, `a Decimal of scale ${scale}`, 'more digits');
  return { schema, value: scaled };
}

function inferred(value: unknown, path: string): Fitted {
  return { schema: inferredSchema(value, path), value };
}

const OPTIONAL = { optional: true } as const;
const OPTIONAL_SCHEMAS = {
  string: schemas.string(OPTIONAL),
  boolean: schemas.boolean(OPTIONAL),
  number: schemas.float64(OPTIONAL),
  bigint: schemas.int64(OPTIONAL),
  bytes: schemas.bytes(OPTIONAL),
  timestamp: logical.timestamp(OPTIONAL),
} as const;

/** Of a value that no schema stood for; optional, since a script may leave the member out next time. */
function inferredSchema(value: unknown, path: string): Schema {
  if (value === null) return OPTIONAL_SCHEMAS.string;
  if (typeof value === 'string') return OPTIONAL_SCHEMAS.string;
  if (typeof value === 'boolean') return OPTIONAL_SCHEMAS.boolean;
  if (typeof value === 'number') return OPTIONAL_SCHEMAS.number;
  if (typeof value === 'bigint') {
    whole(value, 'int64', path);
    return OPTIONAL_SCHEMAS.bigint;
  }
  if (value instanceof Uint8Array) return OPTIONAL_SCHEMAS.bytes;
  if (value instanceof Date) return OPTIONAL_SCHEMAS.timestamp;
  if (Array.isArray(value)) return schemas.array(oneSchema(value, path), OPTIONAL);
  if (value instanceof Map)
    return schemas.map(
      oneSchema([...value.keys()], path),
      oneSchema([...value.values()], path),
      OPTIONAL,
    );
  if (!isMembers(value)) throw unfit(path, 'anything that a record holds', kindOf(value));
  return schemas.struct(
    Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, inferredSchema(item, `${path}.${name}`)]),
    ),
    OPTIONAL,
  );
}

function oneSchema(items: readonly unknown[], path: string): Schema {
  const present = items.filter((item) => item !== null);
  const all = present.map((item) => inferredSchema(item, path));
  const first = all[0] ?? OPTIONAL_SCHEMAS.string;
  if (all.some((each) => shapeOf(each) !== shapeOf(first)))
    throw unfit(path, 'a list of one kind', 'a list of several kinds');
  return first;
}

function commonSchema(own: Schema, items: readonly Fitted[], path: string): Schema {
  let common: Schema | undefined;
  for (const { schema } of items) {
    if (schema === common) continue;
    if (common === undefined) common = schema;
    else if (shapeOf(optional(schema)) !== shapeOf(optional(common)))
      throw unfit(path, 'a list of one kind', 'a list of several kinds');
    else common = optional(common);
  }
  return common ?? own;
}

/** Equal texts for schemas that a script can't tell apart. */
function shapeOf(schema: Schema): string {
  const { type, name, version, parameters } = schema;
  return `${JSON.stringify([type, schema.optional, name, version, parameters])}(${partsOf(schema)})`;
}

function partsOf(schema: Schema): string {
  switch (schema.type) {
    case 'struct':
      return schema.fields
        .map((field) => `${JSON.stringify(field.name)}:${shapeOf(field.schema)}`)
        .join();
    case 'array':
      return shapeOf(schema.items);
    case 'map':
      return `${shapeOf(schema.keys)},${shapeOf(schema.values)}`;
    default:
      return '';
  }
}

function isMembers(value: unknown): value is Struct {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

function unfit(path: string, type: string, given: string): Error {
  return unsuitableRecord(
    `${path} is ${type} by its schema, and the script gave ${given}: convert it in the script`,
  );
}
