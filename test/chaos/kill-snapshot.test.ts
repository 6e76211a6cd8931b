import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { KafkaClient, parseBootstrap, TcpTransport } from '@millrace/kafka-client';
import {
  type ConnectorFile,
  findFreePort,
  startMillrace,
  startPostgres,
  type MillraceServer,
  type PostgresServer,
  postgresSourceConfig,
} from '@millrace/test-servers';
import type pg from 'pg';
import { randomOf, within } from './steps.ts';

/** How often the worker is killed in each kind of snapshot. */
const KILLS = Number(process.env['CHAOS_KILLS'] ?? 2);
const SEED = Number(process.env['CHAOS_SEED'] ?? systemRandom.nextInt(2 ** 31));
const ROWS = 15_000;
const MOMENT_MS_MIN = 50;
const MOMENT_MS_MAX = 700;
jest.setTimeout(240_000 + KILLS * 20_000);

test('killed in the middle of an initial and of an incremental snapshot under load, the worker goes on, and the topic is the table', async () => {
  const random = randomOf(SEED);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-chaos-'));
  await using postgres = await startPostgres();
  const database = await postgres.connect();
  const loader = await postgres.connect();
  await database.query(
    `create table parcel (id int primary key, weight int not null, note text);
     insert into parcel select i, 0, repeat('p', 200) from generate_series(1, ${ROWS}) i; analyze parcel`,
  );
  const ports = { restPort: await findFreePort(), logPort: await findFreePort() };
  const launch = (): Promise<MillraceServer> =>
    startMillrace({
      folder,
      ...ports,
      settings: { 'offset.flush.interval.ms': '100' },
      connectors: connectorsFor(postgres),
    });
  const stopLoad = new AbortController();
  const load = runLoad(loader, stopLoad.signal);
  let worker = await launch();
  const killSometimes = async (): Promise<void> => {
    for (let kill = 0; kill < KILLS; kill++) {
      await systemClock.sleep(MOMENT_MS_MIN + random() * (MOMENT_MS_MAX - MOMENT_MS_MIN));
      await within('the worker is killed', worker.kill());
      worker = await launch();
    }
  };
  try {
    await killSometimes();
    await untilMetric(worker, 'snapshot_running', 0);
    await signal(worker);
    await killSometimes();
    await untilMetric(worker, 'incremental_snapshot_running', 0);
    stopLoad.abort();
    await within('the load ends', load);
    await expectAgreement(database, worker);
    await worker.untilRunning('parcels');
  } catch (error) {
    const diagnosis = await worker.diagnose();
    throw new Error(`seed ${SEED}, data in ${folder}\n${diagnosis}`, { cause: error });
  } finally {
    stopLoad.abort();
    await within('the load ends', load).catch(() => undefined);
    await worker.stop();
    await within('the database lets go', Promise.all([database.end(), loader.end()]));
  }
  rmSync(folder, { recursive: true, force: true });
});

function connectorsFor(server: PostgresServer): readonly ConnectorFile[] {
  return [
    {
      name: 'parcels',
      config: postgresSourceConfig(server, {
        'topic.prefix': 'post',
        'slot.name': 'chaos',
        'table.include.list': 'public.parcel',
        'snapshot.fetch.size': '400',
        'snapshot.max.threads': '2',
        'incremental.snapshot.chunk.size': '300',
        'signal.enabled.channels': 'kafka',
        'signal.poll.interval.ms': '100',
        'poll.interval.ms': '50',
        'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
        'key.converter.schemas.enable': 'false',
        'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
        'value.converter.schemas.enable': 'false',
      }),
    },
  ];
}

/** Asks for an incremental snapshot by the log topic. */
async function signal(worker: MillraceServer): Promise<void> {
  const client = clientOf(worker);
  const producer = client.producer();
  const data = { 'data-collections': ['public.parcel'] };
  const { delivered } = await producer.send([
    {
      topic: 'post-signal',
      partition: 0,
      key: Buffer.from('post'),
      value: Buffer.from(JSON.stringify({ id: 'again', type: 'execute-snapshot', data })),
      timestampMs: null,
      headers: [],
    },
  ]);
  expect((await delivered).failures).toEqual([]);
  await client.close();
  await untilMetric(worker, 'incremental_snapshot_running', 1);
}

async function runLoad(client: pg.Client, stop: AbortSignal): Promise<void> {
  for (let turn = 0; !isStopped(stop); turn++) {
    const id = ((turn * 7919) % ROWS) + 1;
    await client.query('update parcel set weight = weight + 1 where id = $1', [id]);
    if (turn % 5 === 0) await client.query('delete from parcel where id = $1', [(id % ROWS) + 1]);
    if (turn % 5 === 1)
      await client.query(
        `insert into parcel values ($1, $2, 'new') on conflict (id) do update set weight = parcel.weight + 1`,
        [ROWS + (turn % 500), turn],
      );
  }
}

function isStopped(stop: AbortSignal): boolean {
  return stop.aborted;
}

async function untilMetric(worker: MillraceServer, name: string, value: number): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + 60_000;
  for (;;) {
    const lines = await worker.metrics().catch(() => []); // it is being started
    const line = lines.find((one) => one.name.endsWith(name));
    if (line?.value === value) return;
    if (systemClock.monotonicMs() > deadlineMs)
      throw new Error(`${name} is ${line?.value ?? 'absent'}, not ${value}`);
    await systemClock.sleep(100);
  }
}

/** Replays the topic until it has what the table has. */
async function expectAgreement(database: pg.Client, worker: MillraceServer): Promise<void> {
  await database.query(`insert into parcel values (-1, 0, 'end')`);
  const client = clientOf(worker);
  const rows = new Map<string, string>();
  await using reader = client.reader({ topic: 'post.public.parcel', from: 'earliest' });
  const deadlineMs = systemClock.monotonicMs() + 60_000;
  while (!rows.has('-1')) {
    if (systemClock.monotonicMs() > deadlineMs) throw new Error('the last row does not come');
    for (const { key, value } of await reader.poll({ timeoutMs: 1000 })) {
      const id = String((parse(key) as { id: number }).id);
      const after = value === null ? null : (parse(value) as { after: Row | null }).after;
      if (after === null) rows.delete(id);
      else rows.set(id, `${after.weight} ${after.note}`);
    }
  }
  const table = await database.query<Row>('select id, weight, note from parcel');
  const expected = new Map(table.rows.map((row) => [String(row.id), `${row.weight} ${row.note}`]));
  const wrong = [...new Set([...rows.keys(), ...expected.keys()])].filter(
    (id) => rows.get(id) !== expected.get(id),
  );
  expect(wrong.slice(0, 10).map((id) => [id, rows.get(id), expected.get(id)])).toEqual([]);
  await client.close();
}

interface Row {
  readonly id: number;
  readonly weight: number;
  readonly note: string;
}

function parse(bytes: Uint8Array | null): unknown {
  return JSON.parse(Buffer.from(bytes ?? []).toString());
}

function clientOf(worker: MillraceServer): KafkaClient {
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  return new KafkaClient({
    bootstrap: parseBootstrap(worker.log),
    transport: new TcpTransport({ ...ports, clientId: 'chaos' }),
    ...ports,
  });
}
