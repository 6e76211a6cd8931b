import { isJsonArray, isJsonObject, JsonNumber, printJson, type Json } from '../json/json.ts';
import type { AvroField, AvroType } from './model.ts';
import { printAvro } from './print-avro.ts';

/**
 * A default that is no value of its field could never be used.
 * @throws Error in Avro's words
 */
export function checkDefault({ name, type, default: value }: AvroField): void {
  if (value === undefined || isValid(type, value)) return;
  throw new Error(
    `Invalid default for field ${name}: ${printJson(value)} not a ${printAvro(type)}`,
  );
}

/** Of a union any branch, as Java's Avro has it since 1.12. */
function isValid(type: AvroType, value: Json | undefined): boolean {
  if (value === undefined) return false;
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'enum':
    case 'fixed':
      return typeof value === 'string';
    case 'int':
      return isInteger(value, 31n);
    case 'long':
      return isInteger(value, 63n);
    case 'float':
    case 'double':
      return value instanceof JsonNumber;
    case 'boolean':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    case 'array':
      return isJsonArray(value) && value.every((item) => isValid(type.items, item));
    case 'map':
      return isJsonObject(value) && [...value.values()].every((item) => isValid(type.values, item));
    case 'union':
      return type.types.some((branch) => isValid(branch, value));
    case 'record':
    case 'error':
      return (
        isJsonObject(value) &&
        type.fields.every((field) => isValid(field.type, value.get(field.name) ?? field.default))
      );
  }
}

function isInteger(value: Json, bits: bigint): boolean {
  if (!(value instanceof JsonNumber) || !value.isInteger) return false;
  const integer = BigInt(value.text);
  return integer >= -(1n << bits) && integer < 1n << bits;
}
