import { tableNameInvalid, type TargetError } from '../../../errors.ts';
import type { Settings } from '../../settings.ts';
import type { Column, Table, TableName } from '../../write/table.ts';

/** Names keep their letter case, quoted or not; the server folds table names where its file system does. */
export function fold(name: string): string {
  return name;
}

export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

export function quoteText(text: string): string {
  return `'${text.replace(/[\\'\0]/g, (character) => (character === '\0' ? '\\0' : `\\${character}`))}'`;
}

/** Column names differ by more than letter case, whatever the settings say. */
export function findColumn(table: Table, field: string): Column | undefined {
  const exact = table.columns.get(field);
  if (exact !== undefined) return exact;
  const lower = field.toLowerCase();
  for (const [name, column] of table.columns) if (name.toLowerCase() === lower) return column;
  return undefined;
}

/** As the server counts: code points. */
export function characterCount(text: string): number {
  let count = 0;
  for (const character of text) if (character !== '') count++;
  return count;
}

const NAME_CHARACTERS_MAX = 64;

/** `table` or `database.table`. */
export function tableName(text: string, settings: Settings): TableName {
  const parts = text.split('.');
  if (parts.some((part) => part === '' || part.endsWith(' ')) || parts.length > 2)
    throw invalid(`"${text}" is not a table name: expected table or database.table`, settings);
  if (parts.some((part) => characterCount(part) > NAME_CHARACTERS_MAX))
    throw invalid(`"${text}" has a name of more than ${NAME_CHARACTERS_MAX} characters`, settings);
  const [first = '', second] = parts;
  if (second !== undefined) return { schema: first, name: second };
  if (settings.url.database === '')
    throw invalid(`"${text}" names no database, and neither does connection.url`, settings);
  return { schema: null, name: first };
}

function invalid(reason: string, settings: Settings): TargetError {
  return tableNameInvalid(
    reason,
    `set ${settings.keys.tableFormat}, for example to \${source.table} or shop.\${source.table}, or rename topics with the RegexRouter transform`,
  );
}
