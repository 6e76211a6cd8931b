import { readdirSync, readFileSync } from 'node:fs';

import fc from 'fast-check';

import {
  parseSchema,
  type ApiDefinition,
  type MessageDefinition,
  type SchemaField,
  type SchemaMessage,
  type SchemaStruct,
} from '../generator/parse-schema.mjs';

const schemasUrl = new URL('../schemas/', import.meta.url);

const definitions = readdirSync(schemasUrl).flatMap((file) =>
  parseSchema(readFileSync(new URL(file, schemasUrl), 'utf8'), file),
);

export const apiDefinitions: readonly ApiDefinition[] = definitions.filter(
  (each) => each.kind === 'api',
);
export const messageDefinitions: readonly MessageDefinition[] = definitions.filter(
  (each) => each.kind === 'message',
);

export type Fields = Readonly<Record<string, unknown>>;

export interface RandomOptions {
  /** Never leave out a field, and never use null. */
  readonly isFull?: boolean;
  /** Short strings and one element a list, for tests that walk over every byte. */
  readonly isSmall?: boolean;
  /** For readers that know no tagged fields. */
  readonly isUntagged?: boolean;
  /** What every `errorCode` is; random when undefined. */
  readonly errorCode?: number;
}

/** Messages with the fields of one version, some that may be left out left out. */
export function messageOf(
  message: SchemaMessage,
  version: number,
  options: RandomOptions = {},
): fc.Arbitrary<Fields> {
  const root = message.structs.get('');
  if (root === undefined) throw new Error(`${message.name} has no fields`);
  return structOf(root, message, version, options);
}

function structOf(
  struct: SchemaStruct,
  message: SchemaMessage,
  version: number,
  options: RandomOptions,
): fc.Arbitrary<Fields> {
  const fields = struct.fields.filter(
    (field) =>
      version >= field.from &&
      version <= field.to &&
      !(options.isUntagged === true && field.tag !== undefined),
  );
  const entries = Object.fromEntries(
    fields.map((field) => [field.name, fieldOf(field, message, version, options)]),
  );
  // Without keys that must be there: fields of all versions that have no default.
  const requiredKeys = fields
    .filter(
      (field) =>
        options.isFull === true || (field.default === undefined && field.tag === undefined),
    )
    .filter(
      (field) => options.isFull === true || (field.from <= message.min && field.to >= message.max),
    )
    .map((field) => field.name);
  // A default of null can't be said in versions before null was allowed.
  const mustBeSaid = fields
    .filter((field) => field.default === 'null' && version < (field.nullableFrom ?? 0))
    .map((field) => field.name);
  return fc.record(entries, {
    requiredKeys: [...requiredKeys, ...mustBeSaid],
    noNullPrototype: true,
  });
}

function fieldOf(
  field: SchemaField,
  message: SchemaMessage,
  version: number,
  options: RandomOptions,
): fc.Arbitrary<unknown> {
  const struct = field.struct === undefined ? undefined : message.structs.get(field.struct);
  const isErrorCode = /errorCode$/i.test(field.name) && options.errorCode !== undefined;
  const one = isErrorCode
    ? fc.constant(options.errorCode)
    : struct === undefined
      ? primitiveOf(field.type, options.isSmall === true)
      : structOf(struct, message, version, options);
  const value = field.isArray
    ? fc.array(one, {
        minLength: options.isFull === true ? 1 : 0,
        maxLength: options.isSmall === true ? 1 : 3,
      })
    : one;
  const mayBeNull =
    options.isFull !== true && field.nullableFrom !== undefined && version >= field.nullableFrom;
  return mayBeNull ? fc.option(value) : value;
}

function primitiveOf(type: string, isSmall: boolean): fc.Arbitrary<unknown> {
  switch (type) {
    case 'bool':
      return fc.boolean();
    case 'int8':
      return fc.integer({ min: -0x80, max: 0x7f });
    case 'int16':
      return fc.integer({ min: -0x8000, max: 0x7fff });
    case 'uint16':
      return fc.integer({ min: 0, max: 0xffff });
    case 'float64':
      return fc.double({ noNaN: true });
    case 'int32':
      return fc.integer();
    case 'int64':
      return fc.maxSafeInteger();
    case 'uuid':
      return fc
        .uint8Array({ minLength: 16, maxLength: 16 })
        .map((bytes) => Buffer.from(bytes).toString('base64url'));
    case 'string':
      return fc.string({ unit: 'binary', maxLength: isSmall ? 3 : 60 });
    case 'bytes':
    case 'records':
      return fc.uint8Array({ maxLength: isSmall ? 4 : 300 });
    default:
      throw new Error(`no values for type ${type}`);
  }
}

export function versionsOf(range: { readonly min: number; readonly max: number }): number[] {
  return Array.from({ length: range.max - range.min + 1 }, (_, index) => range.min + index);
}
