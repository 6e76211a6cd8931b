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
  startMysql,
  startPostgres,
  type ConnectorFile,
  type MillraceServer,
  type MysqlServer,
  type PostgresServer,
} from '@millrace/test-servers';
import type { RowDataPacket } from 'mysql2';
import {
  alterSomething,
  createTableSql,
  KEY_COLUMNS,
  writeSomething,
  type SqlClient,
  type World,
} from './random-writer.ts';
import { randomOf, within } from './steps.ts';

const KILLS = Number(process.env['CHAOS_CAPTURE_KILLS'] ?? 3);
const SEED = Number(process.env['CHAOS_SEED'] ?? systemRandom.nextInt(2 ** 31));
const WRITERS = 3;
const ROWS_BEFORE = 300;
const MOMENT_MS_MIN = 200;
const MOMENT_MS_MAX = 2_500;
const AGREE_WITHIN_MS = 90_000;
jest.setTimeout(240_000 + KILLS * 15_000);

type Kind = 'postgres' | 'mysql' | 'mariadb';
type Row = Readonly<Record<string, unknown>>;

interface Database extends AsyncDisposable {
  readonly source: Readonly<Record<string, string>>;
  readonly sink: Readonly<Record<string, string>>;
  client(): Promise<SqlClient & AsyncDisposable>;
}

test.each<[Kind, Kind]>([
  ['postgres', 'mysql'],
  ['mysql', 'postgres'],
  ['mariadb', 'mariadb'],
])(
  '%s to %s: several writers, changing tables and a worker that is killed; source, target and the replayed topics agree',
  async (from, to) => {
    const random = randomOf(SEED);
    const folder = mkdtempSync(join(tmpdir(), 'millrace-capture-'));
    await using source = await open(from);
    await using target = await open(to);
    await using admin = await source.client();
    await using reader = await target.client();
    const world: World = {
      tables: ['item_1', 'item_2'],
      added: new Map(),
      nextId: ROWS_BEFORE + 1,
      nextColumn: 1,
      refused: 0,
    };
    for (const table of world.tables) {
      await admin.run(createTableSql(table));
      const rows = Array.from({ length: ROWS_BEFORE }, (_, index) => `(${index + 1}, 0, 'old', 1)`);
      await admin.run(`insert into ${table} values ${rows.join(', ')}`);
    }
    const ports = { restPort: await findFreePort(), logPort: await findFreePort() };
    const connectors = connectorsFor(source, target);
    const settings = { 'offset.flush.interval.ms': '300' };
    const launch = (): Promise<MillraceServer> =>
      startMillrace({ folder, ...ports, settings, connectors });
    const stop = new AbortController();
    const writing = Promise.all(
      Array.from({ length: WRITERS }, (_, index) =>
        write(source, world, randomOf(SEED + index + 1), index === 0, stop.signal),
      ),
    );
    let worker = await launch();
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        await systemClock.sleep(MOMENT_MS_MIN + random() * (MOMENT_MS_MAX - MOMENT_MS_MIN));
        await within('the worker is killed', worker.kill());
        worker = await launch();
      }
      stop.abort();
      await within('the writers end', writing);
      // A column that was added last is told with the next row.
      for (const table of world.tables)
        await admin.run(`insert into ${table} (id, c) values (${world.nextId++}, 0)`);
      await untilAgreed(admin, reader, world);
      await expectReplayed(worker, admin, world);
      await worker.untilRunning('capture');
      await worker.untilRunning('copy');
      expect(world.nextColumn).toBeGreaterThan(1);
    } catch (error) {
      const diagnosis = await worker.diagnose();
      throw new Error(`seed ${SEED}, data in ${folder}\n${diagnosis}`, { cause: error });
    } finally {
      stop.abort();
      await within('the writers end', writing).catch(() => undefined); // the first error is the one to show
      await worker.stop();
    }
    rmSync(folder, { recursive: true, force: true });
  },
);

async function write(
  database: Database,
  world: World,
  random: () => number,
  alters: boolean,
  signal: AbortSignal,
): Promise<void> {
  await using client = await database.client();
  for (let count = 1; !signal.aborted; count++) {
    await writeSomething(client, world, random);
    if (alters && count % 40 === 0) await alterSomething(client, world, random);
    await systemClock.sleep(5, signal).catch(() => undefined); // the end of the load
  }
}

async function untilAgreed(source: SqlClient, target: SqlClient, world: World): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + AGREE_WITHIN_MS;
  for (const table of world.tables) {
    const columns = [...KEY_COLUMNS, ...(world.added.get(table) ?? [])];
    const expected = await rowsOf(source, table, columns);
    for (;;) {
      const actual = await rowsOf(target, table, columns).catch(() => new Map<string, string>());
      const differing = differences(expected, actual);
      if (differing.length === 0) break;
      if (systemClock.monotonicMs() > deadlineMs)
        throw new Error(
          `${differing.length} rows of ${table} differ:\n${differing.slice(0, 8).join('\n')}`,
        );
      await systemClock.sleep(250);
    }
  }
}

/** The last event of each key is the row; what it does not hold was added later, and is the default. */
async function expectReplayed(
  worker: MillraceServer,
  source: SqlClient,
  world: World,
): Promise<void> {
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  await using client = new KafkaClient({
    bootstrap: parseBootstrap(worker.log),
    transport: new TcpTransport({ ...ports, clientId: 'replay' }),
    ...ports,
  });
  const topics = await within('the topics', client.admin.listTopics());
  for (const table of world.tables) {
    const topic = topics.map(({ name }) => name).find((name) => name.endsWith(`.${table}`)) ?? '';
    const replayed = await lastRows(client, topic);
    const rows = await source.rows(`select * from ${table}`);
    expect([...replayed.keys()].sort()).toEqual(rows.map(({ id }) => String(id)).sort());
    for (const row of rows) {
      const last = replayed.get(String(row['id'])) ?? {};
      const known = Object.keys(row).filter((name) => name in last);
      expect(textOf(last, known)).toBe(textOf(row, known));
      for (const name of Object.keys(row).filter((column) => !(column in last)))
        expect([null, 'as ever']).toContain(row[name]);
    }
  }
}

async function lastRows(client: KafkaClient, topic: string): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  await using reader = client.reader({ topic, from: 'earliest' });
  await reader.readToEnd((records) => {
    for (const { key, value } of records) {
      const { id } = payloadOf(key);
      if (value === null) continue;
      const { after } = payloadOf(value);
      if (typeof after === 'object' && after !== null) rows.set(String(id), { ...after });
      else rows.delete(String(id));
    }
  });
  return rows;
}

function payloadOf(bytes: Uint8Array | null): Row {
  const parsed: unknown = JSON.parse(Buffer.from(bytes ?? []).toString());
  const payload: unknown = Reflect.get(Object(parsed), 'payload');
  return { ...Object(payload) } as Row;
}

async function rowsOf(
  client: SqlClient,
  table: string,
  columns: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await client.rows(`select ${columns.join(', ')} from ${table}`);
  return new Map(rows.map((row) => [String(row['id']), textOf(row, columns)]));
}

const textOf = (row: Row, columns: readonly string[]): string =>
  columns.map((name) => `${name}=${String(row[name])}`).join(' ');

function differences(
  expected: ReadonlyMap<string, string>,
  actual: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...expected.keys(), ...actual.keys()])]
    .filter((id) => expected.get(id) !== actual.get(id))
    .map(
      (id) => `source ${expected.get(id) ?? 'has none'} | target ${actual.get(id) ?? 'has none'}`,
    );
}

function connectorsFor(source: Database, target: Database): readonly ConnectorFile[] {
  return [
    {
      name: 'capture',
      config: {
        ...source.source,
        'topic.prefix': 'shop',
        'decimal.handling.mode': 'string',
        'poll.interval.ms': '50',
      },
    },
    {
      name: 'copy',
      config: {
        ...target.sink,
        'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
        'topics.regex': 'shop\\..*\\.item_.*',
        'insert.mode': 'upsert',
        'delete.enabled': 'true',
        'primary.key.mode': 'record_key',
        'schema.evolution': 'basic',
        'collection.name.format': '${source.table}',
      },
    },
  ];
}

function open(kind: Kind): Promise<Database> {
  if (kind === 'postgres') return startPostgres().then(postgres);
  return (kind === 'mysql' ? startMysql() : startMariadb()).then(mysql);
}

function postgres(server: PostgresServer): Database {
  return {
    source: {
      'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
      'database.hostname': server.host,
      'database.port': String(server.port),
      'database.user': server.user,
      'database.password': server.password,
      'database.dbname': server.database,
      'plugin.name': 'pgoutput',
      'table.include.list': 'public\\.item_.*',
    },
    sink: {
      'connection.url': `jdbc:postgresql://${server.host}:${server.port}/${server.database}`,
      'connection.username': server.user,
      'connection.password': server.password,
    },
    client: async () => {
      const client = await server.connect();
      return {
        kind: 'postgres',
        run: async (sql) => {
          await client.query(sql);
        },
        rows: async (sql) => (await client.query<Row>(sql)).rows,
        [Symbol.asyncDispose]: () => client.end(),
      };
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

function mysql(server: MysqlServer): Database {
  return {
    source: {
      'connector.class':
        server.flavour === 'mysql'
          ? 'io.debezium.connector.mysql.MySqlConnector'
          : 'io.debezium.connector.mariadb.MariaDbConnector',
      'database.hostname': server.host,
      'database.port': String(server.port),
      'database.user': server.user,
      'database.password': server.password,
      'database.server.id': '5701',
      'table.include.list': `${server.database}\\.item_.*`,
    },
    sink: {
      'connection.url': `jdbc:${server.flavour}://${server.host}:${server.port}/${server.database}`,
      'connection.username': server.user,
      'connection.password': server.password,
    },
    client: async () => {
      const connection = await server.connect();
      return {
        kind: 'mysql',
        run: async (sql) => {
          await connection.query(sql);
        },
        rows: async (sql) => {
          const [rows] = await connection.query<RowDataPacket[]>(sql);
          return rows;
        },
        [Symbol.asyncDispose]: () => connection.end(),
      };
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
