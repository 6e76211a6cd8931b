import type { Schema } from '@millrace/record';
import type { ValueSettings } from '../settings.ts';
import type { PostgresType } from './type-catalog.ts';

/** How the values of one type are carried: its schema, and how the server's text becomes a value. */
export interface ColumnCodec {
  /** Required; a column makes it optional and gives it a default. */
  readonly schema: Schema;
  /** @throws MillraceError when the value can't be represented (INV-8) */
  readonly decode: (text: string) => unknown;
  /** A shorter way from text bytes to JSON bytes, where there is one. */
  readonly json: JsonShortcut;
  /** Stands for a missing value of a required column: the old row of a table with the default replica identity. */
  readonly zero: unknown;
  /** Stands for a TOAST value that the server did not send; undefined: the type has none. */
  readonly placeholder: unknown;
}

export type JsonShortcut =
  /** The text is the JSON number. */
  | { readonly kind: 'digits' }
  | { readonly kind: 'boolean' }
  /** The text is the string; quotes and control characters are escaped. */
  | { readonly kind: 'string' }
  /** The text is the string, and nothing in it is ever escaped. */
  | { readonly kind: 'plain' }
  | { readonly kind: 'zoned-timestamp'; readonly fractionDigits: number }
  | { readonly kind: 'decimal'; readonly scale: number }
  /** NaN: take the long way. */
  | {
      readonly kind: 'number';
      readonly parse: (buffer: Buffer, start: number, end: number) => number;
    }
  /** No shortcut: the value, then its JSON by the schema. */
  | { readonly kind: 'value' };

export interface TypeContext {
  readonly type: PostgresType;
  readonly modifier: number;
  readonly settings: ValueSettings;
}

export type CodecMaker = (context: TypeContext) => ColumnCodec;

const VALUE: JsonShortcut = { kind: 'value' };

/** A codec without shortcut or placeholder unless they are given. */
export function codec(
  schema: Schema,
  decode: (text: string) => unknown,
  zero: unknown,
  { json = VALUE, placeholder }: { json?: JsonShortcut; placeholder?: unknown } = {},
): ColumnCodec {
  return { schema, decode, json, zero, placeholder };
}
