/**
 * JSON as the Java registry reads and writes it: members keep their order, the last of two with one name counts, and
 * numbers keep what they are (`1.0` is no integer, 64 bits are not rounded). A schema's text is its identity, so that
 * `JSON.parse` and `JSON.stringify` would give another one.
 */
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;

export type JsonObject = ReadonlyMap<string, Json>;

/** A number by its text, as Jackson would print it. */
export class JsonNumber {
  readonly text: string;
  readonly isInteger: boolean;

  constructor(text: string, isInteger: boolean) {
    this.text = text;
    this.isInteger = isInteger;
  }

  get value(): number {
    return Number(this.text);
  }
}

export function isJsonObject(json: Json | undefined): json is JsonObject {
  return json instanceof Map;
}

export function isJsonArray(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

/** Compact, as Jackson's `toString`. */
export function printJson(json: Json): string {
  if (json === null) return 'null';
  if (typeof json === 'boolean') return json ? 'true' : 'false';
  if (typeof json === 'string') return quoteJson(json);
  if (json instanceof JsonNumber) return json.text;
  if (isJsonArray(json)) return `[${json.map(printJson).join(',')}]`;
  const members = [...json].map(([name, value]) => `${quoteJson(name)}:${printJson(value)}`);
  return `{${members.join(',')}}`;
}

/** The same with the members of every object sorted by name. */
export function sortJson(json: Json): Json {
  if (isJsonArray(json)) return json.map(sortJson);
  if (!isJsonObject(json)) return json;
  const members = [...json].map(([name, value]): [string, Json] => [name, sortJson(value)]);
  return new Map(members.sort(([one], [other]) => compareText(one, other)));
}

/** By UTF-16 units, as Java compares strings. */
export function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Jackson writes other characters than ASCII as they are, and control characters in upper-case hex. */
export function quoteJson(text: string): string {
  return JSON.stringify(text).replace(
    /\\u00[0-9a-f]{2}/g,
    (escape) => `\\u${escape.slice(2).toUpperCase()}`,
  );
}

/** As `Double.toString` of Java writes it. */
export function javaDouble(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-3 && magnitude < 1e7) {
    const text = String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}

/** As `BigDecimal.toString` of Java writes it: digits as given, an exponent only where it must be. */
export function javaDecimal(literal: string): string {
  const [mantissa = '', exponent = '0'] = literal.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = (whole + fraction).replace(/^0+(?=\d)/, '');
  const scale = fraction.length - Number(exponent);
  const adjusted = digits.length - 1 - scale;
  const isNegative = mantissa.startsWith('-') && /[1-9]/.test(digits);
  return (isNegative ? '-' : '') + scaled(digits, scale, adjusted);
}

function scaled(digits: string, scale: number, adjusted: number): string {
  if (scale === 0) return digits;
  if (scale > 0 && adjusted >= -6) {
    const padded = digits.padStart(scale + 1, '0');
    return `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
  }
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${digits.charAt(0)}${fraction}E${adjusted >= 0 ? '+' : ''}${adjusted}`;
}

/** Plain JavaScript values as JSON; members that are undefined are left out. */
export function jsonOf(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number')
    return Number.isInteger(value)
      ? new JsonNumber(String(value), true)
      : new JsonNumber(javaDouble(value), false);
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== 'object') return null;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return new Map(members.map(([name, member]) => [name, jsonOf(member)]));
}
