import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  startMariadb,
  startMysql,
  startPostgres,
  type MysqlServer,
  type PostgresServer,
} from '@millrace/test-servers';
import { MigrationContext, type Verified } from './migration-context.ts';
import { MYSQL_BUSINESS, MYSQL_SHOP, POSTGRES_BUSINESS, POSTGRES_SHOP } from './mysql-shop.ts';

const LONG_MS = 600_000;
let postgres: PostgresServer;
let mariadb: MysqlServer;
let mysql: MysqlServer;
beforeAll(async () => {
  [postgres, mariadb, mysql] = await Promise.all([startPostgres(), startMariadb(), startMysql()]);
  for (const server of [mariadb, mysql])
    await inMysql(server, 'mysql', ['CREATE DATABASE shop CHARACTER SET utf8mb4']);
  await inMysql(mariadb, 'shop', MYSQL_SHOP);
  await inMysql(mysql, 'shop', MYSQL_SHOP);
  await inPostgres('shop', POSTGRES_SHOP);
}, LONG_MS);
afterAll(async () => {
  await Promise.all([postgres.stop(), mariadb.stop(), mysql.stop()]);
});

async function inMysql(
  server: MysqlServer,
  database: string,
  statements: readonly string[],
): Promise<unknown> {
  const connection = await server.connect(database);
  try {
    let answer: unknown;
    for (const statement of statements) [answer] = await connection.query(statement);
    return answer;
  } finally {
    await connection.end();
  }
}

async function inPostgres(database: string, sql: string): Promise<unknown> {
  const client = await postgres.connect(database);
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

function urlOf(server: PostgresServer | MysqlServer, database: string): string {
  const scheme = server === postgres ? 'postgresql' : server === mariadb ? 'mariadb' : 'mysql';
  return `${scheme}://${server.user}:${server.password}@127.0.0.1:${server.port}/${database}`;
}

/** Copies, follows what an application does meanwhile, compares. */
async function moved(
  migration: MigrationContext,
  business: () => Promise<unknown>,
): Promise<Verified> {
  migration.start();
  await migration.until(/every row is copied/);
  await business();
  return migration.json<Verified>('verify');
}

function wrong({ tables }: Verified): unknown {
  return tables
    .filter(({ equal }) => !equal)
    .map(({ table, differences }) => ({ table, first: differences[0] }));
}

test.each(['MariaDB', 'MySQL'])(
  '%s moves to PostgreSQL and comes back',
  async (name) => {
    const server = name === 'MariaDB' ? mariadb : mysql;
    const database = `from_${name.toLowerCase()}`;
    await inPostgres(database, 'SELECT 1');
    await using migration = new MigrationContext(urlOf(server, 'shop'), urlOf(postgres, database));
    const verified = await moved(migration, () =>
      inMysql(server, 'shop', [
        ...MYSQL_BUSINESS,
        `ALTER TABLE customers ADD COLUMN size enum('s','l') NOT NULL DEFAULT 's', ADD COLUMN extra json, DROP COLUMN flags`,
        `UPDATE customers SET size = 'l', extra = '{"a": 1.5}' WHERE id < 50`,
      ]),
    );
    expect(wrong(verified)).toEqual([]);
    expect(verified.tables.flatMap(({ not_compared }) => not_compared)).toEqual([]);
    const refused = await migration.run('cutover', '--reverse');
    expect([refused.code, refused.error]).toEqual([
      1,
      expect.stringContaining('DROP COLUMN "flags"'),
    ]);
    await inPostgres(database, 'ALTER TABLE customers DROP COLUMN flags');
    const cut = await migration.run('cutover', '--reverse');
    expect([cut.error, cut.code]).toEqual(['', 0]);
    // Numbers go on, keys hold, and what is written now goes back, whatever the order.
    await inPostgres(
      database,
      `INSERT INTO customers (email, note) VALUES ('after@x', 'ü'); INSERT INTO orders (customer_id, total) SELECT max(id), 5 FROM customers;
       UPDATE customers SET m = 'sad', vip = 1 WHERE id < 9; INSERT INTO tree VALUES (8, NULL), (7, 8); DELETE FROM texts WHERE v = 1`,
    );
    const back = await migration.json<Verified>('verify');
    expect(wrong(back)).toEqual([]);
    expect(
      await inMysql(server, 'shop', [`SELECT note FROM customers WHERE email = 'after@x'`]),
    ).toEqual([{ note: 'ü' }]);
    expect(await migration.run('cutover')).toMatchObject({ code: 0 });
    expect(
      await inMysql(server, 'shop', [`DELETE FROM customers WHERE email = 'after@x'`]),
    ).toMatchObject({ affectedRows: 1 });
  },
  LONG_MS,
);

test.each(['MariaDB', 'MySQL'])(
  'PostgreSQL moves to %s',
  async (name) => {
    const server = name === 'MariaDB' ? mariadb : mysql;
    await inPostgres(
      'shop',
      `UPDATE customers SET email = email || '.' WHERE email LIKE 'live@x%'`,
    );
    await inMysql(server, 'mysql', ['CREATE DATABASE from_postgres']);
    await using migration = new MigrationContext(
      urlOf(postgres, 'shop'),
      urlOf(server, 'from_postgres'),
    );
    const verified = await moved(migration, () =>
      inPostgres(
        'shop',
        `ALTER TABLE customers ADD COLUMN in_${name} numeric(10,3) NOT NULL DEFAULT 1.5; UPDATE customers SET in_${name} = 2 WHERE id < 50;
        ${POSTGRES_BUSINESS.replaceAll("'A'", name === 'MySQL' ? "'ä'" : "'A'").replaceAll("'moved'", `'moved ${name}'`)}`,
      ),
    );
    expect(wrong(verified)).toEqual([]);
    const cut = await migration.run('cutover');
    expect([cut.error, cut.code]).toEqual(['', 0]);
    expect(await migration.stop()).toBe(0);
    const [{ last }] = (await inPostgres('shop', 'SELECT max(id)::int AS last FROM customers')) as [
      { last: number },
    ];
    const made = await inMysql(server, 'from_postgres', [
      `INSERT INTO customers (email) VALUES ('after@x')`,
    ]);
    expect(made).toMatchObject({ insertId: last + 1 });
    await expect(
      inMysql(server, 'from_postgres', [`INSERT INTO tree VALUES (50, 51)`]),
    ).rejects.toThrow('foreign key');
  },
  LONG_MS,
);

test.each([
  ['MariaDB', 'MySQL'],
  ['MySQL', 'MariaDB'],
])(
  '%s moves to %s',
  async (from, to) => {
    const [source, target] = from === 'MariaDB' ? [mariadb, mysql] : [mysql, mariadb];
    await inMysql(source, 'shop', [
      `UPDATE customers SET email = 'lived@x' WHERE email = 'live@x'`,
      `UPDATE texts SET k = 'A' WHERE k = 'moved'`,
    ]);
    const database = `from_${from.toLowerCase()}`;
    await inMysql(target, 'mysql', [`CREATE DATABASE ${database}`]);
    await using migration = new MigrationContext(urlOf(source, 'shop'), urlOf(target, database));
    const verified = await moved(migration, () =>
      inMysql(source, 'shop', [
        ...MYSQL_BUSINESS,
        `ALTER TABLE customers ADD COLUMN big bigint unsigned NOT NULL DEFAULT 3 AFTER id`,
        `UPDATE customers SET big = 18446744073709551615 WHERE id < 50`,
      ]),
    );
    expect(wrong(verified)).toEqual([]);
    const cut = await migration.run('cutover');
    expect([cut.error, cut.code, to]).toEqual(['', 0, to]);
    const keys = (server: MysqlServer, schema: string): Promise<unknown> =>
      inMysql(server, 'mysql', [
        `SELECT table_name AS t, column_name AS c, referenced_table_name AS r, referenced_column_name AS rc FROM information_schema.key_column_usage
         WHERE table_schema = '${schema}' ORDER BY 1, 2, 3, 4`,
      ]);
    expect(await keys(target, database)).toEqual(await keys(source, 'shop'));
  },
  LONG_MS,
);

test(
  'what a MySQL user lacks is said with the SQL that mends it',
  async () => {
    await inMysql(mysql, 'mysql', [
      `CREATE USER clerk IDENTIFIED BY 'c1erk-s3cret'`,
      `GRANT SELECT ON shop.customers TO clerk`,
    ]);
    const url = `mysql://clerk:c1erk-s3cret@127.0.0.1:${mysql.port}/shop`;
    await using migration = new MigrationContext(url, urlOf(postgres, 'postgres'));
    const { code, out, error } = await migration.run('--dry-run');
    expect(code).toBe(1);
    expect(out).toContain(`GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'clerk'@'%';`);
    expect(out + error).not.toContain('s3cret');
  },
  LONG_MS,
);
