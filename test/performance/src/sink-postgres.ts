import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findTool, postgresSinkConfig } from '@millrace/test-servers';
import type { Bench } from './bench.ts';
import { EVENT_FORMS, fillTopics, sinkSettings } from './event-forms.ts';
import { createRows } from './rows.ts';
import { processorMs, seconds, until, Workspace } from './workspace.ts';

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
    await fillTopics(worker, client, server, ROWS);
    const csv = join(workspace.folder(), 'rows.csv');
    await run(psql, [server.connectionString, '-q', '-c', String.raw`\copy bench to '${csv}'`]);
    report.setting(
      `${ROWS} rows of 10 columns, envelope, one task, synchronous_commit on, fsync off; the start of the connector is in the rate`,
    );
    for (const form of EVENT_FORMS) {
      const rates: number[] = [];
      const limits: number[] = [];
      const costs: number[] = [];
      for (let index = 0; index < RUNS; index++) {
        const copied = `copied_${form.topicPrefix}_${index}`;
        await database.query(`create table ${copied} (like bench including all)`);
        const copy = String.raw`\copy ${copied} from '${csv}'`;
        limits.push(
          ROWS / (await seconds(() => run(psql, [server.connectionString, '-q', '-c', copy]))),
        );
        const sunk = `sunk_${form.topicPrefix}_${index}`;
        await database.query(`create table ${sunk} (like bench including all)`);
        const busyMs = processorMs(worker.pid);
        const took = await seconds(async () => {
          await worker.putConnector(
            sunk,
            postgresSinkConfig(server, server.database, {
              'collection.name.format': sunk,
              'batch.size': '5000',
              ...sinkSettings(form),
            }),
          );
          await until(
            async () => {
              const { rows } = await database.query<{ count: string }>(
                `select count(*) from ${sunk}`,
              );
              return Number(rows[0]?.count) >= ROWS;
            },
            300_000,
            50,
          );
        });
        rates.push(ROWS / took);
        costs.push(((processorMs(worker.pid) - busyMs) * 1_000) / ROWS);
        await worker.send('DELETE', `/connectors/${sunk}`);
      }
      report.compare(
        { label: `JDBC sink, upsert, ${form.label}`, unit: 'rows/s', values: rates },
        { label: '\\copy into the same table', unit: 'rows/s', values: limits },
        'ratio 0.6',
      );
      report.figure(
        { label: "worker's processor time", unit: 'µs a row', values: costs },
        'less than before',
      );
    }
  },
};
