import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { KafkaClient, parseBootstrap, TcpTransport } from '@millrace/kafka-client';
import {
  findFreePort,
  startMariadb,
  startMillrace,
  startPostgres,
  type ConnectorFile,
  type MillraceServer,
} from '@millrace/test-servers';
import type { RowDataPacket } from 'mysql2/promise';
import { randomOf, until, within } from './steps.ts';

/** How often the worker is killed; more for a long night. */
const KILLS = Number(process.env['CHAOS_KILLS'] ?? 4);
const SEED = Number(process.env['CHAOS_SEED'] ?? systemRandom.nextInt(2 ** 31));
/** From a batch's arrival in a target to the kill. */
const MOMENT_MS_MAX = 600;
const SENT_AT_ONCE = 400;
/** Slow enough that the sinks are behind, but not by minutes. */
const PACE_MS = 15;
const PARTITIONS = 3;
const SETTLED_MS_MAX = 90_000;
/** Only a bound: a step that hangs says so itself. */
jest.setTimeout(240_000 + KILLS * 10_000);

/** Plain inserts into a table without any key: what is written twice is there twice. */
const once = (name: string, url: string, user: string, password: string): ConnectorFile => ({
  name,
  config: {
    'connector.class': 'io.confluent.connect.jdbc.JdbcSinkConnector',
    'connection.url': url,
    'connection.user': user,
    'connection.password': password,
    topics: 'numbers',
    'tasks.max': '2',
    'insert.mode': 'insert',
    'table.name.format': 'numbers',
    'millrace.exactly.once': 'true',
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
    transforms: 'place',
    'transforms.place.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
    'transforms.place.partition.field': 'p',
    'transforms.place.offset.field': 'o',
  },
});

test('killed at random instants under load, plain inserts are in both targets exactly once', async () => {
  const random = randomOf(SEED);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-chaos-'));
  await using postgres = await startPostgres();
  await using mariadb = await startMariadb();
  const pg = await postgres.connect();
  const my = await mariadb.connect();
  const table = 'create table numbers (n bigint not null, p int not null, o bigint not null)';
  await pg.query(table);
  await my.query(table);
  const connectors = [
    once(
      'to-postgres',
      `jdbc:postgresql://${postgres.host}:${postgres.port}/${postgres.database}`,
      postgres.user,
      postgres.password,
    ),
    once(
      'to-mariadb',
      `jdbc:mariadb://${mariadb.host}:${mariadb.port}/${mariadb.database}`,
      mariadb.user,
      mariadb.password,
    ),
  ];
  const ports = { restPort: await findFreePort(), logPort: await findFreePort() };
  const launch = (): Promise<MillraceServer> =>
    startMillrace({
      folder,
      ...ports,
      settings: {
        'offset.flush.interval.ms': '300',
        'broker.num.partitions': String(PARTITIONS),
        'consumer.max.poll.records': '150',
      },
      connectors,
    });
  const rowsOf = async (): Promise<readonly (readonly [string, readonly string[]])[]> => {
    const sql = `select concat(p, ':', o, ':', n) as row_text from numbers`;
    const found = (await pg.query<{ row_text: string }>(sql)).rows;
    const [others] = await my.query<RowDataPacket[]>(sql);
    return [
      ['PostgreSQL', found.map((row) => row.row_text).sort()],
      ['MariaDB', others.map((row) => String(row['row_text'])).sort()],
    ];
  };
  const countOf = async (target: number): Promise<number> =>
    (await rowsOf())[target]?.[1].length ?? 0;

  let produced = 0;
  let worker = await launch();
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const client = clientOf(worker);
      const producing = new AbortController();
      const production = produceUntil(client, producing.signal, () => produced++);
      // A kill that hits nothing in the middle would prove nothing, however slow the start.
      const writer = kill % 2;
      const before = await countOf(writer);
      await until(
        `target ${writer} gets more rows than ${before}`,
        async () => (await countOf(writer)) > before,
      );
      await systemClock.sleep(random() * MOMENT_MS_MAX);
      await within('the worker is killed', worker.kill());
      producing.abort();
      await within('the producer closes', production);
      await within('the client closes', client.close());
      worker = await launch();
    }
    const client = clientOf(worker);
    const expected = await within('all is read', placesOf(client), 60_000);
    await within('the client closes', client.close());
    expect(expected.length).toBeGreaterThan(KILLS * SENT_AT_ONCE);
    const deadlineMs = systemClock.monotonicMs() + SETTLED_MS_MAX;
    for (;;) {
      const counts = (await rowsOf()).map(([, rows]) => rows.length);
      if (counts.every((count) => count >= expected.length)) break;
      if (systemClock.monotonicMs() > deadlineMs)
        throw new Error(`${counts.join(' and ')} of ${expected.length} rows arrived`);
      await systemClock.sleep(250);
    }
    for (const [name, rows] of await rowsOf()) {
      const doubled = rows.filter((row, index) => row === rows[index - 1]);
      const seen = new Set(rows);
      const lost = expected.filter((row) => !seen.has(row));
      expect([name, doubled.slice(0, 5), lost.slice(0, 5)]).toEqual([name, [], []]);
      expect(rows).toEqual(expected);
    }
  } catch (error) {
    const diagnosis = await worker.diagnose();
    throw new Error(`seed ${SEED}, data in ${folder}\n${diagnosis}`, { cause: error });
  } finally {
    await worker.stop();
    await pg.end();
    await my.end();
  }
  rmSync(folder, { recursive: true, force: true });
});

function clientOf(worker: MillraceServer): KafkaClient {
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  return new KafkaClient({
    bootstrap: parseBootstrap(worker.log),
    transport: new TcpTransport({ ...ports, clientId: 'chaos' }),
    ...ports,
  });
}

/** Whatever of it arrives in the log is what has to be in the targets. */
async function produceUntil(
  client: KafkaClient,
  signal: AbortSignal,
  next: () => number,
): Promise<void> {
  await using producer = client.producer({
    lingerMs: 0,
    deliveryTimeoutMs: 1_000,
    requestTimeoutMs: 800,
    maxBlockMs: 2_000,
  });
  while (!signal.aborted) {
    try {
      const records = Array.from({ length: SENT_AT_ONCE }, () => {
        const n = next();
        return {
          topic: 'numbers',
          partition: n % PARTITIONS,
          key: null,
          value: Buffer.from(JSON.stringify({ n })),
          timestampMs: null,
          headers: [],
        };
      });
      const { delivered } = await producer.send(records);
      await delivered;
      await systemClock.sleep(PACE_MS, signal);
    } catch {
      return; // the worker was killed: the answer is unknown, which is allowed
    }
  }
}

async function placesOf(client: KafkaClient): Promise<readonly string[]> {
  const places: string[] = [];
  await using reader = client.reader({ topic: 'numbers', from: 'earliest' });
  await reader.readToEnd((records) => {
    for (const { partition, offset, value } of records) {
      const text = Buffer.from(value ?? []).toString();
      places.push(`${partition}:${offset}:${/"n":(\d+)/.exec(text)?.[1] ?? '?'}`);
    }
  });
  return places.sort();
}
