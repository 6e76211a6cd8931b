import { ByteReader } from './byte-reader.ts';
import type { WireColumn } from './table-map.ts';
import { WIRE } from './wire-types.ts';

/** What `binlog_row_metadata=FULL` tells over the form. */
export interface FullMetadata {
  readonly names: readonly string[];
  /** Of enum and set columns, else empty. In the bytes of their character set. */
  readonly labels: readonly (readonly Buffer[])[];
  /** Indexes of the columns of the primary key, in its order; empty without one. */
  readonly primaryKey: readonly number[];
  /** Of geometry columns: 0 any, 1 point, 2 line string, 3 polygon, 4 to 6 many of them, 7 collection; else −1. */
  readonly geometryTypes: readonly number[];
  readonly isVisible: readonly boolean[];
  /** Of vector columns; else 0. */
  readonly dimensions: readonly number[];
}

const FIELD = {
  signedness: 1,
  defaultCharset: 2,
  columnCharset: 3,
  columnName: 4,
  setLabels: 5,
  enumLabels: 6,
  geometryType: 7,
  simplePrimaryKey: 8,
  primaryKeyWithPrefix: 9,
  labelDefaultCharset: 10,
  labelColumnCharset: 11,
  visibility: 12,
  dimensions: 13,
} as const;

const NUMBERS: ReadonlySet<number> = new Set([
  WIRE.tiny,
  WIRE.short,
  WIRE.int24,
  WIRE.long,
  WIRE.longLong,
  WIRE.newDecimal,
  WIRE.float,
  WIRE.double,
  // MariaDB counts these; MySQL too, though they are never signed.
  WIRE.year,
]);

const TEXTS: ReadonlySet<number> = new Set([
  WIRE.string,
  WIRE.varString,
  WIRE.varchar,
  WIRE.varcharCompressed,
  WIRE.blob,
  WIRE.blobCompressed,
  WIRE.tinyBlob,
  WIRE.mediumBlob,
  WIRE.longBlob,
]);

/** MariaDB's list of character sets has geometries too, as blobs. */
const MARIADB_TEXTS: ReadonlySet<number> = new Set([...TEXTS, WIRE.geometry]);

/** The columns with what the optional fields tell of them. @throws RangeError when they are not whole */
export function readMetadata(
  reader: ByteReader,
  columns: readonly WireColumn[],
  flavour: 'mysql' | 'mariadb',
): { readonly columns: readonly WireColumn[]; readonly full: FullMetadata | null } {
  const isUnsigned = columns.map((column): boolean | null => column.isUnsigned);
  const collations = columns.map((column): number | null => column.collation);
  const indexesOf = (types: ReadonlySet<number>): readonly number[] =>
    columns.flatMap(({ type }, index) => (types.has(type) ? [index] : []));
  const texts = indexesOf(flavour === 'mysql' ? TEXTS : MARIADB_TEXTS);
  const labelled = indexesOf(new Set([WIRE.enum, WIRE.set]));
  let names: readonly string[] | null = null;
  const labels = columns.map((): readonly Buffer[] => []);
  const geometryTypes = columns.map(() => -1);
  const dimensions = columns.map(() => 0);
  let isVisible = columns.map(() => true);
  let primaryKey: readonly number[] = [];
  while (reader.left > 0) {
    const kind = reader.uint8();
    const field = new ByteReader(reader.bytes(reader.packed()), 0, Number.MAX_SAFE_INTEGER);
    switch (kind) {
      case FIELD.signedness: {
        const bits = bitsOf(field.rest());
        indexesOf(NUMBERS).forEach((column, index) => (isUnsigned[column] = bits(index)));
        break;
      }
      case FIELD.defaultCharset:
        readDefaultCharset(field, texts, collations);
        break;
      case FIELD.columnCharset:
        readEach(field, texts, collations);
        break;
      case FIELD.labelDefaultCharset:
        readDefaultCharset(field, labelled, collations);
        break;
      case FIELD.labelColumnCharset:
        readEach(field, labelled, collations);
        break;
      case FIELD.columnName:
        names = readNames(field);
        break;
      case FIELD.setLabels:
        readLabels(field, indexesOf(new Set([WIRE.set])), labels);
        break;
      case FIELD.enumLabels:
        readLabels(field, indexesOf(new Set([WIRE.enum])), labels);
        break;
      case FIELD.geometryType:
        readEach(field, indexesOf(new Set([WIRE.geometry])), geometryTypes);
        break;
      case FIELD.dimensions:
        readEach(field, indexesOf(new Set([WIRE.vector])), dimensions);
        break;
      case FIELD.simplePrimaryKey:
        primaryKey = readNumbers(field);
        break;
      case FIELD.primaryKeyWithPrefix:
        primaryKey = readNumbers(field).filter((_, index) => index % 2 === 0);
        break;
      case FIELD.visibility: {
        const bits = bitsOf(field.rest());
        isVisible = columns.map((_, index) => bits(index));
        break;
      }
      default: // what later servers may add
    }
  }
  return {
    columns: columns.map((column, index) => ({
      ...column,
      isUnsigned: isUnsigned[index] ?? null,
      collation: collations[index] ?? null,
    })),
    full:
      names?.length === columns.length
        ? { names, labels, primaryKey, geometryTypes, isVisible, dimensions }
        : null,
  };
}

/** From the highest bit of the first byte. */
function bitsOf(bytes: Buffer): (index: number) => boolean {
  return (index) => ((bytes[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
}

/** One for all, then those that differ: which of the texts, and its own. */
function readDefaultCharset(
  field: ByteReader,
  texts: readonly number[],
  collations: (number | null)[],
): void {
  const common = field.packed();
  for (const column of texts) collations[column] = common;
  while (field.left > 0) {
    const column = texts[field.packed()];
    const collation = field.packed();
    if (column !== undefined) collations[column] = collation;
  }
}

function readEach(
  field: ByteReader,
  columns: readonly number[],
  into: (number | null)[] | number[],
): void {
  for (const column of columns) if (field.left > 0) into[column] = field.packed();
}

function readNumbers(field: ByteReader): readonly number[] {
  const numbers: number[] = [];
  while (field.left > 0) numbers.push(field.packed());
  return numbers;
}

function readNames(field: ByteReader): readonly string[] {
  const names: string[] = [];
  while (field.left > 0) names.push(field.text(field.packed()));
  return names;
}

function readLabels(
  field: ByteReader,
  columns: readonly number[],
  into: (readonly Buffer[])[],
): void {
  for (const column of columns) {
    if (field.left === 0) return;
    const labels: Buffer[] = [];
    for (let left = field.packed(); left > 0; left--)
      labels.push(Buffer.from(field.bytes(field.packed())));
    into[column] = labels;
  }
}
