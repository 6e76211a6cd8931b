import { join } from 'node:path';
import {
  startMariadb,
  startMysql,
  type MillraceServer,
  type MysqlFlavour,
  type MysqlServer,
} from '@millrace/test-servers';
import type { Bench, Report } from './bench.ts';
import { EVENT_FORMS, fillTopics, sinkSettings, type EventForm } from './event-forms.ts';
import { createRows } from './rows.ts';
import { processorMs, seconds, until, Workspace } from './workspace.ts';

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
    await fillTopics(worker, client, source, ROWS);
    report.setting(
      `${ROWS} rows of 10 columns, envelope, one task, row binlog, flushed once a second; LOAD DATA by the server, of its own file; the start of the connector is in the rate`,
    );
    for (const start of [startMysql, startMariadb]) {
      await using server = await start({ settings: SETTINGS });
      for (const form of EVENT_FORMS) await compare(server, report, worker, form);
    }
  },
};

async function compare(
  server: MysqlServer,
  report: Report,
  worker: MillraceServer,
  form: EventForm,
): Promise<void> {
  const db = await server.connect();
  const file = join(server.folder, `${form.topicPrefix}.txt`);
  const rates: number[] = [];
  const limits: number[] = [];
  const costs: number[] = [];
  try {
    for (let index = 0; index < RUNS; index++) {
      const sunk = `sunk_${form.topicPrefix}_${index}`;
      const name = `${server.flavour}-${sunk}`;
      await db.query(`create table ${sunk} ${TABLE}`);
      const busyMs = processorMs(worker.pid);
      const took = await seconds(async () => {
        await worker.putConnector(name, sinkConfig(server, sunk, form));
        await until(
          async () => {
            const sql = `select 1 from ${sunk} having count(*) >= ${ROWS}`;
            const [rows] = await db.query(sql);
            return Array.isArray(rows) && rows.length > 0;
          },
          300_000,
          50,
        );
      });
      rates.push(ROWS / took);
      costs.push(((processorMs(worker.pid) - busyMs) * 1_000) / ROWS);
      await worker.send('DELETE', `/connectors/${name}`);
      if (index === 0)
        await db.query(`select * into outfile '${file}' character set utf8mb4 from ${sunk}`);
      const copied = `copied_${form.topicPrefix}_${index}`;
      await db.query(`create table ${copied} ${TABLE}`);
      const load = `load data infile '${file}' into table ${copied} character set utf8mb4`;
      limits.push(ROWS / (await seconds(() => db.query(load))));
    }
  } finally {
    await db.end();
  }
  const names: Readonly<Record<MysqlFlavour, string>> = { mysql: 'MySQL', mariadb: 'MariaDB' };
  report.compare(
    { label: `${names[server.flavour]}, upsert, ${form.label}`, unit: 'rows/s', values: rates },
    { label: 'LOAD DATA into the same table', unit: 'rows/s', values: limits },
    'ratio 0.45',
  );
  report.figure(
    { label: "worker's processor time", unit: 'µs a row', values: costs },
    'less than before',
  );
}

function sinkConfig(
  server: MysqlServer,
  table: string,
  form: EventForm,
): Readonly<Record<string, string>> {
  return {
    'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
    'connection.url': `jdbc:${server.flavour}://${server.host}:${server.port}/${server.database}`,
    'connection.username': server.user,
    'connection.password': server.password,
    'insert.mode': 'upsert',
    'primary.key.mode': 'record_key',
    'collection.name.format': table,
    ...sinkSettings(form),
  };
}
