import type { Schema, StructSchema } from '@millrace/record';
import type { JsonSettings } from '../json/settings.ts';

/** The settings of Confluent's JsonSchemaDataConfig. */
export interface JsonSchemaSettings {
  readonly decimalFormat: JsonSettings['decimalFormat'];
  readonly allowsAdditional: boolean;
  readonly usesOptionalForNonRequired: boolean;
  readonly flattensSingletonUnions: boolean;
  readonly generalizesSumTypes: boolean;
  readonly ignoresDefaultForNullables: boolean;
}

export type Json = unknown;
export type JsonObject = Readonly<Record<string, Json>>;

const NAMESPACE = 'io.confluent.connect.json';
export const ONE_OF = `${NAMESPACE}.OneOf`;
export const ENUM_PARAMETER = `${NAMESPACE}.Enum`;
export const OWN_PREFIX = NAMESPACE;
export const GENERAL_UNION_PARAMETER = 'org.apache.kafka.connect.data.Union';
export const GENERAL_ENUM_PARAMETER = 'org.apache.kafka.connect.data.Enum';
/** A null among the values of an enum. */
export const NULL_SYMBOL = '$null';

export function isUnion(schema: Schema): schema is StructSchema {
  return (
    schema.type === 'struct' &&
    (schema.name === ONE_OF || schema.parameters?.[GENERAL_UNION_PARAMETER] !== undefined)
  );
}

/** Maps with other keys are lists of entries. */
export function hasTextKeys(schema: { readonly keys: Schema }): boolean {
  return schema.keys.type === 'string' && !schema.keys.optional;
}

export function isObject(node: Json): node is JsonObject {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}
