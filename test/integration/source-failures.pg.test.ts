import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { KafkaClient, parseBootstrap, TcpTransport } from '@millrace/kafka-client';
import {
  findFreePort,
  startMillrace,
  startPostgres,
  TcpProxy,
  type ConnectorStatus,
  type MillraceServer,
  type PostgresServer,
  postgresSourceConfig,
} from '@millrace/test-servers';
import type pg from 'pg';

let folder = '';
let postgres: PostgresServer;
let database: pg.Client;
let worker: MillraceServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-failures-'));
  postgres = await startPostgres();
  database = await postgres.connect();
  worker = await startMillrace({ folder, settings: { 'offset.flush.interval.ms': '200' } });
}, 60_000);

afterAll(async () => {
  await worker.stop();
  await database.end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

function sourceConfig(
  name: string,
  changes: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return postgresSourceConfig(postgres, {
    'topic.prefix': name,
    'slot.name': name,
    'publication.name': `${name}_publication`,
    'publication.autocreate.mode': 'filtered',
    'table.include.list': `public.${name}`,
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
    ...changes,
  });
}

/** What a user is told: the refusal of the PUT, or the trace of what failed soon after. */
async function complaintAbout(name: string, config: Record<string, string>): Promise<string> {
  const response = await worker.send('PUT', `/connectors/${name}/config`, config);
  if (!response.ok) return ((await response.json()) as { readonly message: string }).message;
  const deadlineMs = systemClock.monotonicMs() + 20_000;
  while (systemClock.monotonicMs() < deadlineMs) {
    const status = await worker.getJson<ConnectorStatus>(`/connectors/${name}/status`);
    const traces = [status.connector, ...status.tasks].map((part) => part.trace ?? '').join('');
    if (traces !== '') return traces;
    await systemClock.sleep(100);
  }
  throw new Error('nobody complained');
}

test('an unreachable server is named with its address', async () => {
  const port = String(await findFreePort());
  const complaint = await complaintAbout(
    'unreachable',
    sourceConfig('unreachable', { 'database.port': port }),
  );
  expect(complaint).toContain(port);
  expect(complaint).toMatch(/database\.hostname|database\.port/u);
});

test('a wrong password is refused at once, and never shown', async () => {
  const complaint = await complaintAbout(
    'password',
    sourceConfig('password', { 'database.password': 'hunter2-wrong' }),
  );
  expect(complaint).toMatch(/password/iu);
  expect(complaint).not.toContain('hunter2-wrong');
  expect(worker.output).not.toContain('hunter2-wrong');
});

test('wal_level that is not logical comes with the SQL that mends it', async () => {
  await using replica = await startPostgres({ settings: { wal_level: 'replica' } });
  const complaint = await complaintAbout(
    'wal',
    sourceConfig('wal', { 'database.port': String(replica.port) }),
  );
  expect(complaint).toMatch(/ALTER SYSTEM SET wal_level/iu);
});

test('missing privileges come with the SQL that mends them', async () => {
  await database.query(
    `create role reader login password 'reader'; create table privileges (id int primary key)`,
  );
  const complaint = await complaintAbout(
    'privileges',
    sourceConfig('privileges', { 'database.user': 'reader', 'database.password': 'reader' }),
  );
  expect(complaint).toMatch(/ALTER (ROLE|USER) "?reader"? (WITH )?REPLICATION/iu);
  expect(complaint).toMatch(/GRANT SELECT/iu);
});

test('a slot that another connector uses is named, and nothing is taken from it', async () => {
  await database.query('create table taken (id int primary key)');
  await worker.putConnector('taken', sourceConfig('taken'));
  await worker.untilRunning('taken');
  await untilActive('taken');
  const complaint = await complaintAbout(
    'thief',
    sourceConfig('taken', {
      'topic.prefix': 'thief',
      'slot.max.retries': '1',
      'slot.retry.delay.ms': '100',
    }),
  );
  expect(complaint).toContain('taken');
  expect(complaint).toMatch(/in use|active/iu);
});

test('all problems of a configuration are named at once with 400, and an unknown key is accepted', async () => {
  const rest = Object.entries(sourceConfig('malformed')).filter(
    ([key]) => key !== 'database.hostname' && key !== 'topic.prefix',
  );
  const refused = await worker.send('PUT', '/connectors/malformed/config', {
    ...Object.fromEntries(rest),
    'tasks.max': 'many',
    'snapshot.mode': 'sometimes',
    'errors.tolerance': 'some',
  });
  const text = await refused.text();
  expect(refused.status).toBe(400);
  for (const key of [
    'database.hostname',
    'topic.prefix',
    'tasks.max',
    'snapshot.mode',
    'errors.tolerance',
  ]) {
    expect(text).toContain(key);
  }
  await database.query('create table misspelt (id int primary key)');
  await worker.putConnector('misspelt', { ...sourceConfig('misspelt'), 'tabel.include.list': 'x' });
  expect(worker.output).toContain('tabel.include.list');
  expect(worker.output).toContain('table.include.list');
});

test('a network that is cut is survived by itself', async () => {
  await using proxy = await TcpProxy.start(postgres);
  await database.query('create table network (id int primary key)');
  await worker.putConnector(
    'network',
    sourceConfig('network', {
      'database.port': String(proxy.port),
      'retriable.restart.connector.wait.ms': '200',
    }),
  );
  await worker.untilRunning('network');
  await untilActive('network');
  await database.query('insert into network values (1)');
  await untilTopicHolds('network.public.network', ['1']);
  proxy.cut();
  await database.query('insert into network values (2)');
  await systemClock.sleep(1_000); // long enough for reconnects to be refused
  proxy.restore();
  await database.query('insert into network values (3)');
  await untilTopicHolds('network.public.network', ['1', '2', '3']);
  await worker.untilRunning('network');
}, 60_000);

test('a restarted server is found again, and nothing is missing', async () => {
  await database.query('create table restarted (id int primary key)');
  await worker.putConnector(
    'restarted',
    sourceConfig('restarted', { 'retriable.restart.connector.wait.ms': '200' }),
  );
  await worker.untilRunning('restarted');
  await untilActive('restarted');
  await database.query('insert into restarted values (1)');
  await postgres.restart('crash');
  database = await postgres.connect();
  await database.query('insert into restarted values (2)');
  await untilTopicHolds('restarted.public.restarted', ['1', '2']);
}, 60_000);

async function untilActive(slot: string): Promise<void> {
  for (;;) {
    const { rowCount } = await database.query(
      'select 1 from pg_replication_slots where slot_name = $1 and active',
      [slot],
    );
    if (rowCount === 1) return;
    await systemClock.sleep(50);
  }
}

/** Each id at least once, and none else. */
async function untilTopicHolds(topic: string, ids: readonly string[]): Promise<void> {
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  await using client = new KafkaClient({
    bootstrap: parseBootstrap(worker.log),
    transport: new TcpTransport({ ...ports, clientId: 'test' }),
    ...ports,
  });
  const deadlineMs = systemClock.monotonicMs() + 60_000;
  for (;;) {
    const seen = new Set<string>();
    await using reader = client.reader({ topic, from: 'earliest' });
    await reader
      .readToEnd((records) => {
        for (const { value } of records) {
          const event: unknown = JSON.parse(Buffer.from(value ?? Buffer.from('null')).toString());
          const id = /"after":\{"id":(\d+)/u.exec(JSON.stringify(event))?.[1];
          if (id !== undefined) seen.add(id);
        }
      }, AbortSignal.timeout(10_000))
      .catch(() => undefined); // the topic may not exist yet
    if (ids.every((id) => seen.has(id))) {
      expect([...seen].sort()).toEqual(ids);
      return;
    }
    if (systemClock.monotonicMs() > deadlineMs) expect([...seen].sort()).toEqual(ids);
    await systemClock.sleep(100);
  }
}
