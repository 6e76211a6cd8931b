import { wholeRegex } from '@millrace/config';
import { sourceFault } from './errors.ts';

/** The columns of the tables whose full name matches. */
export interface ColumnMapping {
  readonly tables: RegExp;
  readonly columns: readonly string[];
}

/** Parses `regex:column` and `regex:[column1|column2]`. */
export function columnMappings(texts: readonly string[]): readonly ColumnMapping[] {
  return texts.map((text) => {
    const at = text.lastIndexOf(':');
    const columns = text
      .slice(at + 1)
      .trim()
      .replace(/^\[|\]$/g, '')
      .split('|')
      .map((column) => column.trim())
      .filter((column) => column !== '');
    if (at <= 0 || columns.length === 0)
      throw sourceFault(
        'jdbc.column_mapping_invalid',
        `"${text}" is no mapping of tables to columns`,
        'write regex:column, or regex:[column1|column2]',
      );
    return { tables: wholeRegex(text.slice(0, at).trim()), columns };
  });
}

/**
 * The columns of one table.
 * @throws MillraceError unless exactly one mapping matches
 */
export function mappedColumns(
  mappings: readonly ColumnMapping[],
  table: string,
  key: string,
): readonly string[] {
  const matching = mappings.filter(({ tables }) => tables.test(table));
  const [only] = matching;
  if (only === undefined || matching.length > 1)
    throw sourceFault(
      'jdbc.column_mapping_ambiguous',
      `${matching.length} mappings of ${key} match the table ${table}`,
      `each table must match exactly one regular expression of ${key}`,
    );
  return only.columns;
}
