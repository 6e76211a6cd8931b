import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findTool, postgresSourceConfig, SCHEMALESS_JSON } from '@millrace/test-servers';
import type pg from 'pg';
import type { Bench } from './bench.ts';
import { recordCountOf } from './end-offset.ts';
import { changeRows } from './rows.ts';
import { residentMb, seconds, until, Workspace } from './workspace.ts';

const run = promisify(execFile);
const RUNS = 3;
const TRANSACTIONS = 4_000;

export const cdcPostgres: Bench = {
  name: 'cdc-postgres',
  about:
    'a slot drained into the log as JSON without schemas, against pg_recvlogical of the same slot to /dev/null',
  async run(report) {
    await using workspace = new Workspace();
    const receiver = findTool('pg_recvlogical', 'postgresql-client');
    const server = await workspace.postgres();
    const database = await workspace.database(server);
    await database.query('create table bench (id bigint primary key)');
    await database.query('drop table bench');
    await database.query(`select pg_create_logical_replication_slot('base', 'pgoutput')`);
    await database.query('create publication bench for all tables');
    const changes = await changeRows(database, 'bench', TRANSACTIONS);
    report.setting(
      `${changes} row changes of 10 columns in transactions of 100, replica identity default, TCP, plain`,
    );
    const rates: number[] = [];
    const limits: number[] = [];
    const memory: number[] = [];
    for (let index = 0; index < RUNS; index++) {
      limits.push(
        changes /
          (await seconds(() => drainWith(receiver, database, server.connectionString, index))),
      );
      await database.query(`select pg_copy_logical_replication_slot('base', 'ours_${index}')`);
      const worker = await workspace.millrace(SCHEMALESS_JSON);
      const client = workspace.client(worker.log);
      const topic = `bench${index}.public.bench`;
      const config = postgresSourceConfig(server, {
        'topic.prefix': `bench${index}`,
        'slot.name': `ours_${index}`,
        'publication.name': 'bench',
        'publication.autocreate.mode': 'disabled',
        'snapshot.mode': 'no_data',
        'tombstones.on.delete': 'false',
      });
      const took = await seconds(async () => {
        await worker.send('PUT', '/connectors/bench/config', config);
        await until(async () => (await recordCountOf(client, topic)) >= changes);
      });
      rates.push(changes / took);
      memory.push(residentMb(worker.pid));
      await worker.stop();
    }
    report.compare(
      { label: 'source connector into the log', unit: 'rows/s', values: rates },
      { label: 'pg_recvlogical > /dev/null', unit: 'rows/s', values: limits },
      'ratio 0.7',
    );
    report.figure(
      { label: 'resident memory at the end', unit: 'MB', values: memory },
      'below 400 MB',
    );
  },
};

async function drainWith(
  receiver: string,
  database: pg.Client,
  connectionString: string,
  index: number,
): Promise<void> {
  const slot = `peer_${index}`;
  await database.query(`select pg_copy_logical_replication_slot('base', '${slot}')`);
  const { rows } = await database.query<{ end: string }>('select pg_current_wal_lsn() as end');
  const args = [
    '-d',
    connectionString,
    '--slot',
    slot,
    '--start',
    '--no-loop',
    '--endpos',
    rows[0]?.end ?? '',
    '-f',
    '/dev/null',
  ];
  await run(receiver, [...args, '-o', 'proto_version=1', '-o', 'publication_names=bench']);
  await database.query(`select pg_drop_replication_slot('${slot}')`);
}
