/** Kafka's ConfigDef, as data: the fields a component accepts, from which it is parsed, validated and documented. */
export type FieldType =
  'BOOLEAN' | 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD';
export type Importance = 'HIGH' | 'MEDIUM' | 'LOW';
export type Width = 'NONE' | 'SHORT' | 'MEDIUM' | 'LONG';

/** What each type is once parsed. */
export interface ParsedValues {
  BOOLEAN: boolean;
  STRING: string;
  INT: number;
  SHORT: number;
  LONG: number;
  DOUBLE: number;
  LIST: readonly string[];
  CLASS: string;
  PASSWORD: string;
}

/** Returns what is wrong with a parsed value, or undefined. See `validators.ts`. */
export type Validator<T> = (value: T) => string | undefined;

export interface Field<T extends FieldType = FieldType> {
  readonly type: T;
  readonly doc: string;
  /** Absent: the field is required. null: optional without a value. */
  readonly default?: ParsedValues[T] | null;
  readonly importance?: Importance;
  readonly group?: string;
  readonly order?: number;
  readonly width?: Width;
  readonly displayName?: string;
  readonly dependents?: readonly string[];
  /** Values offered to a person who fills in a form. */
  readonly recommended?: readonly string[];
  readonly validate?: Validator<ParsedValues[T]>;
  /** Other spellings that are accepted for this field, the first present one wins after the name itself. */
  readonly aliases?: readonly string[];
}

export type Fields = Readonly<Record<string, AnyField>>;

/** A field of some type; methods are bivariant so that fields of all types fit in one table. */
export type AnyField = { [T in FieldType]: Field<T> }[FieldType];

type ValueOf<F> = F extends { readonly type: infer T extends FieldType }
  ? F extends { readonly default: null }
    ? ParsedValues[T] | null
    : ParsedValues[T]
  : never;

/** The typed result of parsing raw configuration by `fields`. */
export type Resolved<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** Keeps the literal types of a table of fields. */
export function defineFields<const F extends Fields>(fields: F): F {
  return fields;
}
