import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findTool, postgresSourceConfig, SCHEMALESS_JSON } from '@millrace/test-servers';
import type { Bench } from './bench.ts';
import { recordCountOf } from './end-offset.ts';
import { createRows } from './rows.ts';
import { residentMb, seconds, until, Workspace } from './workspace.ts';

const run = promisify(execFile);
const RUNS = 3;
/** So many that the start of about half a second is a small part. */
const ROWS = 3_000_000;

export const snapshotPostgres: Bench = {
  name: 'snapshot-postgres',
  about: 'the initial snapshot of a table into the log, against COPY … TO STDOUT of the same rows',
  async run(report) {
    await using workspace = new Workspace();
    const psql = findTool('psql', 'postgresql-client');
    const server = await workspace.postgres();
    const database = await workspace.database(server);
    await createRows(database, 'bench', ROWS);
    report.setting(`${ROWS} rows of 10 columns, JSON without schemas, TCP, plain`);
    const rates: number[] = [];
    const limits: number[] = [];
    const memory: number[] = [];
    for (let index = 0; index < RUNS; index++) {
      const copy = [server.connectionString, '-q', '-o', '/dev/null', '-c', 'copy bench to stdout'];
      limits.push(ROWS / (await seconds(() => run(psql, copy))));
      const worker = await workspace.millrace(SCHEMALESS_JSON);
      const client = workspace.client(worker.log);
      const config = postgresSourceConfig(server, {
        'topic.prefix': 'bench',
        'slot.name': `snapshot_${index}`,
        'table.include.list': 'public.bench',
        'snapshot.mode': 'initial',
      });
      const took = await seconds(async () => {
        await worker.send('PUT', '/connectors/bench/config', config);
        await until(async () => (await recordCountOf(client, 'bench.public.bench')) >= ROWS);
      });
      rates.push(ROWS / took);
      memory.push(residentMb(worker.pid));
      await worker.stop();
      await database.query('select pg_drop_replication_slot($1)', [`snapshot_${index}`]);
    }
    report.compare(
      { label: 'snapshot into the log', unit: 'rows/s', values: rates },
      { label: 'COPY … TO STDOUT', unit: 'rows/s', values: limits },
      'ratio 0.7',
    );
    report.figure(
      { label: 'resident memory at the end', unit: 'MB', values: memory },
      'below 400 MB',
    );
  },
};
