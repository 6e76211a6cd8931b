import { join } from 'node:path';
import { postgresSourceConfig, SCHEMALESS_JSON, type PostgresServer } from '@millrace/test-servers';
import type { KafkaClient } from '@millrace/kafka-client';
import type pg from 'pg';
import { ApacheKafka } from './apache-kafka.ts';
import type { Bench, Report } from './bench.ts';
import { recordCountOf } from './end-offset.ts';
import { KafkaConnect } from './kafka-connect.ts';
import { changeRows } from './rows.ts';
import { peakResidentMb, processorMs, seconds, until, Workspace } from './workspace.ts';

/** Both sides translate their hot code while they run. */
const WARM_RUNS = 1;
const RUNS = 3;
const TRANSACTIONS = Number(process.env['BENCH_TRANSACTIONS'] ?? 3_000);
const DRAIN_MS = 900_000;

type Config = Readonly<Record<string, string>>;

/** A worker of either kind. */
interface Peer {
  readonly rest: string;
  readonly pid: number;
}

/** Of one side: rows a second by the clock, of one core of the worker; its memory. */
interface Figures {
  readonly wall: number[];
  readonly core: number[];
  readonly memory: number[];
}

const figures = (): Figures => ({ wall: [], core: [], memory: [] });

export const debezium: Bench = {
  name: 'debezium',
  about:
    'the backlog of a slot drained by Debezium on Kafka Connect and by Millrace into one Apache Kafka (set KAFKA_JARS and DEBEZIUM_PLUGINS)',
  async run(report) {
    const plugins = process.env['DEBEZIUM_PLUGINS'] ?? '';
    if (plugins === '')
      throw new Error(
        'set DEBEZIUM_PLUGINS to a folder that holds one with the jars of debezium-connector-postgres; "npm run test:compat -- debezium-postgres" fetches them into its cache',
      );
    await using workspace = new Workspace();
    const folder = workspace.folder();
    await using kafka = await ApacheKafka.start(join(folder, 'kafka'));
    const server = await workspace.postgres();
    const database = await workspace.database(server);
    const changes = await makeBacklog(database);
    const drain = new Drain(server, database, workspace.client(kafka.address), changes);
    report.setting(
      `${changes.toLocaleString('en-US')} row changes of 10 columns in transactions of 100 as JSON without schemas, replica identity default; both workers on the same node of Apache Kafka, acks=all; in turns, after ${WARM_RUNS} drain each that warms up`,
    );
    report.setting(
      'Kafka Connect with the heap of its own script (-Xmx2G), Debezium with its defaults but for poll.interval.ms=50; "of one core": rows by user and system time of the worker since the connector was made; memory: the most that was resident by the end of a drain',
    );
    const settings = (group: string): Config => ({
      'bootstrap.servers': kafka.address,
      'group.id': group,
      ...Object.fromEntries(
        ['config', 'offset', 'status'].flatMap((kind) => [
          [`${kind}.storage.topic`, `${group}-${kind}`],
          [`${kind}.storage.replication.factor`, '1'],
        ]),
      ),
      'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      ...SCHEMALESS_JSON,
    });
    await using connect = await KafkaConnect.start(join(folder, 'connect'), {
      ...settings('theirs'),
      'plugin.path': plugins,
    });
    const worker = await workspace.millrace(settings('ours'));
    const [theirs, ours] = [figures(), figures()];
    for (let run = 0; run < WARM_RUNS + RUNS; run++) {
      const into = (all: Figures): Figures => (run < WARM_RUNS ? figures() : all);
      await drain.run(`theirs_${run}`, connect, into(theirs));
      await drain.run(`ours_${run}`, worker, into(ours));
    }
    show(report, ours, theirs);
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
class Drain {
  readonly #server: PostgresServer;
  readonly #database: pg.Client;
  readonly #client: KafkaClient;
  readonly #changes: number;

  constructor(server: PostgresServer, database: pg.Client, client: KafkaClient, changes: number) {
    this.#server = server;
    this.#database = database;
    this.#client = client;
    this.#changes = changes;
  }

  async run(name: string, peer: Peer, { wall, core, memory }: Figures): Promise<void> {
    await this.#database.query(`select pg_copy_logical_replication_slot('base', '${name}')`);
    const topic = `${name}.public.bench`;
    await this.#client.admin.createTopics([{ name: topic, partitions: 1 }]);
    const config = postgresSourceConfig(this.#server, {
      'topic.prefix': name,
      'slot.name': name,
      'publication.name': 'bench',
      'publication.autocreate.mode': 'disabled',
      'snapshot.mode': 'no_data',
      'tombstones.on.delete': 'false',
      'poll.interval.ms': '50',
    });
    const idleMs = processorMs(peer.pid);
    const took = await seconds(async () => {
      await put(peer.rest, name, config);
      await until(
        async () => (await recordCountOf(this.#client, topic)) >= this.#changes,
        DRAIN_MS,
        50,
      );
    });
    wall.push(this.#changes / took);
    core.push(this.#changes / ((processorMs(peer.pid) - idleMs) / 1_000));
    memory.push(peakResidentMb(peer.pid));
    await this.#client.admin.deleteTopics([topic]);
    await this.#release(name, peer);
  }

  async #release(name: string, peer: Peer): Promise<void> {
    await fetch(`${peer.rest}/connectors/${name}`, { method: 'DELETE' });
    await until(async () => {
      const { rows } = await this.#database.query<{ active: boolean }>(
        'select active from pg_replication_slots where slot_name = $1',
        [name],
      );
      return rows[0]?.active !== true;
    }, DRAIN_MS);
    await this.#database.query('select pg_drop_replication_slot($1)', [name]);
  }
}

/** Kafka Connect answers 409 while its group settles. */
async function put(rest: string, name: string, config: Config): Promise<void> {
  await until(async () => {
    const response = await fetch(`${rest}/connectors/${name}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(config),
    });
    if (response.status === 409) return false;
    if (!response.ok) throw new Error(`PUT ${name}: ${await response.text()}`);
    return true;
  }, 120_000);
}

function show(report: Report, ours: Figures, theirs: Figures): void {
  const unit = 'rows/s';
  report.compare(
    { label: 'ours', unit, values: ours.wall },
    { label: 'Debezium', unit, values: theirs.wall },
    'ratio 4',
  );
  report.compare(
    { label: 'ours, of one core', unit, values: ours.core },
    { label: 'Debezium, of one core', unit, values: theirs.core },
    'ratio 4',
  );
  report.compare(
    { label: 'resident memory, Debezium', unit: 'MB', values: theirs.memory },
    { label: 'resident memory, ours', unit: 'MB', values: ours.memory },
    'ratio 4',
  );
}
