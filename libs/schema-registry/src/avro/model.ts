import type { Json, JsonObject } from '../json/json.ts';

export const PRIMITIVES = [
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
] as const;

export type PrimitiveName = (typeof PRIMITIVES)[number];

/** An Avro schema; a named type is one object, however often it is used, so that types may contain themselves. */
export type AvroType =
  AvroPrimitive | AvroRecord | AvroEnum | AvroFixed | AvroArray | AvroMap | AvroUnion;

export type AvroNamed = AvroRecord | AvroEnum | AvroFixed;

/** Attributes that Avro gives no meaning of its own, `logicalType` among them, in the order given. */
type Properties = JsonObject;

export interface AvroPrimitive {
  readonly kind: PrimitiveName;
  readonly properties: Properties;
}

interface Named {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly doc: string | undefined;
  /** Full names. */
  readonly aliases: readonly string[];
  readonly properties: Properties;
}

export interface AvroRecord extends Named {
  readonly kind: 'record' | 'error';
  fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  type: AvroType;
  readonly doc: string | undefined;
  /** Undefined: none; JSON's null is a default. */
  readonly default: Json | undefined;
  readonly order: string;
  readonly aliases: readonly string[];
  readonly properties: Properties;
}

export interface AvroEnum extends Named {
  readonly kind: 'enum';
  readonly symbols: readonly string[];
  readonly default: string | undefined;
}

export interface AvroFixed extends Named {
  readonly kind: 'fixed';
  readonly size: number;
}

export interface AvroArray {
  readonly kind: 'array';
  items: AvroType;
  readonly properties: Properties;
}

export interface AvroMap {
  readonly kind: 'map';
  values: AvroType;
  readonly properties: Properties;
}

export interface AvroUnion {
  readonly kind: 'union';
  types: readonly AvroType[];
}

export function isPrimitiveName(name: string): name is PrimitiveName {
  return PRIMITIVES.some((primitive) => primitive === name);
}

export function isRecord(type: AvroType): type is AvroRecord {
  return type.kind === 'record' || type.kind === 'error';
}

export function isNamed(type: AvroType): type is AvroNamed {
  return isRecord(type) || type.kind === 'enum' || type.kind === 'fixed';
}

export function fullNameOf({ name, namespace }: Pick<Named, 'name' | 'namespace'>): string {
  return namespace === undefined ? name : `${namespace}.${name}`;
}

/** By Java's names, for messages: an error is a record. */
export function kindNameOf(type: AvroType): string {
  return isRecord(type) ? 'RECORD' : type.kind.toUpperCase();
}
