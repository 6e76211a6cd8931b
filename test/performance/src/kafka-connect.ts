import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '@millrace/test-servers';
import { kafkaJars } from './apache-kafka.ts';
import { until } from './workspace.ts';

const START_MS = 300_000;
/** What Kafka's own script for a worker gives it. */
const HEAP = ['-Xms256M', '-Xmx2G'];

/** A worker of Kafka Connect with its default heap; needs its jars beside those of the broker. */
export class KafkaConnect implements AsyncDisposable {
  readonly rest: string;
  readonly #process: ChildProcess;

  private constructor(rest: string, process: ChildProcess) {
    this.rest = rest;
    this.#process = process;
  }

  static async start(
    folder: string,
    settings: Readonly<Record<string, string>>,
  ): Promise<KafkaConnect> {
    const rest = `http://127.0.0.1:${await findFreePort()}`;
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'worker.properties');
    const lines = Object.entries({ ...settings, listeners: rest }).map(
      ([key, value]) => `${key}=${value}\n`,
    );
    writeFileSync(file, lines.join(''));
    const main = 'org.apache.kafka.connect.cli.ConnectDistributed';
    const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
    const worker = spawn('java', [...HEAP, quiet, '-cp', kafkaJars(), main, file], {
      stdio: 'ignore',
    });
    const connect = new KafkaConnect(rest, worker);
    await until(() => connect.#answers(), START_MS, 200);
    return connect;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }

  async #answers(): Promise<boolean> {
    if (this.#process.exitCode !== null)
      throw new Error('Kafka Connect ended: KAFKA_JARS needs connect-runtime and connect-file too');
    // Its root answers before its herder does.
    return fetch(`${this.rest}/connectors`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}
