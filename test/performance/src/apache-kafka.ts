import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '@millrace/test-servers';
import { openConnection } from './raw-log.ts';
import { until } from './workspace.ts';

const run = promisify(execFile);
const START_MS = 60_000;
const CLUSTER_ID = 'bWlsbHJhY2UtYmVuY2gtMQ';
/** Kafka's own default for a broker. */
const HEAP = '1g';

/** The folder with the jars of Apache Kafka 4 (`kafka_2.13`, `kafka-tools` and what they need), from `KAFKA_JARS`. */
export function kafkaJars(): string {
  const folder = process.env['KAFKA_JARS'] ?? '';
  if (folder === '' || !existsSync(folder))
    throw new Error(
      'set KAFKA_JARS to a folder with the jars of Apache Kafka 4: org.apache.kafka:kafka_2.13 and kafka-tools with all they need ("mvn dependency:copy-dependencies")',
    );
  return join(folder, '*');
}

/** Runs one of Kafka's tools to its end; returns what it printed. */
export async function kafkaTool(main: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run('java', ['-Xmx512m', '-cp', kafkaJars(), main, ...args], {
    maxBuffer: 1 << 24,
  });
  return stdout;
}

/** A single Apache Kafka node with its default heap, in a fresh folder. */
export class ApacheKafka implements AsyncDisposable {
  readonly address: string;
  readonly #process: ChildProcess;

  private constructor(address: string, process: ChildProcess) {
    this.address = address;
    this.#process = process;
  }

  static async start(folder: string): Promise<ApacheKafka> {
    const [port, controllerPort] = [await findFreePort(), await findFreePort()];
    mkdirSync(folder, { recursive: true });
    const config = join(folder, 'server.properties');
    const settings = {
      'process.roles': 'broker,controller',
      'node.id': '1',
      'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
      listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
      'controller.listener.names': 'CONTROLLER',
      'log.dirs': join(folder, 'data'),
      'offsets.topic.replication.factor': '1',
      'group.initial.rebalance.delay.ms': '0',
      'log.segment.delete.delay.ms': '100',
    };
    writeFileSync(
      config,
      Object.entries(settings)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    );
    await kafkaTool('kafka.tools.StorageTool', ['format', '-t', CLUSTER_ID, '-c', config]);
    const server = spawn(
      'java',
      [`-Xms${HEAP}`, `-Xmx${HEAP}`, '-cp', kafkaJars(), 'kafka.Kafka', config],
      {
        stdio: 'ignore',
      },
    );
    const kafka = new ApacheKafka(`127.0.0.1:${port}`, server);
    await until(() => answers(kafka.address), START_MS, 200);
    return kafka;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }
}

async function answers(address: string): Promise<boolean> {
  try {
    await (await openConnection(address)).close();
    return true;
  } catch {
    return false;
  }
}
