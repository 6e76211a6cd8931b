import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@millrace/foundation';
import { findFreePort, ServerProcess } from '@millrace/test-servers';
import { Checks, expectEqual, expectText } from '../checks.ts';
import { KAFKA_VERSION, KafkaJars } from '../java.ts';
import type { Lab } from '../lab.ts';
import type { Suite } from '../suite.ts';

const LINES = 200;
const DEADLINE_MS = 60_000;

/** A worker of Kafka Connect whose cluster is our broker: its group, its three topics, source tasks with exactly-once. */
export const kafkaConnect: Suite = {
  name: 'kafka-connect',
  about: `Kafka Connect ${KAFKA_VERSION} (distributed, exactly-once sources) with our broker as its cluster`,
  tier: 'ci',
  async run(lab) {
    const jars = await KafkaJars.fetch(lab);
    const { address } = await lab.startBroker();
    const folder = lab.makeFolder();
    const [source, target] = [join(folder, 'in.txt'), join(folder, 'out.txt')];
    const lines = Array.from({ length: LINES }, (_, index) => `line ${index}`);
    writeFileSync(source, `${lines.slice(0, LINES / 2).join('\n')}\n`);
    const checks = new Checks();
    let worker: ConnectWorker | undefined;
    try {
      await checks.check('a worker joins its group and makes its topics', async () => {
        worker = await ConnectWorker.start(lab, jars, address, folder);
      });
      await checks.check('a source with exactly-once and a sink pass on a file', async () => {
        await worker?.put('in', {
          'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
          topic: 'lines',
          file: source,
          'exactly.once.support': 'requested',
          'transaction.boundary': 'poll',
        });
        await worker?.put('out', {
          'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
          topics: 'lines',
          file: target,
          'consumer.override.isolation.level': 'read_committed',
        });
        await untilLines(target, LINES / 2);
      });
      await checks.check('a new worker goes on where the first one stopped', async () => {
        await worker?.stop();
        worker = await ConnectWorker.start(lab, jars, address, folder);
        appendFileSync(source, `${lines.slice(LINES / 2).join('\n')}\n`);
        await untilLines(target, LINES);
        expectEqual(readLines(target), lines);
      });
      await checks.check('offsets of source and sink are shown', async () => {
        await untilText(() => worker?.get('/connectors/in/offsets'), /"position":\d+/);
        // The markers of the transactions have offsets too.
        await untilText(() => worker?.get('/connectors/out/offsets'), /"kafka_offset":2\d\d\b/);
      });
    } finally {
      await worker?.stop();
    }
    return checks.outcomes;
  },
};

class ConnectWorker {
  readonly #url: string;
  readonly #process: ServerProcess;

  private constructor(url: string, process: ServerProcess) {
    this.#url = url;
    this.#process = process;
  }

  static async start(
    lab: Lab,
    jars: KafkaJars,
    address: string,
    folder: string,
  ): Promise<ConnectWorker> {
    const port = await findFreePort();
    const file = join(folder, 'worker.properties');
    const settings = {
      'bootstrap.servers': address,
      'group.id': 'java-connect',
      listeners: `http://127.0.0.1:${port}`,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'config.storage.topic': 'java-connect-configs',
      'offset.storage.topic': 'java-connect-offsets',
      'status.storage.topic': 'java-connect-status',
      'config.storage.replication.factor': '1',
      'offset.storage.replication.factor': '1',
      'status.storage.replication.factor': '1',
      'offset.storage.partitions': '5',
      'offset.flush.interval.ms': '1000',
      'exactly.once.source.support': 'enabled',
      'connector.client.config.override.policy': 'All',
      'plugin.path': join(jars.folder, 'lib'),
      'plugin.discovery': 'service_load',
      'scheduled.rebalance.max.delay.ms': '0',
    };
    writeFileSync(
      file,
      Object.entries(settings)
        .map(([key, value]) => `${key}=${value}`)
        .join('\n'),
    );
    const process = await ServerProcess.start({
      name: 'Kafka Connect',
      command: 'java',
      args: ['-Dorg.slf4j.simpleLogger.log.org.apache.kafka.connect.runtime=info'].concat(
        jars.args('org.apache.kafka.connect.cli.ConnectDistributed', [file]),
      ),
      user: undefined,
      ready: /Finished starting connectors and tasks/,
      readyTimeoutMs: DEADLINE_MS,
      stopSignal: 'SIGTERM',
    });
    lab.write(`  Kafka Connect listens on port ${port}`);
    return new ConnectWorker(`http://127.0.0.1:${port}`, process);
  }

  async put(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const response = await fetch(`${this.#url}/connectors/${name}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(config),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    if (!response.ok) throw new Error(`PUT ${name}: ${response.status} ${await response.text()}`);
  }

  async get(path: string): Promise<string> {
    const response = await fetch(this.#url + path, { signal: AbortSignal.timeout(DEADLINE_MS) });
    return response.text();
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}

async function untilLines(file: string, count: number): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + DEADLINE_MS;
  while (readLines(file).length < count) {
    if (systemClock.monotonicMs() > deadlineMs)
      throw new Error(`${readLines(file).length} of ${count} lines arrived`);
    await systemClock.sleep(200);
  }
}

async function untilText(
  read: () => Promise<string> | undefined,
  pattern: RegExp | string,
): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + DEADLINE_MS;
  for (;;) {
    const text = (await read()) ?? '';
    const isThere = typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text);
    if (isThere) return;
    if (systemClock.monotonicMs() > deadlineMs) expectText(text, pattern);
    await systemClock.sleep(200);
  }
}

function readLines(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
