import { appendFileSync } from 'node:fs';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import {
  KafkaClient,
  parseBootstrap,
  TcpTransport,
  type ConsumedRecord,
} from '@millrace/kafka-client';
import { startApacheKafka } from '../apache-kafka.ts';
import { ConnectWorker } from '../connect-worker.ts';
import { KafkaJars } from '../java.ts';
import type { Lab } from '../lab.ts';
import { Side } from '../takeover/side.ts';
import { fetchDebezium, type DebeziumConnector } from './debezium-jars.ts';
import { eventOf, type Event, type Replacements } from './event.ts';

export type Settings = Readonly<Record<string, string>>;

/** The heap of Debezium's worker. */
const HEAP = '-Xmx512m';

const JSON_CONVERTERS: Settings = {
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'offset.flush.interval.ms': '500',
};

/** A worker and the log that it writes to. */
export class Peer {
  readonly side: Side;
  /** `host:port` of its log. */
  readonly log: string;
  readonly #client: KafkaClient;

  constructor(rest: string, log: string) {
    this.side = new Side(rest);
    this.log = log;
    const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
    this.#client = new KafkaClient({
      bootstrap: parseBootstrap(log),
      transport: new TcpTransport({ ...ports, clientId: 'compatibility' }),
      ...ports,
    });
  }

  /** Creates or replaces a connector, once the worker's group is at rest. */
  async put(name: string, config: Settings): Promise<void> {
    const deadlineMs = systemClock.monotonicMs() + 120_000;
    for (;;) {
      try {
        await this.side.send('PUT', `/connectors/${name}/config`, config);
        return;
      } catch (error) {
        const isBusy = /\b(409|TimeoutError)\b/.test(String(error));
        if (!isBusy || systemClock.monotonicMs() > deadlineMs) throw error;
        await systemClock.sleep(200);
      }
    }
  }

  /** Why it or its task has failed, if so. */
  async failureOf(name: string): Promise<string | undefined> {
    // The shape is Kafka Connect's.
    const status = (await this.side
      .send('GET', `/connectors/${name}/status`)
      .catch(() => undefined)) as  // not told yet
      { readonly connector: Part; readonly tasks: readonly Part[] } | undefined;
    if (status === undefined) return undefined;
    return [status.connector, ...status.tasks].find(({ state }) => state === 'FAILED')?.trace;
  }

  async countOf(topic: string): Promise<number> {
    const [described] = await this.#client.admin.describeTopics([topic]).catch(() => []);
    const partitions = described?.partitions ?? [];
    const ends = await this.#client.admin.listOffsets(
      partitions.map(({ partition }) => ({ topic, partition, timestamp: 'latest' as const })),
    );
    return ends.reduce((sum, { offset }) => sum + offset, 0);
  }

  async topics(): Promise<readonly string[]> {
    return (await this.#client.admin.listTopics()).map(({ name }) => name);
  }

  /** All that a topic holds, partition by partition. */
  async records(topic: string): Promise<readonly ConsumedRecord[]> {
    const all: ConsumedRecord[] = [];
    await using reader = this.#client.reader({ topic });
    await reader.readToEnd((records) => void all.push(...records));
    return all.sort(
      (left, right) => left.partition - right.partition || left.offset - right.offset,
    );
  }

  /** The events of each topic with this prefix, by names in which both sides agree. */
  async events(
    prefix: string,
    replacements: Replacements,
  ): Promise<ReadonlyMap<string, readonly Event[]>> {
    const pattern = new RegExp(`(^|[.-])${prefix}([.-]|$)`);
    const events = new Map<string, readonly Event[]>();
    for (const topic of (await this.topics()).filter((name) => pattern.test(name))) {
      const name = replacements.reduce((all, [from, to]) => all.replaceAll(from, to), topic);
      const records = await this.records(topic);
      events.set(
        name,
        records.map((record) => eventOf(record, replacements)),
      );
    }
    return events;
  }

  async close(): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }
}

interface Part {
  readonly state: string;
  readonly trace?: string;
}

/** Debezium on Kafka Connect with Apache Kafka, and Millrace with its own log. */
export class Peers implements AsyncDisposable {
  readonly debezium: Peer;
  readonly ours: Peer;
  readonly #end: () => Promise<void>;

  private constructor(debezium: Peer, ours: Peer, end: () => Promise<void>) {
    this.debezium = debezium;
    this.ours = ours;
    this.#end = end;
  }

  /** @throws Unavailable without Java, Maven or their registry */
  static async start(lab: Lab, connector: DebeziumConnector): Promise<Peers> {
    const jars = await KafkaJars.fetch(lab);
    const plugins = await fetchDebezium(lab, connector);
    const kafka = await startApacheKafka(lab, jars);
    const folder = lab.makeFolder();
    const settings = { ...JSON_CONVERTERS, 'plugin.path': plugins };
    const options = { lab, jars, address: kafka.address, folder, settings, jvm: [HEAP] };
    const worker = await ConnectWorker.start(options).catch(async (error: unknown) => {
      await kafka.process.kill();
      throw error;
    });
    const end = async (): Promise<void> => {
      await worker.kill();
      await kafka.process.kill();
    };
    try {
      await worker.untilAnswers();
      const ours = await lab.startWorker(JSON_CONVERTERS);
      const [debezium, millrace] = [
        new Peer(worker.url, kafka.address),
        new Peer(ours.server.rest, ours.address),
      ];
      return new Peers(debezium, millrace, async () => {
        appendFileSync(lab.logFile, `${ours.server.output}\n${worker.output}\n`);
        await debezium.close();
        await millrace.close();
        await end();
      });
    } catch (error) {
      await end();
      throw error;
    }
  }

  get both(): readonly (readonly [SideName, Peer])[] {
    return [
      ['debezium', this.debezium],
      ['ours', this.ours],
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }
}

export type SideName = 'debezium' | 'ours';
