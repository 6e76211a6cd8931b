import { join } from 'node:path';
import {
  postgresSourceConfig,
  startMariadb,
  startMysql,
  type MysqlFlavour,
  type MysqlServer,
} from '@millrace/test-servers';
import type { Bench, Report } from './bench.ts';
import { recordCountOf } from './end-offset.ts';
import { createRows } from './rows.ts';
import { seconds, until, Workspace } from './workspace.ts';

const RUNS = 3;
const ROWS = 200_000;
const TABLE = `(id bigint primary key, quantity int not null, title varchar(100) not null, price decimal(12,2) not null,
  created_at timestamp(6) not null, updated_at timestamp(6) null, attributes json, active tinyint(1) not null,
  code char(36) not null, note text) character set utf8mb4`;
/** Buffers like those of a server in production. */
const SETTINGS = { innodb_buffer_pool_size: '512M', max_allowed_packet: '64M' };

export const sinkMysql: Bench = {
  name: 'sink-mysql',
  about:
    'change events out of the log upserted into a keyed table of MySQL and of MariaDB, against LOAD DATA of the same rows',
  async run(report) {
    await using workspace = new Workspace();
    const source = await workspace.postgres();
    await createRows(await workspace.database(source), 'bench', ROWS);
    const worker = await workspace.millrace();
    const client = workspace.client(worker.log);
    await worker.send(
      'PUT',
      '/connectors/source/config',
      postgresSourceConfig(source, {
        'topic.prefix': 'bench',
        'table.include.list': 'public.bench',
        'snapshot.mode': 'initial_only',
      }),
    );
    await until(async () => (await recordCountOf(client, 'bench.public.bench')) >= ROWS);
    report.setting(
      `${ROWS} rows of 10 columns, JSON with schemas, envelope, one task, row binlog, flushed once a second; LOAD DATA by the server, of its own file`,
    );
    for (const start of [startMysql, startMariadb]) {
      await using server = await start({ settings: SETTINGS });
      await compare(server, report, (name, config) =>
        worker.send('PUT', `/connectors/${server.flavour}-${name}/config`, config),
      );
      for (let index = 0; index < RUNS; index++)
        await worker.send('DELETE', `/connectors/${server.flavour}-${index}`);
    }
  },
};

async function compare(
  server: MysqlServer,
  report: Report,
  create: (name: string, config: Readonly<Record<string, string>>) => Promise<unknown>,
): Promise<void> {
  const db = await server.connect();
  const file = join(server.folder, 'rows.txt');
  const rates: number[] = [];
  const limits: number[] = [];
  try {
    for (let index = 0; index < RUNS; index++) {
      await db.query(`create table sunk_${index} ${TABLE}`);
      const took = await seconds(async () => {
        await create(String(index), sinkConfig(server, `sunk_${index}`));
        await until(
          async () => {
            const sql = `select 1 from sunk_${index} having count(*) >= ${ROWS}`;
            const [rows] = await db.query(sql);
            return Array.isArray(rows) && rows.length > 0;
          },
          300_000,
          50,
        );
      });
      rates.push(ROWS / took);
      if (index === 0)
        await db.query(`select * into outfile '${file}' character set utf8mb4 from sunk_0`);
      await db.query(`create table copied_${index} ${TABLE}`);
      const load = `load data infile '${file}' into table copied_${index} character set utf8mb4`;
      limits.push(ROWS / (await seconds(() => db.query(load))));
    }
  } finally {
    await db.end();
  }
  const names: Readonly<Record<MysqlFlavour, string>> = { mysql: 'MySQL', mariadb: 'MariaDB' };
  report.compare(
    { label: `JDBC sink, upsert, ${names[server.flavour]}`, unit: 'rows/s', values: rates },
    { label: 'LOAD DATA into the same table', unit: 'rows/s', values: limits },
    'ratio 0.45',
  );
}

function sinkConfig(server: MysqlServer, table: string): Readonly<Record<string, string>> {
  return {
    'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
    'connection.url': `jdbc:${server.flavour}://${server.host}:${server.port}/${server.database}`,
    'connection.username': server.user,
    'connection.password': server.password,
    'insert.mode': 'upsert',
    'primary.key.mode': 'record_key',
    'collection.name.format': table,
    'consumer.override.max.poll.records': '5000',
    topics: 'bench.public.bench',
  };
}
