import { systemClock } from '@millrace/foundation';
import { postgresSourceConfig, SCHEMALESS_JSON } from '@millrace/test-servers';
import type { Bench } from './bench.ts';
import { recordCountOf } from './end-offset.ts';
import { createRows } from './rows.ts';
import { residentMb, until, Workspace } from './workspace.ts';

const BACKLOG_ROWS = 5_000_000;
const TRANSACTION_ROWS = 1_000_000;
const SAMPLE_MS = 200;

export const memory: Bench = {
  name: 'memory',
  about:
    'resident memory while a backlog of 5 million rows is drained, and while one transaction of 1 million rows is read',
  async run(report) {
    for (const [label, rows, perTransaction] of [
      ['peak, backlog of 5 million rows', BACKLOG_ROWS, 10_000],
      ['peak, one transaction of 1 million rows', TRANSACTION_ROWS, TRANSACTION_ROWS],
    ] as const) {
      report.figure(
        { label, unit: 'MB', values: [await peakWhileDraining(rows, perTransaction)] },
        'below 400 MB',
      );
    }
  },
};

async function peakWhileDraining(rows: number, perTransaction: number): Promise<number> {
  await using workspace = new Workspace();
  const server = await workspace.postgres();
  const database = await workspace.database(server);
  await createRows(database, 'bench', 0);
  await database.query(`select pg_create_logical_replication_slot('bench', 'pgoutput')`);
  await database.query('create publication bench for table bench');
  for (let first = 1; first <= rows; first += perTransaction) {
    await database.query(
      `insert into bench select i, i % 1000, 'Title of the row ' || i, (i % 100000) / 100.0, now(), null, '{"n": 1}', true, md5(i::text)::uuid, null
       from generate_series(${first}, ${Math.min(rows, first + perTransaction - 1)}) i`,
    );
  }
  const worker = await workspace.millrace(SCHEMALESS_JSON);
  const client = workspace.client(worker.log);
  await worker.send(
    'PUT',
    '/connectors/bench/config',
    postgresSourceConfig(server, {
      'topic.prefix': 'bench',
      'slot.name': 'bench',
      'publication.name': 'bench',
      'publication.autocreate.mode': 'disabled',
      'snapshot.mode': 'no_data',
    }),
  );
  let peakMb = 0;
  await until(
    async () => {
      peakMb = Math.max(peakMb, residentMb(worker.pid));
      return (await recordCountOf(client, 'bench.public.bench')) >= rows;
    },
    600_000,
    SAMPLE_MS,
  );
  await systemClock.sleep(SAMPLE_MS);
  return Math.max(peakMb, residentMb(worker.pid));
}
