import type { Column } from '../model/catalog.ts';
import { count, text, type Row } from '../server/session-api.ts';
import { mysqlColumnType, mysqlDefault } from './column-type.ts';

export interface ColumnOptions {
  readonly isMariadb: boolean;
  /** MariaDB's JSON columns. */
  readonly jsonColumns: ReadonlySet<string>;
  readonly tableCollation: string;
}

/** A row of `information_schema.columns`. */
export function mysqlColumn(row: Row, options: ColumnOptions): Column {
  const name = text(row, 'column_name');
  const extra = text(row, 'extra');
  const expression = text(row, 'generation_expression');
  const isGenerated = expression !== '';
  const { native, meaning } = isGenerated
    ? { native: null, meaning: null }
    : mysqlDefault(row['column_default'] ?? null, extra, {
        isMariadb: options.isMariadb,
        isBinary: /binary/i.test(text(row, 'data_type')),
      });
  const collation = row['collation_name'] ?? null;
  return {
    name,
    type: mysqlColumnType({
      dataType: text(row, 'data_type').toLowerCase(),
      columnType: text(row, 'column_type'),
      characters: count(row, 'character_maximum_length'),
      precision: count(row, 'numeric_precision'),
      scale: count(row, 'numeric_scale'),
      fraction: count(row, 'datetime_precision'),
      isJson: options.jsonColumns.has(name),
    }),
    nativeType: options.jsonColumns.has(name) ? 'json' : text(row, 'column_type'),
    isNullable: text(row, 'is_nullable') === 'YES',
    default: meaning,
    nativeDefault: native === null ? null : native + onUpdate(extra),
    identity: /auto_increment/i.test(extra) ? 'auto-increment' : null,
    generated: isGenerated
      ? {
          expression: options.isMariadb ? expression : expression.replaceAll(String.raw`\'`, "'"),
          isStored: /STORED|PERSISTENT/i.test(extra),
        }
      : null,
    comment: text(row, 'column_comment') === '' ? null : text(row, 'column_comment'),
    collation: collation === options.tableCollation ? null : collation,
    charset: row['character_set_name'] ?? null,
  };
}

function onUpdate(extra: string): string {
  const match = /on update (\S+)/i.exec(extra)?.[1];
  return match === undefined ? '' : ` ON UPDATE ${match}`;
}
