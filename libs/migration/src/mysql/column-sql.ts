import type { Catalog, Column } from '../model/catalog.ts';
import type { ColumnPair, SchemaOptions } from '../schema/schema-plan.ts';
import { carriedCollation } from './collation.ts';
import { quoteName, quoteText } from './quote.ts';

/** A line of CREATE TABLE. */
export function columnSql(
  { column, targetType }: ColumnPair,
  catalog: Catalog,
  { targetProduct }: SchemaOptions,
): string {
  const isNative = catalog.family === 'mysql';
  const comment = column.comment === null ? '' : ` COMMENT ${quoteText(column.comment)}`;
  const required = column.isNullable ? ' NULL' : ' NOT NULL';
  const head = `${quoteName(column.name)} ${targetType}${charset(column, isNative, targetProduct)}`;
  if (isNative && column.generated !== null) {
    const how = column.generated.isStored ? ' STORED' : ' VIRTUAL';
    return `${head} GENERATED ALWAYS AS (${column.generated.expression})${how}${comment}`;
  }
  if (counts(column, isNative)) return `${head} NOT NULL AUTO_INCREMENT${comment}`;
  const value = isNative ? column.nativeDefault : translatedDefault(column, targetType);
  return `${head}${required}${value === null ? '' : ` DEFAULT ${value}`}${comment}`;
}

function charset(
  column: Column,
  isNative: boolean,
  target: SchemaOptions['targetProduct'],
): string {
  if (!isNative || column.collation === null || column.type.kind === 'json') return '';
  const collation = carriedCollation(column.collation, target);
  return ` CHARACTER SET ${column.charset ?? 'utf8mb4'} COLLATE ${collation}`;
}

function translatedDefault({ default: value, type }: Column, targetType: string): string | null {
  if (value === null) return null;
  if (value.kind === 'now') {
    if (targetType.startsWith('datetime')) {
      const precision = /\((\d)\)/.exec(targetType)?.[1] ?? '0';
      return `CURRENT_TIMESTAMP(${precision})`;
    }
    return null;
  }
  if (value.kind !== 'literal') return null;
  switch (type.kind) {
    case 'boolean':
      return /^t|^y|^1|^on/i.test(value.value) ? '1' : '0';
    case 'integer':
    case 'decimal':
    case 'float':
    case 'varchar':
    case 'char':
    case 'enum':
    case 'date':
    case 'time':
    case 'uuid':
      return quoteText(value.value);
    case 'timestamp':
      return type.hasZone ? null : quoteText(value.value);
    case 'bits':
      return `b'${value.value.replaceAll(/[^01]/g, '')}'`;
    default:
      // Long types take expressions alone.
      return type.kind === 'text' || type.kind === 'json'
        ? targetType.startsWith('varchar')
          ? quoteText(value.value)
          : `(${quoteText(value.value)})`
        : null;
  }
}

/** Its next value is the table's to give. */
export function counts(column: Column, isNative: boolean): boolean {
  if (isNative) return column.identity === 'auto-increment';
  return (
    column.type.kind === 'integer' &&
    (column.identity !== null || column.default?.kind === 'sequence')
  );
}
