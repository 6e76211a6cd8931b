import { CleanupStack } from '@millrace/foundation';
import { startMysql, type MysqlServer } from '@millrace/test-servers';
import type { Connection } from 'mysql2/promise';
import type { Bench } from './bench.ts';
import {
  ask,
  drainInTurns,
  turnsOf,
  withDebezium,
  type Config,
  type DebeziumPeers,
  type Drain,
  type Peer,
} from './debezium-peers.ts';
import { recordCountOf } from './end-offset.ts';
import { changeRows, createTable, mysqlSourceConfig, rowsOf } from './mysql-rows.ts';
import { until } from './workspace.ts';

const TRANSACTIONS = Number(process.env['BENCH_TRANSACTIONS'] ?? 3_000);
const TABLE = 'bench';
/** Rows by which each connector finds its place in the stream. */
const MARK_IDS = 1_000_000_000;
const SETTLE_MS = 120_000;

export const debeziumMysql: Bench = {
  name: 'debezium-mysql',
  about:
    "the backlog of a MySQL's binlog drained by Debezium on Kafka Connect and by Millrace into one Apache Kafka (set KAFKA_JARS and DEBEZIUM_PLUGINS)",
  async run(report) {
    await withDebezium(report, 'mysql', async (peers) => {
      await using cleanUp = new CleanupStack();
      const server = cleanUp.use(
        await startMysql({ settings: { innodb_buffer_pool_size: '512M' } }),
      );
      const database = await server.connect();
      cleanUp.defer(() => database.end());
      await createTable(database, TABLE);
      const backlog = new Backlog(server, database, peers);
      // All stand in the stream, and wait, before the backlog is made.
      for (const [index, [name, peer]] of turnsOf(peers).entries())
        await backlog.place(name, peer, 7_300 + index);
      const changes = await changeRows(database, TABLE, TRANSACTIONS);
      report.setting(
        `${changes.toLocaleString('en-US')} row changes of 10 columns in transactions of 100, row image FULL; each connector was stopped in the stream before they were made, and goes on`,
      );
      await drainInTurns(report, peers, 'ratio 2', (name, peer) =>
        Promise.resolve(backlog.drain(name, peer, changes)),
      );
    });
  },
};

class Backlog {
  readonly #server: MysqlServer;
  readonly #database: Connection;
  readonly #peers: DebeziumPeers;
  #marks = 0;
  /** Of each connector: records in its topic, and marks at all, when it was stopped. */
  readonly #placed = new Map<string, { readonly count: number; readonly marks: number }>();

  constructor(server: MysqlServer, database: Connection, peers: DebeziumPeers) {
    this.#server = server;
    this.#database = database;
    this.#peers = peers;
  }

  /** Starts a connector, and stops it once what it has read is stored. */
  async place(name: string, peer: Peer, serverId: number): Promise<void> {
    const { client } = this.#peers;
    const topic = this.#topicOf(name);
    await client.admin.createTopics([{ name: topic, partitions: 1 }]);
    await ask('PUT', `${peer.rest}/connectors/${name}/config`, this.#configOf(name, serverId));
    // What is written before it stands there goes by unseen.
    await until(
      async () => {
        await this.#mark();
        return (await recordCountOf(client, topic)) > 0;
      },
      SETTLE_MS,
      500,
    );
    const last = await this.#mark();
    let count = 0;
    await until(
      async () => {
        const before = count;
        count = await recordCountOf(client, topic);
        return count === before;
      },
      SETTLE_MS,
      1_000,
    );
    await ask('PUT', `${peer.rest}/connectors/${name}/stop`);
    await until(() => isStopped(name, peer), SETTLE_MS, 200);
    this.#placed.set(name, { count: await recordCountOf(client, topic), marks: last });
  }

  drain(name: string, peer: Peer, changes: number): Drain {
    const placed = this.#placed.get(name) ?? { count: 0, marks: 0 };
    const left = changes + this.#marks - placed.marks;
    return {
      topic: this.#topicOf(name),
      count: placed.count + left,
      changes: left,
      begin: () => ask('PUT', `${peer.rest}/connectors/${name}/resume`),
      end: () => Promise.resolve(),
    };
  }

  async #mark(): Promise<number> {
    await this.#database.query(`INSERT INTO ${TABLE} VALUES ${rowsOf(MARK_IDS + this.#marks, 1)}`);
    this.#marks++;
    return this.#marks;
  }

  #topicOf(name: string): string {
    return `${name}.${this.#server.database}.${TABLE}`;
  }

  #configOf(name: string, serverId: number): Config {
    return mysqlSourceConfig(this.#server, name, serverId, TABLE, {
      'database.include.list': this.#server.database,
      'schema.history.internal.kafka.bootstrap.servers': this.#peers.kafka,
      'schema.history.internal.kafka.topic': `history.${name}`,
      'snapshot.mode': 'no_data',
      'tombstones.on.delete': 'false',
      'poll.interval.ms': '50',
    });
  }
}

async function isStopped(name: string, peer: Peer): Promise<boolean> {
  const response = await fetch(`${peer.rest}/connectors/${name}/status`);
  if (!response.ok) return false;
  const { connector, tasks } = (await response.json()) as {
    readonly connector: { readonly state: string };
    readonly tasks: readonly unknown[];
  };
  return connector.state === 'STOPPED' && tasks.length === 0;
}
