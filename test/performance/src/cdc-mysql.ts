import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findTool, SCHEMALESS_JSON, type MysqlServer } from '@millrace/test-servers';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Bench } from './bench.ts';
import { recordCountOf } from './end-offset.ts';
import { changeRows, createTable, mysqlSourceConfig } from './mysql-rows.ts';
import { processorMs, residentMb, seconds, until, Workspace } from './workspace.ts';

const run = promisify(execFile);
const RUNS = 3;
const TRANSACTIONS = 6_000;

export const cdcMysql: Bench = {
  name: 'cdc-mysql',
  about:
    "a MariaDB's binlog streamed into the log as JSON without schemas, against mariadb-binlog -v decoding the same to /dev/null",
  async run(report) {
    await using workspace = new Workspace();
    const receiver = findTool('mariadb-binlog', 'mariadb-server-core');
    const server = await workspace.mariadb();
    const database = await server.connect();
    await database.query('FLUSH BINARY LOGS');
    await createTable(database, 'bench');
    const first = await fileOf(database);
    const changes = await changeRows(database, 'bench', TRANSACTIONS);
    await database.query('FLUSH BINARY LOGS');
    report.setting(`${changes} row changes of 10 columns in transactions of 100, row image FULL`);
    const rates: number[] = [];
    const limits: number[] = [];
    const memory: number[] = [];
    const processor: number[] = [];
    const steady: number[] = [];
    for (let index = 0; index < RUNS; index++) {
      limits.push(changes / (await seconds(() => decodeWith(receiver, server, first))));
      const worker = await workspace.millrace(SCHEMALESS_JSON);
      const client = workspace.client(worker.log);
      const name = `bench${index}`;
      const topic = `${name}.${server.database}.bench`;
      // It begins where the file does: the offset is set before the connector is started.
      const config = mysqlSourceConfig(server, name, 7_100 + index, 'bench', {
        'snapshot.mode': 'no_data',
        'tombstones.on.delete': 'false',
      });
      await worker.send('POST', '/connectors', { name, config, initial_state: 'STOPPED' });
      await worker.send('PATCH', `/connectors/${name}/offsets`, {
        offsets: [{ partition: { server: name }, offset: { file: first, pos: 4 } }],
      });
      let early: { readonly count: number; readonly ms: number } | undefined;
      const before = processorMs(worker.pid);
      const took = await seconds(async () => {
        await worker.send('PUT', `/connectors/${name}/resume`);
        await until(async () => {
          const count = await recordCountOf(client, topic);
          if (early === undefined && count > changes / 4) early = { count, ms: performance.now() };
          return count >= changes;
        });
      });
      if (early !== undefined)
        steady.push(((changes - early.count) * 1_000) / (performance.now() - early.ms));
      rates.push(changes / took);
      processor.push((changes * 1_000) / (processorMs(worker.pid) - before));
      memory.push(residentMb(worker.pid));
      await worker.stop();
    }
    await database.end();
    report.compare(
      { label: 'source connector into the log', unit: 'rows/s', values: rates },
      { label: 'mariadb-binlog -v > /dev/null', unit: 'rows/s', values: limits },
      'ratio 0.4',
    );
    report.figure({ label: 'once a quarter is there', unit: 'rows/s', values: steady }, 'none');
    report.figure(
      { label: 'of a core of the worker, log included', unit: 'rows/s', values: processor },
      'none',
    );
    report.figure(
      { label: 'resident memory at the end', unit: 'MB', values: memory },
      'below 400 MB',
    );
  },
};

async function fileOf(database: Connection): Promise<string> {
  const [[row]] = await database.query<RowDataPacket[]>('SHOW MASTER STATUS');
  return String(row?.['File']);
}

async function decodeWith(receiver: string, server: MysqlServer, file: string): Promise<void> {
  const options = ['--read-from-remote-server', '-v', '--base64-output=decode-rows'];
  const address = ['-h', server.host, '-P', String(server.port), '-u', server.user];
  await run(receiver, [
    ...address,
    `--password=${server.password}`,
    ...options,
    '--result-file=/dev/null',
    file,
  ]);
}
