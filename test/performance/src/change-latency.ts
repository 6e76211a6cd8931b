import { systemClock } from '@millrace/foundation';
import { postgresSinkConfig, postgresSourceConfig, SCHEMALESS_JSON } from '@millrace/test-servers';
import type pg from 'pg';
import type { Bench, Report } from './bench.ts';
import { until, Workspace } from './workspace.ts';

const CHANGES_A_SECOND = 2_000;
const CHANGES_A_TRANSACTION = 10;
const SECONDS = 10;
const WARM_UP_SECONDS = 2;
const TOPIC = 'latency.public.source';

export const changeLatency: Bench = {
  name: 'change-latency',
  about:
    'how long a committed change takes to be readable in the log, and to be visible in another database',
  async run(report) {
    await using workspace = new Workspace();
    const server = await workspace.postgres();
    const writer = await workspace.database(server);
    const watcher = await workspace.database(server);
    await writer.query('create table source (id bigint primary key, note text not null)');
    await writer.query('create table target (id bigint primary key, note text not null)');
    const worker = await workspace.millrace(SCHEMALESS_JSON);
    await worker.putConnector(
      'source',
      postgresSourceConfig(server, {
        'topic.prefix': 'latency',
        'table.include.list': 'public.source',
        'slot.name': 'latency',
      }),
    );
    await worker.putConnector(
      'sink',
      postgresSinkConfig(server, server.database, {
        'collection.name.format': 'target',
        topics: TOPIC,
      }),
    );
    await write(writer, 1, CHANGES_A_TRANSACTION);
    await until(async () => (await lastIn(watcher)) >= CHANGES_A_TRANSACTION);

    const client = workspace.client(worker.log);
    const total = CHANGES_A_SECOND * (WARM_UP_SECONDS + SECONDS);
    const committed = new Float64Array(total + 1);
    const readable = new Float64Array(total + 1);
    const visible = new Float64Array(total + 1);
    const isOver = new AbortController();
    await using reader = client.reader({ topic: TOPIC, from: 'earliest' });
    const reading = (async () => {
      for (let last = 0; last < total;) {
        const records = await reader.poll({ timeoutMs: 1_000 });
        const nowMs = performance.now();
        for (const { key } of records) {
          last = Number(/"id":(\d+)/.exec(Buffer.from(key ?? []).toString())?.[1] ?? last);
          readable[last] = nowMs;
        }
      }
    })();
    const watching = (async () => {
      for (let last = CHANGES_A_TRANSACTION; last < total;) {
        const now = await lastIn(watcher);
        const nowMs = performance.now();
        for (; last < now; last++) visible[last + 1] = nowMs;
        await systemClock.sleep(1, isOver.signal);
      }
    })();
    const startedMs = performance.now();
    for (let first = CHANGES_A_TRANSACTION + 1; first <= total; first += CHANGES_A_TRANSACTION) {
      const dueMs = startedMs + (first / CHANGES_A_SECOND) * 1_000;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await systemClock.sleep(waitMs);
      await write(writer, first, first + CHANGES_A_TRANSACTION - 1);
      committed.fill(performance.now(), first, first + CHANGES_A_TRANSACTION);
    }
    await Promise.all([reading, watching]);
    isOver.abort();
    report.setting(
      `${CHANGES_A_SECOND} changes/s for ${SECONDS} s in transactions of ${CHANGES_A_TRANSACTION}, both databases on one server, fsync off; from the answer to COMMIT`,
    );
    const from = CHANGES_A_SECOND * WARM_UP_SECONDS;
    show(report, 'readable in the log', delays(committed, readable, from), 'below 20 ms');
    show(report, 'visible in the target', delays(committed, visible, from), 'below 100 ms');
  },
};

async function write(client: pg.Client, first: number, last: number): Promise<void> {
  await client.query(
    `insert into source select i, 'a note of this row' from generate_series(${first}, ${last}) i`,
  );
}

async function lastIn(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ last: string }>(
    'select coalesce(max(id), 0) as last from target',
  );
  return Number(rows[0]?.last);
}

/** Sorted; the reader may be ahead of the writer's answer. */
function delays(from: Float64Array, to: Float64Array, skipped: number): Float64Array {
  const values = new Float64Array(from.length - skipped - 1);
  for (let index = 0; index < values.length; index++) {
    const at = skipped + 1 + index;
    values[index] = Math.max(0, (to[at] ?? NaN) - (from[at] ?? NaN));
  }
  return values.sort();
}

function show(report: Report, label: string, sorted: Float64Array, goal: string): void {
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN;
  report.figure({ label: `${label}, p50`, unit: 'ms', values: [at(0.5)] }, 'none');
  report.figure({ label: `${label}, p99`, unit: 'ms', values: [at(0.99)] }, goal);
}
