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
  postgresSinkConfig,
  postgresSourceConfig,
} from '@millrace/test-servers';
import type pg from 'pg';
import { randomOf, within } from './steps.ts';

/** How often the worker is killed; more for a long night. */
const KILLS = Number(process.env['CHAOS_KILLS'] ?? 20);
const SEED = Number(process.env['CHAOS_SEED'] ?? systemRandom.nextInt(2 ** 31));
const GROUP = 'connect-copy';
/** Between readiness and kill: from 'has just begun to stream' to 'has committed several times'. */
const MOMENT_MS_MIN = 20;
const MOMENT_MS_MAX = 1_500;
/** Only a bound: a step that hangs says so itself. */
jest.setTimeout(240_000 + KILLS * 10_000);

test('killed at random instants under load, the worker loses nothing: source and target agree, acknowledged records and committed offsets stay', async () => {
  const random = randomOf(SEED);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-chaos-'));
  await using postgres = await startPostgres();
  const source = await postgres.connect('source');
  const target = await postgres.connect('target');
  const loader = await postgres.connect('source');
  await source.query(
    'create table account (id int primary key, balance numeric(12,2) not null, note text)',
  );
  await source.query(`insert into account select i, 100, 'opened' from generate_series(1, 2000) i`);
  const ports = { restPort: await findFreePort(), logPort: await findFreePort() };
  const launch = (): Promise<MillraceServer> =>
    startMillrace({
      folder,
      ...ports,
      settings: { 'offset.flush.interval.ms': '300' },
      connectors: connectorsFor(postgres),
    });

  const stopLoad = new AbortController();
  const load = runLoad(loader, stopLoad.signal);
  const acknowledged: number[] = [];
  let produced = 0;
  let committedMin = new Map<string, number>();
  let worker = await launch();
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const client = clientOf(worker);
      committedMin = await expectNoStepBack(client, committedMin, kill);
      const producing = new AbortController();
      const production = produceUntil(client, producing.signal, acknowledged, () => produced++);
      await systemClock.sleep(MOMENT_MS_MIN + random() * (MOMENT_MS_MAX - MOMENT_MS_MIN));
      if (kill % 2 === 0) committedMin = await committedOffsets(client);
      producing.abort();
      await within('the worker is killed', worker.kill());
      await within('the producer closes', production);
      await within('the client closes', client.close());
      worker = await launch();
    }
    stopLoad.abort();
    await within('the load ends', load);
    const client = clientOf(worker);
    await expectNoStepBack(client, committedMin, KILLS);
    const found = await within('all is read', valuesOf(client, 'acknowledged'), 60_000);
    expect(acknowledged.filter((value) => !found.has(value))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(KILLS);
    await expectAgreement(source, target, client);
    await within('the client closes', client.close());
    await worker.untilRunning('accounts');
    await worker.untilRunning('copy');
  } catch (error) {
    const diagnosis = await worker.diagnose();
    throw new Error(`seed ${SEED}, data in ${folder}\n${diagnosis}`, { cause: error });
  } finally {
    stopLoad.abort();
    // The first error is the one to show, also when the load hangs.
    await within('the load ends', load).catch(() => undefined);
    await worker.stop();
    await within('the databases let go', Promise.all([source.end(), target.end(), loader.end()]));
  }
  rmSync(folder, { recursive: true, force: true });
});

function connectorsFor(server: PostgresServer): readonly ConnectorFile[] {
  return [
    {
      name: 'accounts',
      config: postgresSourceConfig(server, {
        'database.dbname': 'source',
        'topic.prefix': 'bank',
        'slot.name': 'chaos',
        'table.include.list': 'public.account',
      }),
    },
    {
      name: 'copy',
      config: postgresSinkConfig(server, 'target', {
        'delete.enabled': 'true',
        'schema.evolution': 'basic',
        'collection.name.format': 'account',
        topics: 'bank.public.account',
      }),
    },
  ];
}

/** Transfers, openings, closings and changed keys, until told to stop. */
async function runLoad(client: pg.Client, signal: AbortSignal): Promise<void> {
  for (let count = 0; !signal.aborted; count++) {
    await client.query('begin');
    await client.query('update account set balance = balance - 1, note = $1 where id = $2', [
      `n${count}`,
      1 + (count % 2_000),
    ]);
    await client.query('update account set balance = balance + 1 where id = $1', [
      1 + ((count * 7) % 2_000),
    ]);
    await client.query('insert into account values ($1, 0, null)', [10_000 + count]);
    if (count % 3 === 0)
      await client.query('delete from account where id = $1', [10_000 + count - 30]);
    if (count % 11 === 0)
      await client.query('update account set id = -id where id = $1', [10_000 + count - 10]);
    await client.query(count % 17 === 16 ? 'rollback' : 'commit');
    await systemClock.sleep(2, signal).catch(() => undefined); // the end of the load
  }
}

function clientOf(worker: MillraceServer): KafkaClient {
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  return new KafkaClient({
    bootstrap: parseBootstrap(worker.log),
    transport: new TcpTransport({ ...ports, clientId: 'chaos' }),
    ...ports,
  });
}

/** Remembers what was acknowledged with acks=all; a record whose answer never came may be there or not. */
async function produceUntil(
  client: KafkaClient,
  signal: AbortSignal,
  acknowledged: number[],
  next: () => number,
): Promise<void> {
  await using producer = client.producer({
    lingerMs: 0,
    deliveryTimeoutMs: 1_000,
    requestTimeoutMs: 800,
    maxBlockMs: 2_000,
  });
  while (!signal.aborted) {
    const value = next();
    try {
      const { delivered } = await producer.send([
        {
          topic: 'acknowledged',
          partition: null,
          key: null,
          value: Buffer.from(String(value)),
          timestampMs: null,
          headers: [],
        },
      ]);
      if ((await delivered).failures.length === 0) acknowledged.push(value);
    } catch {
      return; // the worker was killed: the answer is unknown, which is allowed
    }
  }
}

async function valuesOf(client: KafkaClient, topic: string): Promise<ReadonlySet<number>> {
  const values = new Set<number>();
  await using reader = client.reader({ topic, from: 'earliest' });
  await reader.readToEnd((records) => {
    for (const record of records) values.add(Number(Buffer.from(record.value ?? []).toString()));
  });
  return values;
}

async function committedOffsets(client: KafkaClient): Promise<Map<string, number>> {
  const offsets = await within('committed offsets', client.admin.listGroupOffsets(GROUP));
  return new Map(offsets.map(({ topic, partition, offset }) => [`${topic}-${partition}`, offset]));
}

async function expectNoStepBack(
  client: KafkaClient,
  before: ReadonlyMap<string, number>,
  kill: number,
): Promise<Map<string, number>> {
  const now = await committedOffsets(client);
  for (const [partition, offset] of before) {
    const current = now.get(partition) ?? -1;
    if (current < offset)
      throw new Error(
        `after kill ${kill} the committed offset of ${partition} went from ${offset} back to ${current}`,
      );
  }
  return now;
}

async function expectAgreement(
  source: pg.Client,
  target: pg.Client,
  client: KafkaClient,
): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + 60_000;
  for (;;) {
    const expected = await within('rows of the source', rowsOf(source));
    const actual = await within('rows of the target', rowsOf(target));
    const differing = [...expected, ...actual].filter(
      (row) => expected.has(row) !== actual.has(row),
    );
    if (differing.length === 0) return;
    if (systemClock.monotonicMs() > deadlineMs) {
      const id = differing[0]?.split('|')[0] ?? '';
      throw new Error(
        `${differing.length} rows differ, such as ${differing.slice(0, 10).join(' ')}; what the log holds of ${id}:\n${await within('the history of a row', historyOf(client, id), 60_000)}`,
      );
    }
    await systemClock.sleep(250);
  }
}

async function rowsOf(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ row: string }>(
    `select id || '|' || balance || '|' || coalesce(note, '-') as row from account`,
  );
  return new Set(rows.map(({ row }) => row));
}

/** Every event of one key in the order of the log. */
async function historyOf(client: KafkaClient, id: string): Promise<string> {
  const events: string[] = [];
  await using reader = client.reader({ topic: 'bank.public.account', from: 'earliest' });
  await reader.readToEnd((records) => {
    for (const { key, value, offset } of records) {
      if (
        !Buffer.from(key ?? [])
          .toString()
          .includes(`"payload":{"id":${id}}`)
      )
        continue;
      const text = value === null ? 'tombstone' : Buffer.from(value).toString();
      events.push(`${offset} ${text.slice(text.indexOf('"payload"'))}`);
    }
  });
  return events.join('\n');
}
