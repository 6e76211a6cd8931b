import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { KafkaClient, parseBootstrap, TcpTransport } from '@millrace/kafka-client';
import {
  findFreePort,
  SCHEMALESS_JSON,
  startMariadb,
  startMillrace,
  startMysql,
  type ConnectorFile,
  type MillraceServer,
  type MysqlServer,
} from '@millrace/test-servers';
import type { Connection, RowDataPacket } from 'mysql2/promise';

const CLASSES = {
  mysql: 'io.debezium.connector.mysql.MySqlConnector',
  mariadb: 'io.debezium.connector.mariadb.MariaDbConnector',
};
const ROWS = 3000;
const KILLS = 3;

function connectorFor(server: MysqlServer): ConnectorFile {
  return {
    name: server.flavour,
    config: {
      ...SCHEMALESS_JSON,
      'connector.class': CLASSES[server.flavour],
      'database.hostname': server.host,
      'database.port': String(server.port),
      'database.user': server.user,
      'database.password': server.password,
      'database.server.id': '7777',
      'topic.prefix': server.flavour,
      'table.include.list': 'test.account',
      'schema.history.internal.kafka.topic': `${server.flavour}-history`,
      'schema.history.internal.kafka.bootstrap.servers': '127.0.0.1:9092',
      'snapshot.fetch.size': '200',
      'max.batch.size': '100',
      'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    },
  };
}

async function prepare(server: MysqlServer): Promise<Connection> {
  const client = await server.connect();
  await client.query(
    'create table account (id int primary key, balance bigint not null, note varchar(40))',
  );
  await client.query('insert into account (id, balance, note) values ?', [
    Array.from({ length: ROWS }, (_, index) => [index + 1, 100, 'opened']),
  ]);
  return client;
}

/** Transfers, openings, closings and changed keys, until told to stop. */
async function runLoad(client: Connection, signal: AbortSignal): Promise<void> {
  for (let count = 0; !signal.aborted; count++) {
    await client.beginTransaction();
    await client.query('update account set balance = balance - 1, note = ? where id = ?', [
      `n${count}`,
      1 + (count % ROWS),
    ]);
    await client.query('update account set balance = balance + 1 where id between ? and ?', [
      1 + ((count * 7) % ROWS),
      5 + ((count * 7) % ROWS),
    ]);
    await client.query('insert into account values (?, 0, null)', [10_000 + count]);
    if (count % 3 === 0)
      await client.query('delete from account where id = ?', [10_000 + count - 30]);
    if (count % 11 === 0)
      await client.query('update account set id = -id where id = ?', [10_000 + count - 10]);
    if (count % 17 === 16) await client.rollback();
    else await client.commit();
    await systemClock.sleep(2, signal).catch(() => undefined); // the end of the load
  }
}

interface Event {
  readonly before: Account | null;
  readonly after: Account | null;
  readonly op: string;
}

interface Account {
  readonly id: number;
  readonly balance: number;
  readonly note: string | null;
}

/** The topic replayed, as a sink would. */
async function replay(worker: MillraceServer, topic: string): Promise<ReadonlyMap<number, string>> {
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  const client = new KafkaClient({
    bootstrap: parseBootstrap(worker.log),
    transport: new TcpTransport({ ...ports, clientId: 'replay' }),
    ...ports,
  });
  const rows = new Map<number, string>();
  try {
    await using reader = client.reader({ topic, from: 'earliest' });
    await reader.readToEnd((records) => {
      for (const record of records) {
        const { id } = JSON.parse(Buffer.from(record.key ?? []).toString()) as { id: number };
        if (record.value === null) {
          rows.delete(id);
          continue;
        }
        const event = JSON.parse(Buffer.from(record.value).toString()) as Event;
        if (event.after === null) rows.delete(id);
        else rows.set(id, JSON.stringify(event.after));
      }
    });
  } finally {
    await client.close();
  }
  return rows;
}

async function rowsOf(client: Connection): Promise<ReadonlyMap<number, string>> {
  const [rows] = await client.query<(RowDataPacket & Account)[]>('select * from account');
  return new Map(rows.map((row) => [row.id, JSON.stringify({ ...row })]));
}

test('tables of both servers are copied while written to, followed, and the worker killed in the middle: the topics replayed are the tables', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-mysql-source-'));
  await using mariadb = await startMariadb();
  await using mysql = await startMysql();
  const servers = [mariadb, mysql];
  const clients = await Promise.all(servers.map(prepare));
  const loaders = await Promise.all(servers.map((server) => server.connect()));
  const stopLoad = new AbortController();
  const load = Promise.all(loaders.map((loader) => runLoad(loader, stopLoad.signal)));
  const ports = { restPort: await findFreePort(), logPort: await findFreePort() };
  const launch = (): Promise<MillraceServer> =>
    startMillrace({
      folder,
      ...ports,
      settings: { 'offset.flush.interval.ms': '200' },
      connectors: servers.map(connectorFor),
    });
  let worker = await launch();
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      await systemClock.sleep(300 + kill * 500);
      await worker.kill();
      worker = await launch();
    }
    for (const server of servers) await worker.untilRunning(server.flavour);
    stopLoad.abort();
    await load;
    for (const [index, server] of servers.entries()) {
      const client = clients[index];
      if (client === undefined) throw new Error('each server has a client');
      const expected = await rowsOf(client);
      const deadlineMs = systemClock.monotonicMs() + 30_000;
      for (;;) {
        const found = await replay(worker, `${server.flavour}.test.account`);
        const differing = [...expected].filter(([id, row]) => found.get(id) !== row);
        const surplus = [...found.keys()].filter((id) => !expected.has(id));
        if (differing.length === 0 && surplus.length === 0) break;
        if (systemClock.monotonicMs() > deadlineMs)
          expect({ server: server.flavour, differing, surplus }).toBeUndefined();
        await systemClock.sleep(200);
      }
      expect(expected.size).toBeGreaterThan(ROWS);
    }
  } catch (error) {
    throw new Error(await worker.diagnose(), { cause: error });
  } finally {
    stopLoad.abort();
    await load.catch(() => undefined); // the first error is the one to show
    await worker.stop();
    for (const client of [...clients, ...loaders]) client.destroy();
  }
  rmSync(folder, { recursive: true, force: true });
}, 180_000);
