import { Decimal } from '../decimal.ts';
import { logical } from '../logical.ts';
import { schemas, type Schema, type SchemaAndValue } from '../schema.ts';
import { dateText, javaText, numberText } from './java-text.ts';

const DEPTH_MAX = 100;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A value as text, as Connect's `Values` writes it (header values): strings as they are, what is nested in JSON's manner. */
export function valuesText(schema: Schema | null, value: unknown): string {
  return typeof value === 'string' ? value : writeNested(schema, value, false);
}

function writeNested(schema: Schema | null, value: unknown, isQuoted: boolean): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return isQuoted ? quoted(value) : value;
  if (typeof value === 'number') return numberText(schema, value);
  if (value instanceof Uint8Array) {
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    return isQuoted ? quoted(text) : text;
  }
  if (value instanceof Date) return dateText(schema, value);
  if (typeof value !== 'object' || value instanceof Decimal) return javaText(schema, value);
  if (Array.isArray(value)) {
    const items = schema?.type === 'array' ? schema.items : null;
    return `[${value.map((item) => writeNested(items, item, true)).join(',')}]`;
  }
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  const keySchema = schema?.type === 'map' ? schema.keys : null;
  return `{${entries
    .map(([key, item]) => {
      const name = writeNested(keySchema, key, true);
      return `${name}:${writeNested(memberSchema(schema, key), item, true)}`;
    })
    .join(',')}}`;
}

function memberSchema(schema: Schema | null, key: unknown): Schema | null {
  if (schema?.type === 'map') return schema.values;
  if (schema?.type !== 'struct') return null;
  return schema.fields.find((field) => field.name === key)?.schema ?? null;
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, (character) => `\\${character}`)}"`;
}

/** Infers type and value from a text, as Connect's `Values` does; what fits nothing is a string. */
export function parseValues(text: string): SchemaAndValue {
  if (text.startsWith('[') || text.startsWith('{')) {
    const parser = new NestedParser(text);
    return parser.document() ?? stringOf(text);
  }
  return readScalar(text);
}

function stringOf(text: string): SchemaAndValue {
  return { schema: schemas.string(), value: text };
}

function readScalar(text: string): SchemaAndValue {
  if (text === 'null') return { schema: null, value: null };
  if (text === 'true' || text === 'false')
    return { schema: schemas.boolean(), value: text === 'true' };
  if (/^\d/.test(text)) {
    const moment = readMoment(text);
    if (moment !== undefined) return moment;
  }
  return NUMBER.test(text) && /^[\d+-]/.test(text) ? readNumber(text) : stringOf(text);
}

/** Dates are read in UTC, in which they are written. */
function readMoment(text: string): SchemaAndValue | undefined {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return moment(`${text}T00:00:00.000Z`, logical.date());
  if (/^\d\d:\d\d:\d\d\.\d{3}Z$/.test(text)) return moment(`1970-01-01T${text}`, logical.time());
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text))
    return moment(text, logical.timestamp());
  return undefined;
}

function moment(iso: string, schema: Schema): SchemaAndValue | undefined {
  const value = new Date(iso);
  return Number.isNaN(value.getTime()) ? undefined : { schema, value };
}

function readNumber(text: string): SchemaAndValue {
  const decimal = Decimal.parse(text);
  // An exponent of thousands would take as many digits to write out; such a text is no number that anybody sent.
  if (Math.abs(decimal.scale) > 400) return stringOf(text);
  const whole = decimal.withScale(0)?.unscaled;
  if (whole !== undefined) {
    for (const [bits, schema] of [
      [8, schemas.int8()],
      [16, schemas.int16()],
      [32, schemas.int32()],
    ] as const)
      if (BigInt.asIntN(bits, whole) === whole) return { schema, value: Number(whole) };
    if (BigInt.asIntN(64, whole) === whole) {
      const number = Number(whole);
      return { schema: schemas.int64(), value: Number.isSafeInteger(number) ? number : whole };
    }
    // A plain integer keeps its digits; with a point or an exponent it is a measurement.
    if (decimal.scale === 0) return { schema: logical.decimal(0), value: decimal };
  }
  const number = Number(text);
  if (Number.isFinite(Math.fround(number)))
    return { schema: schemas.float32(), value: Math.fround(number) };
  if (Number.isFinite(number)) return { schema: schemas.float64(), value: number };
  return { schema: logical.decimal(decimal.scale), value: decimal };
}

/** `[…]` and `{…}`; undefined for what is malformed. */
class NestedParser {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): SchemaAndValue | undefined {
    const value = this.#value(0);
    this.#skipSpace();
    return this.#position === this.#text.length ? value : undefined;
  }

  #value(depth: number): SchemaAndValue | undefined {
    if (depth > DEPTH_MAX) return undefined;
    this.#skipSpace();
    switch (this.#text[this.#position]) {
      case '[':
        return this.#array(depth);
      case '{':
        return this.#map(depth);
      case '"':
        return this.#string();
      default:
        return this.#bare();
    }
  }

  #array(depth: number): SchemaAndValue | undefined {
    const items: SchemaAndValue[] = [];
    this.#position++;
    if (!this.#take(']')) {
      do {
        const item = this.#value(depth + 1);
        if (item === undefined) return undefined;
        items.push(item);
      } while (this.#take(','));
      if (!this.#take(']')) return undefined;
    }
    const common = commonSchema(items);
    return {
      schema: common === undefined ? null : schemas.array(common),
      value: items.map((item) => item.value),
    };
  }

  #map(depth: number): SchemaAndValue | undefined {
    const entries: [SchemaAndValue, SchemaAndValue][] = [];
    this.#position++;
    if (!this.#take('}')) {
      do {
        const key = this.#value(depth + 1);
        const item = key !== undefined && this.#take(':') ? this.#value(depth + 1) : undefined;
        if (key === undefined || key.value === null || item === undefined) return undefined;
        entries.push([key, item]);
      } while (this.#take(','));
      if (!this.#take('}')) return undefined;
    }
    const keys = commonSchema(entries.map(([key]) => key));
    const values = commonSchema(entries.map(([, item]) => item));
    return {
      schema: keys === undefined || values === undefined ? null : schemas.map(keys, values),
      value: new Map(entries.map(([key, item]) => [key.value, item.value])),
    };
  }

  #string(): SchemaAndValue | undefined {
    let text = '';
    for (this.#position++; this.#position < this.#text.length; this.#position++) {
      const character = this.#text[this.#position];
      if (character === '"') {
        this.#position++;
        return readMoment(text) ?? stringOf(text);
      }
      if (character === '\\') this.#position++;
      text += this.#text[this.#position] ?? '';
    }
    return undefined;
  }

  #bare(): SchemaAndValue | undefined {
    // Times hold colons, which otherwise end a key.
    const pattern =
      /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z|\d\d:\d\d:\d\d\.\d{3}Z|(?:\\.|[^:,{}[\]"\\])+/y;
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#position = pattern.lastIndex;
    const scalar = readScalar(match[0].trim().replace(/\\(.)/g, '$1'));
    // Words stand in quotes here: "[abc]" and "{id}" are texts, and stay as they are when they are written again.
    return scalar.schema?.type === 'string' ? undefined : scalar;
  }

  #take(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #skipSpace(): void {
    while (this.#text[this.#position] === ' ') this.#position++;
  }
}

const WIDENING = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64'];

/** The one schema that all items have, or the widest of numbers; undefined when there is none. */
function commonSchema(items: readonly SchemaAndValue[]): Schema | undefined {
  let common: Schema | undefined;
  for (const { schema, value } of items) {
    if (value === null) continue;
    if (schema === null) return undefined;
    const wider = common === undefined ? schema : widerOf(common, schema);
    if (wider === undefined) return undefined;
    common = wider;
  }
  if (common === undefined) return undefined;
  return items.some((item) => item.value === null) ? { ...common, optional: true } : common;
}

function widerOf(left: Schema, right: Schema): Schema | undefined {
  if (left.type === right.type && left.name === right.name) return left;
  if (left.name !== undefined || right.name !== undefined) return undefined;
  const [leftRank, rightRank] = [WIDENING.indexOf(left.type), WIDENING.indexOf(right.type)];
  if (leftRank < 0 || rightRank < 0) return undefined;
  return leftRank > rightRank ? left : right;
}
