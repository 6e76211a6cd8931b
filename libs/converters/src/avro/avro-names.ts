import type { Schema } from '@millrace/record';
import { simpleNameOf, type AvroSchema, isNamed } from './avro-schema.ts';
import type { AvroSettings } from './avro-settings.ts';

/** Names of properties and parameters by which Confluent's converter keeps what Avro itself can't say. */
export const NAMESPACE = 'io.confluent.connect.avro';
export const ANYTHING = `${NAMESPACE}.Anything`;
export const DEFAULT_NAME = `${NAMESPACE}.ConnectDefault`;
export const MAP_ENTRY = 'MapEntry';
export const UNION_NAME = `${NAMESPACE}.Union`;
export const ENUM_PARAMETER = `${NAMESPACE}.Enum`;
export const GENERAL_UNION_PARAMETER = 'org.apache.kafka.connect.data.Union';
export const GENERAL_ENUM_PARAMETER = 'org.apache.kafka.connect.data.Enum';
export const GENERAL_UNION_PREFIX = 'connect_union_';
export const RECORD_DOC_PARAMETER = `${NAMESPACE}.record.doc`;
export const FIELD_DOC_PREFIX = `${NAMESPACE}.field.doc.`;
export const ENUM_DOC_PREFIX = `${NAMESPACE}.enum.doc.`;
export const ENUM_DEFAULT_PREFIX = `${NAMESPACE}.enum.default.`;
/** The default of a Connect schema came from an Avro field. */
export const FIELD_DEFAULT_PARAMETER = `${NAMESPACE}.field.default`;
export const FIXED_SIZE_PARAMETER = 'connect.fixed.size';
export const PRECISION_PARAMETER = 'connect.decimal.precision';
export const PRECISION_DEFAULT = 64;

/** A name as Avro allows it: everything else is percent-encoded, and the percent sign becomes an underscore. */
export function scrubbed(name: string, settings: AvroSettings): string {
  if (!settings.scrubsNames || name === '' || /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  const encoded = encodeURIComponent(name)
    .replace(/[!'()~]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
  return (/^[0-9]/.test(encoded) ? `x${encoded}` : encoded).replace(/[^A-Za-z0-9_]/g, '_');
}

export function scrubbedFullName(name: string, settings: AvroSettings): string {
  if (!settings.scrubsNames) return name;
  return name
    .split('.')
    .map((part) => scrubbed(part, settings))
    .join('.');
}

export function isUnionStruct(schema: Schema): boolean {
  return (
    schema.type === 'struct' &&
    (schema.name === UNION_NAME || schema.parameters?.[GENERAL_UNION_PARAMETER] !== undefined)
  );
}

/** The enum that a string schema stands for: its full name, and the parameter under which its symbols are. */
export function enumOf(
  schema: Schema,
  settings: AvroSettings,
): { readonly name: string; readonly parameter: string } | undefined {
  if (schema.type !== 'string' || schema.parameters === undefined) return undefined;
  if (!settings.isEnhanced && !settings.generalizesSumTypes) return undefined;
  const order = settings.generalizesSumTypes
    ? [GENERAL_ENUM_PARAMETER, ENUM_PARAMETER]
    : [ENUM_PARAMETER, GENERAL_ENUM_PARAMETER];
  for (const parameter of order) {
    const name = schema.parameters[parameter];
    if (name !== undefined) return { name, parameter };
  }
  return undefined;
}

export function fixedSizeOf(schema: Schema): number | undefined {
  if (schema.type !== 'bytes' || schema.name === undefined) return undefined;
  const size = schema.parameters?.[FIXED_SIZE_PARAMETER];
  return size === undefined ? undefined : Number(size);
}

/** What the field of a union struct is called that holds values of this branch. */
export function branchFieldName(branch: AvroSchema, index: number, settings: AvroSettings): string {
  if (settings.generalizesSumTypes) return `${GENERAL_UNION_PREFIX}field_${index}`;
  if (!isNamed(branch)) return branch.kind;
  return settings.isEnhanced ? branch.name : simpleNameOf(branch.name);
}

/** A map that Avro's own, with keys of text, can't hold: an array of entries instead. */
export function isEntryArray(schema: Schema, settings: AvroSettings): boolean {
  return (
    schema.type === 'map' &&
    !(schema.keys.type === 'string' && (!schema.keys.optional || settings.allowsOptionalMapKeys))
  );
}
