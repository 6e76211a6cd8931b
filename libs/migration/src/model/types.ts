/** What a column holds, without regard to the database. Widths are those that a translation needs. */
export type ColumnType =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer'; readonly bits: 8 | 16 | 24 | 32 | 64; readonly isUnsigned: boolean }
  /** Undefined: any number of digits. */
  | { readonly kind: 'decimal'; readonly precision?: number; readonly scale?: number }
  | { readonly kind: 'money' }
  | { readonly kind: 'float'; readonly bits: 32 | 64 }
  | { readonly kind: 'char'; readonly length: number }
  | { readonly kind: 'varchar'; readonly length: number }
  /** `bytesMax` undefined: as much as the server takes. */
  | { readonly kind: 'text'; readonly bytesMax?: number }
  | { readonly kind: 'binary'; readonly length: number }
  | { readonly kind: 'varbinary'; readonly length: number }
  | { readonly kind: 'blob'; readonly bytesMax?: number }
  | { readonly kind: 'bits'; readonly length?: number; readonly isVarying: boolean }
  | { readonly kind: 'date' }
  | { readonly kind: 'time'; readonly precision: number; readonly hasZone: boolean }
  | { readonly kind: 'timestamp'; readonly precision: number; readonly hasZone: boolean }
  | { readonly kind: 'interval' }
  | { readonly kind: 'year' }
  | { readonly kind: 'json' }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'xml' }
  /** Addresses, ranges and others that have no better form elsewhere than their text. */
  | { readonly kind: 'inet' | 'range' | 'search' | 'pair-map' }
  | { readonly kind: 'enum'; readonly labels: readonly string[] }
  | { readonly kind: 'set'; readonly labels: readonly string[] }
  | { readonly kind: 'array'; readonly element: ColumnType }
  | { readonly kind: 'geometry'; readonly shape: string }
  | { readonly kind: 'vector'; readonly length?: number }
  | { readonly kind: 'other' };

export type Default =
  /** As the text of the value. */
  | { readonly kind: 'literal'; readonly value: string }
  | { readonly kind: 'now'; readonly precision: number; readonly onUpdate: boolean }
  /** The next value of a sequence. */
  | { readonly kind: 'sequence' }
  /** Nothing that another database understands. */
  | { readonly kind: 'expression' };
