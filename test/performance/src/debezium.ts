import { postgresSourceConfig, type PostgresServer } from '@millrace/test-servers';
import type pg from 'pg';
import type { Bench } from './bench.ts';
import { ask, drainInTurns, withDebezium, type Drain, type Peer } from './debezium-peers.ts';
import { changeRows } from './rows.ts';
import { until } from './workspace.ts';

const TRANSACTIONS = Number(process.env['BENCH_TRANSACTIONS'] ?? 3_000);
const RELEASE_MS = 60_000;

export const debezium: Bench = {
  name: 'debezium',
  about:
    'the backlog of a slot drained by Debezium on Kafka Connect and by Millrace into one Apache Kafka (set KAFKA_JARS and DEBEZIUM_PLUGINS)',
  async run(report) {
    await withDebezium(report, 'postgres', async (peers, workspace) => {
      const server = await workspace.postgres();
      const database = await workspace.database(server);
      const changes = await makeBacklog(database);
      report.setting(
        `${changes.toLocaleString('en-US')} row changes of 10 columns in transactions of 100, replica identity default`,
      );
      await drainInTurns(report, peers, 'ratio 4', async (name, peer) => {
        const drain = await drainOf(name, peer, server, database);
        await peers.client.admin.createTopics([{ name: drain.topic, partitions: 1 }]);
        return { ...drain, count: changes, changes };
      });
    });
  },
};

async function makeBacklog(database: pg.Client): Promise<number> {
  await database.query('create table bench (id bigint primary key)');
  await database.query('drop table bench');
  await database.query(`select pg_create_logical_replication_slot('base', 'pgoutput')`);
  await database.query('create publication bench for all tables');
  return changeRows(database, 'bench', TRANSACTIONS);
}

/** The same slot, copied for each drain. */
async function drainOf(
  name: string,
  peer: Peer,
  server: PostgresServer,
  database: pg.Client,
): Promise<Pick<Drain, 'topic' | 'begin' | 'end'>> {
  await database.query(`select pg_copy_logical_replication_slot('base', '${name}')`);
  const config = postgresSourceConfig(server, {
    'topic.prefix': name,
    'slot.name': name,
    'publication.name': 'bench',
    'publication.autocreate.mode': 'disabled',
    'snapshot.mode': 'no_data',
    'tombstones.on.delete': 'false',
    'poll.interval.ms': '50',
  });
  return {
    topic: `${name}.public.bench`,
    begin: () => ask('PUT', `${peer.rest}/connectors/${name}/config`, config),
    end: async () => {
      await until(async () => {
        const { rows } = await database.query<{ active: boolean }>(
          'select active from pg_replication_slots where slot_name = $1',
          [name],
        );
        return rows[0]?.active !== true;
      }, RELEASE_MS);
      await database.query('select pg_drop_replication_slot($1)', [name]);
    },
  };
}
