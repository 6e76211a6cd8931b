import { createWriteStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { KafkaClient } from '@millrace/kafka-client';
import { ApacheKafka } from './apache-kafka.ts';
import type { Bench, Report } from './bench.ts';
import { recordCountOf } from './end-offset.ts';
import { KafkaConnect } from './kafka-connect.ts';
import { processorMs, residentMb, seconds, until, Workspace } from './workspace.ts';

const WARM_RUNS = 2;
const RUNS = 3;
const LINES = 300_000;
const LINE_BYTES = 100;

type Config = Readonly<Record<string, string>>;

/** A worker of either kind. */
interface Peer {
  readonly rest: string;
  readonly pid: number;
}

/** Records a second by the clock, and of one core of the worker. */
interface Figures {
  readonly wall: number[];
  readonly core: number[];
}

const STRINGS: Config = {
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
};
const JSON_VALUES: Config = {
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
};

/** Each with its class behind Kafka Connect's package and its keys. */
const CHAIN: readonly (readonly [string, Config])[] = [
  ['HoistField$Value', { field: 'line' }],
  ['InsertField$Value', { 'topic.field': 'topic' }],
  ['InsertField$Value', { 'static.field': 'origin', 'static.value': 'bench' }],
  ['InsertField$Value', { 'static.field': 'amount', 'static.value': '42' }],
  ['InsertField$Value', { 'static.field': 'secret', 'static.value': 'hush' }],
  ['InsertField$Value', { 'static.field': 'id', 'static.value': '7' }],
  ['Cast$Value', { spec: 'amount:int32,id:int64' }],
  ['MaskField$Value', { fields: 'secret' }],
  ['ReplaceField$Value', { renames: 'origin:source' }],
  ['ReplaceField$Value', { exclude: 'topic' }],
  ['ValueToKey', { fields: 'id' }],
  ['ExtractField$Key', { field: 'id' }],
  ['InsertHeader', { header: 'kind', 'value.literal': 'line' }],
  ['HeaderFrom$Value', { fields: 'source', headers: 'source', operation: 'copy' }],
  ['SetSchemaMetadata$Value', { 'schema.name': 'org.example.Line' }],
  ['Flatten$Value', { delimiter: '_' }],
];

export const connect: Bench = {
  name: 'connect',
  about:
    'file to topic, topic to file, and 16 transforms, by Millrace and by Kafka Connect on one Apache Kafka (set KAFKA_JARS)',
  async run(report) {
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
      ...STRINGS,
    });
    await using theirs = await KafkaConnect.start(join(folder, 'connect'), settings('theirs'));
    const worker = await workspace.millrace(settings('ours'));
    const ours: Peer = { rest: worker.rest, pid: worker.pid };
    const idle = { ours: residentMb(ours.pid), theirs: residentMb(theirs.pid) };
    const lines = join(folder, 'lines.txt');
    await writeLines(lines);
    report.setting(
      `${LINES.toLocaleString('en-US')} lines of ${LINE_BYTES} bytes a run, one task, one partition; both workers with their defaults on the same node of Apache Kafka; Kafka Connect with the heap of its own script (-Xmx2G); in turns, after ${WARM_RUNS} runs that warm up`,
    );
    report.setting(
      `"of one core": records by user and system time of the worker's process in the same span`,
    );
    const load = new Load(workspace.client(kafka.address), folder, lines);
    const source = pair();
    const sink = pair();
    const chain = pair();
    for (let run = 0; run < WARM_RUNS + RUNS; run++)
      for (const [side, peer] of [
        ['theirs', theirs],
        ['ours', ours],
      ] as const) {
        const isWarm = run >= WARM_RUNS;
        const name = `${side}-${run}`;
        const into = (figures: Pair): Figures => (isWarm ? figures[side] : { wall: [], core: [] });
        await load.source(peer, `lines-${name}`, STRINGS, into(source));
        await load.sink(peer, `lines-${name}`, into(sink));
        await load.source(peer, `chain-${name}`, { ...JSON_VALUES, ...chainConfig() }, into(chain));
      }
    show(report, 'file to topic', source);
    show(report, 'topic to file', sink);
    show(report, `file to topic, ${CHAIN.length} transforms, JSON`, chain);
    showMemory(report, 'idle', idle);
    showMemory(report, 'after the runs', {
      ours: residentMb(ours.pid),
      theirs: residentMb(theirs.pid),
    });
  },
};

interface Pair {
  readonly ours: Figures;
  readonly theirs: Figures;
}

const pair = (): Pair => ({ ours: { wall: [], core: [] }, theirs: { wall: [], core: [] } });

/** One pipeline after the other, each with a connector of its own that is removed behind it. */
class Load {
  readonly #client: KafkaClient;
  readonly #folder: string;
  readonly #lines: string;

  constructor(client: KafkaClient, folder: string, lines: string) {
    this.#client = client;
    this.#folder = folder;
    this.#lines = lines;
  }

  async source(peer: Peer, topic: string, config: Config, figures: Figures): Promise<void> {
    await this.#client.admin.createTopics([{ name: topic, partitions: 1 }]);
    await this.#measure(peer, topic, figures, {
      config: {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
        file: this.#lines,
        topic,
        ...config,
      },
      isDone: async () => (await recordCountOf(this.#client, topic)) >= LINES,
    });
  }

  async sink(peer: Peer, topic: string, figures: Figures): Promise<void> {
    const file = join(this.#folder, `${topic}.out`);
    await this.#measure(peer, `${topic}-out`, figures, {
      config: {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
        file,
        topics: topic,
        ...STRINGS,
      },
      isDone: () => Promise.resolve(existsSync(file) && statSync(file).size >= LINES * LINE_BYTES),
    });
  }

  async #measure(
    peer: Peer,
    name: string,
    figures: Figures,
    { config, isDone }: { readonly config: Config; readonly isDone: () => Promise<boolean> },
  ): Promise<void> {
    const cpuMs = processorMs(peer.pid);
    const took = await seconds(async () => {
      await send(peer, 'PUT', `/connectors/${name}/config`, config);
      await until(isDone);
    });
    figures.wall.push(LINES / took);
    figures.core.push(LINES / ((processorMs(peer.pid) - cpuMs) / 1_000));
    await send(peer, 'DELETE', `/connectors/${name}`);
  }
}

/** Kafka Connect answers 409 while its group settles. */
async function send(peer: Peer, method: string, path: string, body?: Config): Promise<void> {
  await until(async () => {
    const response = await fetch(peer.rest + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.status === 409) return false;
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return true;
  }, 60_000);
}

function chainConfig(): Config {
  const names = CHAIN.map((_, index) => `t${index}`);
  const keys = CHAIN.flatMap(([type, config], index) => [
    [`transforms.t${index}.type`, `org.apache.kafka.connect.transforms.${type}`],
    ...Object.entries(config).map(([key, value]) => [`transforms.t${index}.${key}`, value]),
  ]);
  // Entries are pairs of texts.
  return { transforms: names.join(), ...(Object.fromEntries(keys) as Config) };
}

function show(report: Report, what: string, { ours, theirs }: Pair): void {
  const unit = 'records/s';
  report.compare(
    { label: `${what}, ours`, unit, values: ours.wall },
    { label: `${what}, Connect`, unit, values: theirs.wall },
    'above 1',
  );
  report.compare(
    { label: `${what}, ours, of one core`, unit, values: ours.core },
    { label: `${what}, Connect, of one core`, unit, values: theirs.core },
    'above 1',
  );
}

function showMemory(
  report: Report,
  when: string,
  { ours, theirs }: { readonly ours: number; readonly theirs: number },
): void {
  report.compare(
    { label: `resident memory ${when}, Connect`, unit: 'MB', values: [theirs] },
    { label: `resident memory ${when}, ours`, unit: 'MB', values: [ours] },
    'ratio 3',
  );
}

async function writeLines(file: string): Promise<void> {
  const stream = createWriteStream(file);
  const filler = 'x'.repeat(LINE_BYTES - 14);
  for (let first = 0; first < LINES; first += 10_000) {
    let text = '';
    for (let line = first; line < first + 10_000; line++)
      text += `${String(line).padStart(12, '0')} ${filler}\n`;
    if (!stream.write(text)) await new Promise<void>((resolve) => stream.once('drain', resolve));
  }
  stream.end();
  await finished(stream);
}
