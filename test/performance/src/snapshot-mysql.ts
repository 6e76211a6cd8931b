import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  findTool,
  SCHEMALESS_JSON,
  startMariadb,
  startMysql,
  type MysqlServer,
} from '@millrace/test-servers';
import type { Bench } from './bench.ts';
import { recordCountOf } from './end-offset.ts';
import { createTable, mysqlSourceConfig, rowsOf } from './mysql-rows.ts';
import { processorMs, residentMb, seconds, until, Workspace } from './workspace.ts';

const run = promisify(execFile);
const RUNS = 3;
const ROWS = 1_000_000;
const ROWS_PER_STATEMENT = 1_000;

export const snapshotMysql: Bench = {
  name: 'snapshot-mysql',
  about:
    'the initial snapshot of a table into the log, against a SELECT of the same rows by mariadb --quick to /dev/null',
  async run(report) {
    await using workspace = new Workspace();
    const client = findTool('mariadb', 'mariadb-client');
    for (const start of [startMariadb, startMysql]) {
      await using server = await start({ settings: { innodb_buffer_pool_size: '512M' } });
      await using database = await server.connect();
      await createTable(database, 'bench');
      for (let first = 1; first <= ROWS; first += ROWS_PER_STATEMENT)
        await database.query(`INSERT INTO bench VALUES ${rowsOf(first, ROWS_PER_STATEMENT)}`);
      report.setting(
        `${server.flavour}: ${ROWS} rows of 10 columns, JSON without schemas, TCP, plain`,
      );
      const rates: number[] = [];
      const limits: number[] = [];
      const memory: number[] = [];
      const processor: number[] = [];
      for (let index = 0; index < RUNS; index++) {
        limits.push(ROWS / (await seconds(() => selectAll(client, server))));
        const worker = await workspace.millrace(SCHEMALESS_JSON);
        const log = workspace.client(worker.log);
        const name = `bench${index}`;
        const topic = `${name}.${server.database}.bench`;
        const config = mysqlSourceConfig(server, name, 7_200 + index, 'bench', {
          'snapshot.mode': 'initial_only',
        });
        const before = processorMs(worker.pid);
        const took = await seconds(async () => {
          await worker.send('PUT', `/connectors/${name}/config`, config);
          await until(async () => (await recordCountOf(log, topic)) >= ROWS);
        });
        rates.push(ROWS / took);
        processor.push((ROWS * 1_000) / (processorMs(worker.pid) - before));
        memory.push(residentMb(worker.pid));
        await worker.stop();
      }
      report.compare(
        { label: 'snapshot into the log', unit: 'rows/s', values: rates },
        { label: 'SELECT > /dev/null', unit: 'rows/s', values: limits },
        'ratio 0.7',
      );
      report.figure(
        { label: 'of a core of the worker, log included', unit: 'rows/s', values: processor },
        'none',
      );
      report.figure(
        { label: 'resident memory at the end', unit: 'MB', values: memory },
        'below 400 MB',
      );
    }
  },
};

async function selectAll(client: string, server: MysqlServer): Promise<void> {
  const address = ['-h', server.host, '-P', String(server.port), '-u', server.user];
  const statement = ['--quick', '--skip-column-names', '-e', 'SELECT * FROM bench'];
  const command = [client, ...address, `--password=${server.password}`, ...statement]
    .concat(server.database)
    .map((word) => `'${word}'`)
    .join(' ');
  await run('sh', ['-c', `${command} > /dev/null`]);
}
