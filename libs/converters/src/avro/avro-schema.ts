/** JSON as `parseJson` gives it: integers beyond 2^53 are bigint, and `NumberText` keeps digits as they are to be written. */
export type Json = unknown;
/** In the order in which they are written. */
export type Props = Map<string, Json>;

export type AvroPrimitiveKind =
  'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

export interface AvroPrimitive {
  readonly kind: AvroPrimitiveKind;
  readonly props: Props;
}

export interface AvroField {
  readonly name: string;
  readonly schema: AvroSchema;
  readonly doc?: string;
  /** Undefined: none. */
  readonly default?: Json;
  readonly props: Props;
}

export interface AvroRecord {
  readonly kind: 'record';
  /** With its namespace. */
  readonly name: string;
  readonly doc?: string;
  /** Filled after its making, so that a record can hold itself. */
  readonly fields: AvroField[];
  readonly props: Props;
}

export interface AvroEnum {
  readonly kind: 'enum';
  readonly name: string;
  readonly doc?: string;
  readonly symbols: readonly string[];
  readonly default?: string;
  readonly props: Props;
}

export interface AvroFixed {
  readonly kind: 'fixed';
  readonly name: string;
  readonly doc?: string;
  readonly size: number;
  readonly props: Props;
}

export interface AvroArray {
  readonly kind: 'array';
  readonly items: AvroSchema;
  readonly props: Props;
}

export interface AvroMap {
  readonly kind: 'map';
  readonly values: AvroSchema;
  readonly props: Props;
}

export interface AvroUnion {
  readonly kind: 'union';
  readonly branches: readonly AvroSchema[];
}

export type AvroNamed = AvroRecord | AvroEnum | AvroFixed;
export type AvroSchema = AvroPrimitive | AvroNamed | AvroArray | AvroMap | AvroUnion;

export function primitive(kind: AvroPrimitiveKind): AvroPrimitive {
  return { kind, props: new Map() };
}

export function isNamed(schema: AvroSchema): schema is AvroNamed {
  return schema.kind === 'record' || schema.kind === 'enum' || schema.kind === 'fixed';
}

export function propsOf(schema: AvroSchema): Props | undefined {
  return schema.kind === 'union' ? undefined : schema.props;
}

/** A property that is text. */
export function textProp(schema: AvroSchema, name: string): string | undefined {
  const value = propsOf(schema)?.get(name);
  return typeof value === 'string' ? value : undefined;
}

export function namespaceOf(fullName: string): string {
  return fullName.slice(0, Math.max(0, fullName.lastIndexOf('.')));
}

export function simpleNameOf(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1);
}
