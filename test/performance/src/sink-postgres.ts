import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findTool, postgresSinkConfig, postgresSourceConfig } from '@millrace/test-servers';
import type { Bench } from './bench.ts';
import { recordCountOf } from './end-offset.ts';
import { createRows } from './rows.ts';
import { seconds, until, Workspace } from './workspace.ts';

const run = promisify(execFile);
const RUNS = 3;
const ROWS = 300_000;

export const sinkPostgres: Bench = {
  name: 'sink-postgres',
  about:
    'change events out of the log upserted into a keyed table, against COPY … FROM of the same rows',
  async run(report) {
    await using workspace = new Workspace();
    const psql = findTool('psql', 'postgresql-client');
    const server = await workspace.postgres();
    const database = await workspace.database(server);
    await createRows(database, 'bench', ROWS);
    const worker = await workspace.millrace();
    const client = workspace.client(worker.log);
    await worker.send(
      'PUT',
      '/connectors/source/config',
      postgresSourceConfig(server, {
        'topic.prefix': 'bench',
        'table.include.list': 'public.bench',
        'snapshot.mode': 'initial_only',
      }),
    );
    await until(async () => (await recordCountOf(client, 'bench.public.bench')) >= ROWS);
    const csv = join(workspace.folder(), 'rows.csv');
    await run(psql, [server.connectionString, '-q', '-c', String.raw`\copy bench to '${csv}'`]);
    report.setting(
      `${ROWS} rows of 10 columns, JSON with schemas, envelope, one task, synchronous_commit on, fsync off`,
    );
    const rates: number[] = [];
    const limits: number[] = [];
    for (let index = 0; index < RUNS; index++) {
      await database.query(`create table copied_${index} (like bench including all)`);
      const copy = [
        server.connectionString,
        '-q',
        '-c',
        String.raw`\copy copied_${index} from '${csv}'`,
      ];
      limits.push(ROWS / (await seconds(() => run(psql, copy))));
      await database.query(`create table sunk_${index} (like bench including all)`);
      const took = await seconds(async () => {
        await worker.send(
          'PUT',
          `/connectors/sink${index}/config`,
          postgresSinkConfig(server, server.database, {
            'collection.name.format': `sunk_${index}`,
            'batch.size': '5000',
            'consumer.override.max.poll.records': '5000',
            topics: 'bench.public.bench',
          }),
        );
        await until(
          async () => {
            const { rows } = await database.query<{ count: string }>(
              `select count(*) from sunk_${index}`,
            );
            return Number(rows[0]?.count) >= ROWS;
          },
          300_000,
          50,
        );
      });
      rates.push(ROWS / took);
      await worker.send('DELETE', `/connectors/sink${index}`);
    }
    report.compare(
      { label: 'JDBC sink, upsert', unit: 'rows/s', values: rates },
      { label: '\\copy into the same table', unit: 'rows/s', values: limits },
      'ratio 0.5',
    );
  },
};
