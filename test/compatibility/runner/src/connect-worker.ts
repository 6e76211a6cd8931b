import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@millrace/foundation';
import { findFreePort, ServerProcess } from '@millrace/test-servers';
import type { KafkaJars } from './java.ts';
import type { Lab } from './lab.ts';

const READY_MS = 60_000;

export interface ConnectWorkerOptions {
  readonly lab: Lab;
  readonly jars: KafkaJars;
  /** `host:port` of the cluster. */
  readonly address: string;
  /** Holds its configuration. */
  readonly folder: string;
  /** Worker keys over the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Options of the JVM over the defaults. */
  readonly jvm?: readonly string[];
}

/** What a worker of this group is told, but for its listeners. */
export function connectSettings(
  address: string,
  jars: KafkaJars,
): Readonly<Record<string, string>> {
  return {
    'bootstrap.servers': address,
    'group.id': 'java-connect',
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
    'connector.client.config.override.policy': 'All',
    'plugin.path': join(jars.folder, 'lib'),
    'plugin.discovery': 'service_load',
    'scheduled.rebalance.max.delay.ms': '0',
  };
}

/** A distributed worker of Kafka Connect, from its published jars. */
export class ConnectWorker {
  readonly url: string;
  readonly #process: ServerProcess;

  private constructor(url: string, process: ServerProcess) {
    this.url = url;
    this.#process = process;
  }

  static async start(options: ConnectWorkerOptions): Promise<ConnectWorker> {
    const { lab, jars, address, folder } = options;
    const port = await findFreePort();
    const file = join(folder, 'worker.properties');
    const settings = {
      ...connectSettings(address, jars),
      listeners: `http://127.0.0.1:${port}`,
      ...options.settings,
    };
    const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    writeFileSync(file, lines.join('\n'));
    const process = await ServerProcess.start({
      name: 'Kafka Connect',
      command: 'java',
      args: ['-Dorg.slf4j.simpleLogger.log.org.apache.kafka.connect.runtime=info'].concat(
        jars.args('org.apache.kafka.connect.cli.ConnectDistributed', [file], options.jvm),
      ),
      user: undefined,
      ready: /Finished starting connectors and tasks/,
      readyTimeoutMs: READY_MS,
      stopSignal: 'SIGTERM',
    });
    lab.write(`  Kafka Connect listens on port ${port}`);
    return new ConnectWorker(`http://127.0.0.1:${port}`, process);
  }

  /** What it printed last. */
  get output(): string {
    return this.#process.output;
  }

  /** It says that it has started some time before its REST resources are there. */
  async untilAnswers(): Promise<void> {
    const deadlineMs = systemClock.monotonicMs() + READY_MS;
    while (!(await this.get('/')).includes('kafka_cluster_id')) {
      if (systemClock.monotonicMs() > deadlineMs) throw new Error('Kafka Connect does not answer');
      await systemClock.sleep(100);
    }
  }

  async put(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const response = await fetch(`${this.url}/connectors/${name}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(config),
      signal: AbortSignal.timeout(READY_MS),
    });
    if (!response.ok) throw new Error(`PUT ${name}: ${response.status} ${await response.text()}`);
  }

  async get(path: string): Promise<string> {
    const response = await fetch(this.url + path, { signal: AbortSignal.timeout(READY_MS) });
    return response.text();
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }

  /** When nothing of it is kept. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }
}
