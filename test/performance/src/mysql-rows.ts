import type { MysqlServer } from '@millrace/test-servers';
import type { Connection } from 'mysql2/promise';

/** Ten columns of everyday types, about 270 bytes a row. */
const COLUMNS = `id bigint primary key, quantity int not null, title varchar(60) not null, price decimal(12,2) not null,
  created_at datetime(6) not null, updated_at timestamp(6) null, attributes json, active tinyint not null,
  code char(36) not null, note text`;

export async function createTable(database: Connection, table: string): Promise<void> {
  await database.query(`CREATE TABLE ${table} (${COLUMNS}) CHARACTER SET utf8mb4`);
}

/** Rows with these keys, as they stand behind VALUES. */
export function rowsOf(firstId: number, count: number): string {
  return Array.from({ length: count }, (_, index) => rowOf(firstId + index)).join(',');
}

function rowOf(id: number): string {
  const second = String(id % 60).padStart(2, '0');
  const updated = id % 3 === 0 ? `'2026-06-01 10:00:${second}.654321'` : 'NULL';
  const note = id % 4 === 0 ? `'a "quoted" note'` : 'NULL';
  return `(${id}, ${id % 1000}, 'Title of the row ${id}', ${(id % 100_000) / 100}, '2026-01-01 10:00:${second}.123456', ${updated},
    '{"colour": "größe", "n": ${id}, "list": [1, 2, 3]}', ${id % 2}, 'a0eebc99-9c0b-4ef8-bb6d-${String(id).padStart(12, '0')}', ${note})`;
}

/** Row changes as a running application makes them; returns how many. */
export async function changeRows(
  database: Connection,
  table: string,
  transactions: number,
): Promise<number> {
  for (let index = 0; index < transactions; index++) {
    const first = index * 100 + 1;
    await database.query(`INSERT INTO ${table} VALUES ${rowsOf(first, 100)}`);
    const range = `id BETWEEN ${first} AND ${first + 99}`;
    if (index % 5 === 4)
      await database.query(`UPDATE ${table} SET quantity = quantity + 1 WHERE ${range}`);
    if (index % 10 === 9) await database.query(`DELETE FROM ${table} WHERE ${range}`);
  }
  return (transactions + Math.floor(transactions / 5) + Math.floor(transactions / 10)) * 100;
}

/** A source of the table with this name, whose topics begin with `name`. */
export function mysqlSourceConfig(
  server: MysqlServer,
  name: string,
  serverId: number,
  table: string,
  settings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    'connector.class':
      server.flavour === 'mysql'
        ? 'io.debezium.connector.mysql.MySqlConnector'
        : 'io.debezium.connector.mariadb.MariaDbConnector',
    'database.hostname': server.host,
    'database.port': String(server.port),
    'database.user': server.user,
    'database.password': server.password,
    'database.server.id': String(serverId),
    'topic.prefix': name,
    'table.include.list': `${server.database}.${table}`,
    'include.schema.changes': 'false',
    ...settings,
  };
}
