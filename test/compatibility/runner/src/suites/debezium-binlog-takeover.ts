import type { ConsumedRecord } from '@millrace/kafka-client';
import { startMariadb, startMysql, type MysqlServer } from '@millrace/test-servers';
import { startApacheKafka } from '../apache-kafka.ts';
import { Checks, expectEqual } from '../checks.ts';
import { SteadyWriter } from '../debezium/binlog/steady-writer.ts';
import { fetchDebezium } from '../debezium/debezium-jars.ts';
import { Peer } from '../debezium/peers.ts';
import {
  startTakeoverWorker,
  type TakeoverWorker,
  type TakeoverWorkerOptions,
} from '../debezium/takeover-worker.ts';
import { KafkaJars } from '../java.ts';
import type { Lab } from '../lab.ts';
import type { Outcome, Suite } from '../suite.ts';
import { until } from '../takeover/side.ts';

const OFFSETS = 'java-connect-offsets';
const DEADLINE_MS = 120_000;
/** So many records has each worker to write to each topic before it is the turn of the next one. */
const SHARE = 1_000;

/** One after the other: who runs, and how it ends. */
const LEGS = [
  { who: 'debezium', ends: 'killed' },
  { who: 'ours', ends: 'stopped' },
  { who: 'debezium', ends: 'stopped' },
  { who: 'ours', ends: 'killed' },
  { who: 'debezium', ends: 'drained' },
] as const;

/** By GTIDs of MySQL and of MariaDB, and by file and position with the tables of the schema history. */
export const debeziumBinlogTakeover: Suite = {
  name: 'debezium-binlog-takeover',
  about:
    'Debezium for MySQL and MariaDB and Millrace take over from each other while rows and tables change: by GTIDs, and by file and position',
  tier: 'full',
  async run(lab) {
    const jars = await KafkaJars.fetch(lab);
    const plugins = [await fetchDebezium(lab, 'mysql'), await fetchDebezium(lab, 'mariadb')];
    const kafka = await startApacheKafka(lab, jars);
    try {
      await using gtid = await startMysql();
      await using place = await startMysql({
        settings: {
          gtid_mode: 'OFF',
          enforce_gtid_consistency: 'OFF',
          binlog_row_metadata: 'MINIMAL',
        },
      });
      await using mariadb = await startMariadb({ settings: { binlog_row_metadata: 'MINIMAL' } });
      const servers = { gtid, place, mariadb };
      const { address } = kafka;
      return await new Takeover({ lab, jars, address, plugins }, servers).run();
    } finally {
      await kafka.process.kill();
    }
  },
};

/** One connector and what it captures. */
interface Line {
  readonly name: string;
  readonly server: MysqlServer;
  readonly writer: SteadyWriter;
  /** What was stored when a leg began. */
  readonly stored: Position[];
  written: readonly string[];
}

interface Position {
  readonly file: string;
  readonly pos: number;
}

class Takeover {
  readonly #lab: Lab;
  readonly #options: TakeoverWorkerOptions;
  readonly #servers: Readonly<Record<string, MysqlServer>>;
  readonly #checks = new Checks();
  /** For the topics alone. */
  readonly #log: Peer;
  readonly #lines: Line[] = [];
  #worker: TakeoverWorker | undefined;

  constructor(options: TakeoverWorkerOptions, servers: Readonly<Record<string, MysqlServer>>) {
    this.#lab = options.lab;
    this.#options = options;
    this.#servers = servers;
    this.#log = new Peer('', options.address);
  }

  async run(): Promise<readonly Outcome[]> {
    for (const [name, server] of Object.entries(this.#servers)) {
      const writer = await SteadyWriter.open(server);
      this.#lines.push({ name, server, writer, stored: [], written: [] });
    }
    try {
      for (const [index, { who, ends }] of LEGS.entries()) {
        const title = `${index + 1}: ${who === 'ours' ? 'Millrace' : 'Debezium'} goes on and is ${ends}`;
        await this.#checks.check(title, () => this.#leg(index, who, ends));
        if (this.#checks.outcomes.at(-1)?.result === 'failed') return this.#checks.outcomes;
      }
      for (const line of this.#lines) await this.#compare(line);
    } finally {
      for (const { writer } of this.#lines) await writer.end().catch(() => undefined);
      await this.#worker?.kill();
      await this.#log.close();
    }
    return this.#checks.outcomes;
  }

  async #leg(index: number, who: 'debezium' | 'ours', ends: string): Promise<void> {
    for (const line of this.#lines) line.stored.push(await this.#storedOf(line));
    const before = await this.#counts();
    // While nobody reads: the next one comes to it by itself, with the history that the former one left. Not where the
    // next one is killed without GTIDs: then Debezium takes the statement from the history though its offset is before.
    for (const { name, server } of this.#lines)
      if (index > 0 && !(name === 'place' && ends === 'killed'))
        await execute(server, `alter table moved add column c${index} int default ${index}`);
    const worker = await startTakeoverWorker(who, this.#options);
    this.#worker = worker;
    if (index === 0) for (const line of this.#lines) await this.#create(worker.peer, line);
    let failure: string | undefined;
    for (const [at, { name }] of this.#lines.entries()) {
      await until(async () => {
        const counts = (await this.#counts())[at];
        const rows = (counts?.rows ?? 0) - (before[at]?.rows ?? 0);
        const statements = (counts?.statements ?? 0) - (before[at]?.statements ?? 0);
        const isTold = statements > 0 || (name === 'place' && ends === 'killed');
        if (rows >= SHARE && isTold) return undefined;
        failure = await worker.peer.failureOf(name);
        return failure === undefined
          ? `${name}: ${rows} rows, ${statements} statements`
          : undefined;
      }, DEADLINE_MS);
      if (failure !== undefined) throw new Error(`${name}: ${failure}`);
    }
    if (ends === 'drained') await this.#drain();
    this.#worker = undefined;
    await (ends === 'killed' ? worker.kill() : worker.stop());
  }

  async #counts(): Promise<readonly { readonly rows: number; readonly statements: number }[]> {
    return Promise.all(
      this.#lines.map(async ({ name }) => ({
        rows: await this.#log.countOf(rowsOf(name)),
        statements: await this.#log.countOf(name),
      })),
    );
  }

  async #create(peer: Peer, { name, server, writer }: Line): Promise<void> {
    const { flavour, host, password, port, user } = server;
    await peer.put(name, {
      'connector.class':
        flavour === 'mysql'
          ? 'io.debezium.connector.mysql.MySqlConnector'
          : 'io.debezium.connector.mariadb.MariaDbConnector',
      'tasks.max': '1',
      'database.hostname': host,
      'database.port': String(port),
      'database.user': user,
      'database.password': password,
      'database.server.id': '4711',
      'database.ssl.mode': flavour === 'mysql' ? 'preferred' : 'disable',
      'topic.prefix': name,
      'database.include.list': 'test',
      'schema.history.internal.kafka.bootstrap.servers': this.#options.address,
      'schema.history.internal.kafka.topic': `history.${name}`,
      'schema.history.internal.store.only.captured.databases.ddl': 'true',
      'poll.interval.ms': '50',
      'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'key.converter.schemas.enable': 'false',
      'value.converter.schemas.enable': 'false',
    });
    await until(async () => {
      const failure = await peer.failureOf(name);
      if (failure !== undefined) return failure;
      return (await this.#log.countOf(`${name}.test.zz_mark`)) > 0 ? undefined : 'no snapshot';
    }, DEADLINE_MS);
    writer.start();
  }

  /** Ends the writers and waits until their last changes are in the topics. */
  async #drain(): Promise<void> {
    for (const line of this.#lines) {
      line.written = await line.writer.end();
      const last = line.written.at(-1);
      await until(async () => {
        const changes = (await this.#log.records(rowsOf(line.name))).flatMap(
          (record) => changeOf(record) ?? [],
        );
        const isThere = changes.some((change) => change.name === last);
        return isThere ? undefined : `${changes.length} of ${line.written.length} changes`;
      }, DEADLINE_MS);
    }
  }

  /** Of the offset: where it would be gone on from. */
  async #storedOf({ name }: Line): Promise<Position> {
    const none = { file: '', pos: 0 };
    if (!(await this.#log.topics()).includes(OFFSETS)) return none; // asking would make it
    const records = await this.#log.records(OFFSETS);
    const own = records.filter(({ key }) => textOf(key).startsWith(`["${name}"`));
    const last = own.sort((left, right) => left.timestampMs - right.timestampMs).at(-1);
    return last?.value == null ? none : (JSON.parse(textOf(last.value)) as Position); // Debezium's form
  }

  async #compare({ name, stored, written }: Line): Promise<void> {
    const changes = (await this.#log.records(rowsOf(name))).flatMap(
      (record) => changeOf(record) ?? [],
    );
    const seen = new Set(changes.map((change) => change.name));
    const places = new Map(written.map((change, index) => [change, index]));
    const sample = (list: readonly unknown[]): unknown => [list.length, list.slice(0, 3)];
    await this.#checks.check(`${name}: nothing is lost`, () => {
      expectEqual(sample(written.filter((change) => !seen.has(change))), [0, []]);
    });
    await this.#checks.check(`${name}: nothing is there that was not written`, () => {
      expectEqual(sample([...seen].filter((change) => !places.has(change))), [0, []]);
    });
    const runs = runsOf(changes);
    await this.#checks.check(`${name}: each worker runs once`, () => {
      expectEqual(runs.length, LEGS.length);
    });
    const before = new Set<string>();
    for (const [index, run] of runs.entries()) {
      const doubled = run.filter((change) => before.has(change.name));
      for (const change of run) before.add(change.name);
      const at = stored[index] ?? { file: '', pos: 0 };
      const title = `${name}, ${index + 1}`;
      this.#lab.write(`  ${title}: ${run.length} changes, ${doubled.length} of them again`);
      await this.#checks.check(`${title}: doubles only what was sent and not stored`, () => {
        expectEqual(sample(doubled.filter((change) => isBefore(change, at))), [0, []]);
        const isAfterKill = index > 0 && LEGS[index - 1]?.ends === 'killed';
        if (!isAfterKill) expectEqual(sample(doubled), [0, []]);
      });
      await this.#checks.check(`${title}: without a gap, in the order of the server`, () => {
        const gaps = run.filter(
          (change, following) =>
            following > 0 &&
            places.get(change.name) !== (places.get(run[following - 1]?.name ?? '') ?? NaN) + 1,
        );
        expectEqual(sample(gaps), [0, []]);
      });
    }
  }
}

/** What a killed worker had sent may arrive after its end, among what the next one sends. */
function runsOf(changes: readonly Change[]): readonly (readonly Change[])[] {
  const runs = new Map<string, Change[]>();
  for (const change of changes) {
    const run = runs.get(change.run);
    if (run === undefined) runs.set(change.run, [change]);
    else run.push(change);
  }
  return [...runs.values()];
}

function rowsOf(name: string): string {
  return `${name}.test.moved`;
}

async function execute(server: MysqlServer, sql: string): Promise<void> {
  const connection = await server.connect();
  await connection.query(sql);
  await connection.end();
}

interface Change extends Position {
  readonly name: string;
  /** Each start of a task has one of its own. */
  readonly run: string;
}

/** Of a tombstone nothing. */
function changeOf({ headers, key, value }: ConsumedRecord): Change | undefined {
  if (value === null) return undefined;
  const { id } = JSON.parse(textOf(key)) as { id: number }; // of the table's key
  const { op, source } = JSON.parse(textOf(value)) as { op: string; source: Position };
  const run = headers.find((header) => header.key === '__debezium.context.runId')?.value ?? null;
  return { name: `${op} ${id}`, file: source.file, pos: source.pos, run: textOf(run) };
}

function isBefore(left: Position, right: Position): boolean {
  return left.file === right.file ? left.pos < right.pos : left.file < right.file;
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : Buffer.from(bytes).toString('utf8');
}
