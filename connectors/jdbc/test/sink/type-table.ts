import type { Schema } from '@millrace/record';
import { MYSQL_TYPES } from './mysql-types.ts';
import { POSTGRES_TYPES } from './postgres-types.ts';

/** The tables in TYPES.md, from the cases that the tests try on real servers. */
export function mysqlTypeTable(): string {
  const rows = new Map<string, readonly string[]>();
  for (const { schema, type, created, createdMariadb, only } of MYSQL_TYPES) {
    const made = shortOf(created);
    const madeMariadb = shortOf(createdMariadb ?? created);
    const server = only === 'mysql' ? ' (MySQL)' : only === 'mariadb' ? ' (MariaDB)' : '';
    const row = [
      schemaOf(schema),
      `${code(shortOf(type))}${server}`,
      made === madeMariadb ? code(made) : `${code(made)}, MariaDB ${code(madeMariadb)}`,
    ];
    rows.set(row.join(), row);
  }
  return table(['schema', 'held exactly by', 'column that is created'], [...rows.values()]);
}

export function postgresTypeTable(): string {
  const rows = new Map<string, readonly string[]>();
  for (const { schema, type, created } of POSTGRES_TYPES) {
    const row = [schemaOf(schema), code(type), code(created)];
    rows.set(row.join(), row);
  }
  return table(['schema', 'held exactly by', 'column that is created'], [...rows.values()]);
}

function schemaOf(schema: Schema): string {
  const source = schema.parameters?.['__debezium.source.column.type'];
  const told = source === undefined ? '' : `, source type ${source}`;
  if (schema.name !== undefined) return `${code(shortName(schema.name))}${told}`;
  return `${code(schema.type === 'array' ? `array of ${schemaText(schema.items)}` : schema.type)}${told}`;
}

function schemaText(schema: Schema): string {
  return schema.name === undefined ? schema.type : shortName(schema.name);
}

/** Without the packages that TYPES.md names once. */
function shortName(name: string): string {
  return name
    .replace(/^io\.debezium\.time\./, 'T.')
    .replace(/^io\.debezium\.data\./, 'D.')
    .replace(/^org\.apache\.kafka\.connect\.data\./, 'C.');
}

function shortOf(type: string): string {
  return type
    .replace(/^(\w*int|year)\((?!1\))\d+\)/, '$1')
    .replace(/^(enum|set)\(.*\)$/, '$1(…)')
    .replace(/ character set utf8mb4$/, '');
}

function code(text: string): string {
  return `\`${text}\``;
}

/** As the formatter writes tables: cells as wide as the widest of their column. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, index) =>
    Math.max(cell.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
