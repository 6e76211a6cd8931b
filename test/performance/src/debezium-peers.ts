import { join } from 'node:path';
import type { KafkaClient } from '@millrace/kafka-client';
import { SCHEMALESS_JSON } from '@millrace/test-servers';
import { ApacheKafka } from './apache-kafka.ts';
import type { Report } from './bench.ts';
import { recordCountOf } from './end-offset.ts';
import { KafkaConnect } from './kafka-connect.ts';
import { peakResidentMb, processorMs, seconds, until, Workspace } from './workspace.ts';

/** Both sides translate their hot code while they run. */
const WARM_RUNS = 1;
const RUNS = 3;
const DRAIN_MS = 900_000;

export type Config = Readonly<Record<string, string>>;

/** A worker of either kind. */
export interface Peer {
  readonly rest: string;
  readonly pid: number;
}

/** What is measured: a connector that is let go, until its topic has so many records. */
export interface Drain {
  readonly topic: string;
  /** Of records in the topic in the end. */
  readonly count: number;
  /** Of those that come while the clock runs. */
  readonly changes: number;
  readonly begin: () => Promise<void>;
  /** Leaves the database as it was. */
  readonly end: () => Promise<void>;
}

/** Of one side: rows a second by the clock, of one core of the worker; its memory. */
interface Figures {
  readonly wall: number[];
  readonly core: number[];
  readonly memory: number[];
}

/** Kafka Connect with Debezium beside Millrace, and the one node of Apache Kafka that both write to. */
export interface DebeziumPeers {
  readonly kafka: string;
  readonly client: KafkaClient;
  readonly theirs: Peer;
  readonly ours: Peer;
}

/** All turns, those that warm up first: a name, and whose turn it is. */
export function turnsOf({ theirs, ours }: DebeziumPeers): readonly (readonly [string, Peer])[] {
  return Array.from(
    { length: WARM_RUNS + RUNS },
    (_, run): readonly (readonly [string, Peer])[] => [
      [`theirs_${run}`, theirs],
      [`ours_${run}`, ours],
    ],
  ).flat();
}

/** @throws Error unless the jars of Debezium for `database` are there */
export async function withDebezium(
  report: Report,
  database: string,
  use: (peers: DebeziumPeers, workspace: Workspace) => Promise<void>,
): Promise<void> {
  const plugins = process.env['DEBEZIUM_PLUGINS'] ?? '';
  if (plugins === '')
    throw new Error(
      `set DEBEZIUM_PLUGINS to a folder that holds one with the jars of debezium-connector-${database}; "npm run test:compat" fetches them into its cache`,
    );
  await using workspace = new Workspace();
  const folder = workspace.folder();
  await using kafka = await ApacheKafka.start(join(folder, 'kafka'));
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
  await using theirs = await KafkaConnect.start(join(folder, 'connect'), {
    ...settings('theirs'),
    'plugin.path': plugins,
  });
  const ours = await workspace.millrace(settings('ours'));
  report.setting(
    'JSON without schemas; both workers on the same node of Apache Kafka, acks=all; in turns, after one drain each that warms up',
  );
  report.setting(
    'Kafka Connect with the heap of its own script (-Xmx2G), Debezium with its defaults but for poll.interval.ms=50; "of one core": rows by user and system time of the worker since the connector was let go; memory: the most that was resident by the end of a drain',
  );
  const client = workspace.client(kafka.address);
  await use({ kafka: kafka.address, client, theirs, ours }, workspace);
}

/** One drain after another; `goal` is that of the rates by the clock and of one core. */
export async function drainInTurns(
  report: Report,
  peers: DebeziumPeers,
  goal: string,
  prepare: (name: string, peer: Peer) => Promise<Drain>,
): Promise<void> {
  const figures = (): Figures => ({ wall: [], core: [], memory: [] });
  const [theirs, ours] = [figures(), figures()];
  for (const [index, [name, peer]] of turnsOf(peers).entries()) {
    const drain = await prepare(name, peer);
    const isCounted = index >= WARM_RUNS * 2;
    const into = isCounted ? (peer === peers.ours ? ours : theirs) : figures();
    const { changes, count, topic } = drain;
    const idleMs = processorMs(peer.pid);
    const took = await seconds(async () => {
      await drain.begin();
      await until(async () => (await recordCountOf(peers.client, topic)) >= count, DRAIN_MS, 50);
    });
    into.wall.push(changes / took);
    into.core.push(changes / ((processorMs(peer.pid) - idleMs) / 1_000));
    into.memory.push(peakResidentMb(peer.pid));
    await peers.client.admin.deleteTopics([topic]);
    await ask('DELETE', `${peer.rest}/connectors/${name}`);
    await drain.end();
  }
  show(report, ours, theirs, goal);
}

/** Kafka Connect answers 409 while its group settles. */
export async function ask(method: string, url: string, body?: unknown): Promise<void> {
  await until(async () => {
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.status === 409) return false;
    if (!response.ok) throw new Error(`${method} ${url}: ${await response.text()}`);
    return true;
  }, 120_000);
}

function show(report: Report, ours: Figures, theirs: Figures, goal: string): void {
  const unit = 'rows/s';
  report.compare(
    { label: 'ours', unit, values: ours.wall },
    { label: 'Debezium', unit, values: theirs.wall },
    goal,
  );
  report.compare(
    { label: 'ours, of one core', unit, values: ours.core },
    { label: 'Debezium, of one core', unit, values: theirs.core },
    goal,
  );
  report.compare(
    { label: 'resident memory, Debezium', unit: 'MB', values: theirs.memory },
    { label: 'resident memory, ours', unit: 'MB', values: ours.memory },
    'ratio 4',
  );
}
