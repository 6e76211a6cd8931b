import { tableNameInvalid, type TargetError } from '../../../errors.ts';
import type { Settings } from '../../settings.ts';
import type { Column, Table, TableName } from '../../write/table.ts';

/** PostgreSQL folds what is not quoted to lower case. */
export function fold(name: string, settings: Settings): string {
  return settings.quoteIdentifiers ? name : name.toLowerCase();
}

export function findColumn(table: Table, field: string, settings: Settings): Column | undefined {
  return (
    table.columns.get(field) ??
    (settings.quoteIdentifiers ? undefined : table.columns.get(field.toLowerCase()))
  );
}

const NAME_BYTES_MAX = 63;

/** `table`, `schema.table`, or `database.schema.table` of the database at hand. */
export function tableName(text: string, settings: Settings): TableName {
  const parts = text.split('.').map((part) => fold(part, settings));
  if (parts.some((part) => part === '') || parts.length > 3)
    throw invalid(`"${text}" is not a table name: expected table or schema.table`, settings);
  if (parts.some((part) => Buffer.byteLength(part) > NAME_BYTES_MAX))
    throw invalid(
      `"${text}" has a name of more than ${NAME_BYTES_MAX} bytes, which PostgreSQL would cut`,
      settings,
    );
  const [first = '', second, third] = parts;
  if (second === undefined) return { schema: null, name: first };
  if (third === undefined) return { schema: first, name: second };
  const { database } = settings.url;
  if (first !== database)
    throw invalid(
      `"${text}" means a table of the database "${first}", but the sink is connected to "${database}"`,
      settings,
    );
  return { schema: second, name: third };
}

function invalid(reason: string, settings: Settings): TargetError {
  return tableNameInvalid(
    reason,
    `set ${settings.keys.tableFormat}, for example to \${source.table} or public.\${source.table}, or rename topics with the RegexRouter transform`,
  );
}
