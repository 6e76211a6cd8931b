import { startPostgres, type PostgresServer } from '@millrace/test-servers';
import { startApacheKafka } from '../apache-kafka.ts';
import { Checks, expectEqual } from '../checks.ts';
import { DEBEZIUM_VERSION, fetchDebezium } from '../debezium/debezium-jars.ts';
import { Peer } from '../debezium/peers.ts';
import { changeOf, late, miscounted, nameOf, runsOf, textOf } from '../debezium/read-changes.ts';
import { SteadyWriter, type Change } from '../debezium/steady-writer.ts';
import { startTakeoverWorker, type TakeoverWorker } from '../debezium/takeover-worker.ts';
import { KafkaJars } from '../java.ts';
import type { Lab } from '../lab.ts';
import type { Outcome, Suite } from '../suite.ts';
import { until } from '../takeover/side.ts';

const NAME = 'orders';
const SLOT = 'orders';
const OFFSETS = 'java-connect-offsets';
const TOPIC = 'orders.public.load';
/** So many records has each worker to write before it is the turn of the next one. */
const SHARE = 1_000;
const DEADLINE_MS = 90_000;

/** One after the other: who runs, and how it ends. */
const LEGS = [
  { who: 'debezium', ends: 'stopped' },
  { who: 'ours', ends: 'stopped' },
  { who: 'debezium', ends: 'restarted' },
  { who: 'debezium', ends: 'stopped' },
  { who: 'ours', ends: 'killed' },
  { who: 'debezium', ends: 'killed' },
  { who: 'ours', ends: 'drained' },
] as const;

/** The same connector on Kafka Connect with Debezium and on Millrace, in turns, with one slot and one offsets topic. */
export const debeziumTakeover: Suite = {
  name: 'debezium-takeover',
  about: `Debezium ${DEBEZIUM_VERSION} for PostgreSQL and Millrace take over from each other while rows are written`,
  tier: 'ci',
  async run(lab) {
    const jars = await KafkaJars.fetch(lab);
    const plugins = await fetchDebezium(lab, 'postgres');
    const kafka = await startApacheKafka(lab, jars);
    try {
      await using server = await startPostgres();
      return await new Takeover(lab, jars, plugins, kafka.address, server).run();
    } finally {
      await kafka.process.kill();
    }
  },
};

/** Where the log stood when the turn of a worker came. */
interface Leg {
  readonly title: string;
  /** Number of records in the topic. */
  readonly fromRecord: number;
  /** Changes below it were stored as sent. */
  readonly fromLsn: number;
}

interface StoredOffset {
  readonly lsn?: number;
  readonly messageType?: string;
}

type Who = (typeof LEGS)[number]['who'];

class Takeover {
  readonly #lab: Lab;
  readonly #jars: KafkaJars;
  readonly #plugins: string;
  readonly #address: string;
  readonly #server: PostgresServer;
  readonly #checks = new Checks();
  readonly #legs: Leg[] = [];
  /** For the topics alone. */
  readonly #log: Peer;
  #worker: TakeoverWorker | undefined;
  #writer: SteadyWriter | undefined;
  #written: readonly Change[] = [];

  constructor(lab: Lab, jars: KafkaJars, plugins: string, address: string, server: PostgresServer) {
    this.#lab = lab;
    this.#jars = jars;
    this.#plugins = plugins;
    this.#address = address;
    this.#server = server;
    this.#log = new Peer('', address);
  }

  async run(): Promise<readonly Outcome[]> {
    this.#writer = await SteadyWriter.open(this.#server);
    try {
      for (const [index, { who, ends }] of LEGS.entries()) {
        const title = `${index + 1}: ${who === 'ours' ? 'Millrace' : 'Debezium'} goes on and is ${ends}`;
        await this.#checks.check(title, () => this.#leg(title, who, ends));
      }
      await this.#compare();
    } finally {
      await this.#end((worker) => worker.kill());
      await this.#log.close();
    }
    return this.#checks.outcomes;
  }

  async #leg(title: string, who: Who, ends: string): Promise<void> {
    const fromRecord = await this.#log.countOf(TOPIC);
    // Before anybody goes on from it.
    this.#legs.push({ title, fromRecord, fromLsn: await this.#storedLsn() });
    this.#worker ??= await this.#start(who);
    const { peer } = this.#worker;
    if (this.#legs.length === 1) await this.#create(peer);
    else if (!(await this.#isStarted(peer)))
      await peer.side.send('PUT', `/connectors/${NAME}/resume`);
    await until(async () => {
      const count = (await peer.countOf(TOPIC)) - fromRecord;
      return count >= SHARE ? undefined : `${count} records; ${(await peer.failureOf(NAME)) ?? ''}`;
    }, DEADLINE_MS);
    if (ends === 'killed') await this.#end((worker) => worker.kill());
    else if (ends === 'drained') await this.#drain();
    else {
      await peer.side.send('PUT', `/connectors/${NAME}/stop`);
      await until(
        async () => ((await this.#isStarted(peer)) ? 'not stopped' : undefined),
        DEADLINE_MS,
      );
      if (ends === 'stopped') await this.#end((worker) => worker.stop());
    }
  }

  /** Ends the writer and waits until its last change is in the topic. */
  async #drain(): Promise<void> {
    this.#written = (await this.#writer?.end()) ?? [];
    const last = this.#written.at(-1);
    await until(async () => {
      const records = await this.#log.records(TOPIC);
      const isThere = records.some((record) => changeOf(record)?.lsn === last?.lsn);
      return isThere ? undefined : `${records.length} records of ${this.#written.length} changes`;
    }, DEADLINE_MS);
  }

  async #create(peer: Peer): Promise<void> {
    const { host, port, user, password, database } = this.#server;
    await peer.put(NAME, {
      'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
      'tasks.max': '1',
      'database.hostname': host,
      'database.port': String(port),
      'database.user': user,
      'database.password': password,
      'database.dbname': database,
      'plugin.name': 'pgoutput',
      'topic.prefix': NAME,
      'slot.name': SLOT,
      'slot.retry.delay.ms': '1000',
      // Refuses to go on should the slot stand beyond the stored offset.
      'offset.mismatch.strategy': 'trust_offset',
      'publication.autocreate.mode': 'filtered',
      'table.include.list': 'public.load',
      'poll.interval.ms': '50',
      'provide.transaction.metadata': 'true',
      'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'key.converter.schemas.enable': 'false',
      'value.converter.schemas.enable': 'false',
    });
    const client = await this.#server.connect();
    await until(async () => {
      const { rows } = await client.query<{ at: string | null }>(
        `select confirmed_flush_lsn as at from pg_replication_slots where slot_name = '${SLOT}'`,
      );
      return (rows[0]?.at ?? null) === null ? 'no slot' : undefined;
    }, DEADLINE_MS);
    await client.end();
    this.#writer?.start();
  }

  async #isStarted(peer: Peer): Promise<boolean> {
    // The shape is Kafka Connect's.
    const status = (await peer.side.send('GET', `/connectors/${NAME}/status`)) as {
      readonly connector: { readonly state: string };
      readonly tasks: readonly unknown[];
    };
    return status.connector.state !== 'STOPPED' || status.tasks.length > 0;
  }

  /** What is below it was sent and stored; 0 before the first offset. */
  async #storedLsn(): Promise<number> {
    if (!(await this.#log.topics()).includes(OFFSETS)) return 0; // asking would make it
    const records = await this.#log.records(OFFSETS);
    const own = records.filter(({ key }) => textOf(key).startsWith(`["${NAME}"`));
    const last = own.sort((left, right) => left.timestampMs - right.timestampMs).at(-1);
    // The shape is Debezium's.
    const { lsn = 0, messageType = '' } =
      last?.value == null ? {} : (JSON.parse(textOf(last.value)) as StoredOffset);
    // A transaction may begin where the commit before it ends: a change at that place comes after it.
    return messageType === 'COMMIT' || messageType === 'BEGIN' ? lsn : lsn + 1;
  }

  #start(who: Who): Promise<TakeoverWorker> {
    return startTakeoverWorker(who, {
      lab: this.#lab,
      jars: this.#jars,
      address: this.#address,
      plugins: [this.#plugins],
    });
  }

  async #end(how: (worker: TakeoverWorker) => Promise<void>): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker !== undefined) await how(worker);
  }

  async #compare(): Promise<void> {
    const records = await this.#log.records(TOPIC);
    const changes = records.flatMap((record) => changeOf(record) ?? []);
    const written = new Set(this.#written.map(nameOf));
    const seen = new Set(changes.map(nameOf));
    const sample = (list: readonly unknown[]): unknown => [list.length, list.slice(0, 3)];
    await this.#checks.check('nothing is lost', () => {
      expectEqual(sample([...written].filter((name) => !seen.has(name))), [0, []]);
    });
    await this.#checks.check('nothing is there that was not written', () => {
      expectEqual(sample([...seen].filter((name) => !written.has(name))), [0, []]);
    });
    const runs = runsOf(changes);
    const first = new Set<string>();
    for (const [index, { title, fromRecord, fromLsn }] of this.#legs.entries()) {
      const endRecord = this.#legs[index + 1]?.fromRecord ?? Infinity;
      const own = runs.filter(([{ record }]) => record >= fromRecord && record < endRecord);
      const all = own.flat();
      const doubled = all.filter((change) => first.has(nameOf(change)));
      for (const change of all) first.add(nameOf(change));
      this.#lab.write(`  ${title}: ${all.length} changes, ${doubled.length} of them again`);
      await this.#checks.check(`${title}: doubles only what was sent and not stored`, () => {
        expectEqual(sample(doubled.filter(({ lsn }) => Number(lsn) < fromLsn)), [0, []]);
      });
      await this.#checks.check(`${title}: in the order of the server's log`, () => {
        expectEqual(sample(own.flatMap(late)), [0, []]);
      });
    }
    await this.#checks.check('transactions are counted on', () => {
      expectEqual(sample(miscounted(changes)), [0, []]);
    });
  }
}
