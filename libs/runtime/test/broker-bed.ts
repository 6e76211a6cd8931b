import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { openBroker, type Broker } from '@millrace/broker';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import {
  KafkaClient,
  PortTransport,
  serveTransport,
  TcpTransport,
  type ConsumedRecord,
  type Transport,
} from '@millrace/kafka-client';
import { openWorker } from '../src/open-worker.ts';
import type { AnyPlugin } from '../src/plugins/plugin-registry.ts';
import type { Worker } from '../src/worker.ts';
import { Collector, Numbers, plainJson } from './harness.ts';

/** `port`: as from another thread. */
export type TransportKind = 'tcp' | 'in-process' | 'port';

const ports = { clock: systemClock, random: systemRandom, log: silentLogger };

/** A worker on a real broker. */
export class BrokerBed implements AsyncDisposable {
  readonly numbers = new Numbers();
  readonly collector = new Collector();
  readonly client: KafkaClient;
  readonly #broker: Broker;
  readonly #folder: string;
  readonly #channel = new MessageChannel();
  readonly #workers: Worker[] = [];

  private constructor(
    broker: Broker,
    folder: string,
    kind: TransportKind,
    options: { readonly metadataMaxAgeMs?: number },
  ) {
    this.#broker = broker;
    this.#folder = folder;
    this.client = new KafkaClient({
      ...options,
      bootstrap: broker.addresses,
      transport: this.#transport(kind),
      ...ports,
    });
  }

  static async open(
    kind: TransportKind,
    options: { readonly metadataMaxAgeMs?: number } = {},
  ): Promise<BrokerBed> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-runtime-'));
    const broker = await openBroker({
      config: { 'log.dirs': folder, listeners: 'PLAINTEXT://127.0.0.1:0' },
    });
    return new BrokerBed(broker, folder, kind, options);
  }

  #transport(kind: TransportKind): Transport {
    switch (kind) {
      case 'tcp':
        return new TcpTransport({ clientId: 'test', ...ports });
      case 'in-process':
        return this.#broker.transport('test');
      case 'port': {
        serveTransport(this.#channel.port1, this.#broker.transport('test'));
        return new PortTransport(this.#channel.port2);
      }
    }
  }

  async openWorker(
    config: Readonly<Record<string, string>> = {},
    plugins: readonly AnyPlugin[] = [],
  ): Promise<Worker> {
    const worker = await openWorker({
      client: this.client,
      config: { 'offset.flush.interval.ms': '50', ...plainJson, ...config },
      plugins: [this.numbers.plugin(), this.collector.plugin(), ...plugins],
      workerId: '127.0.0.1:8083',
      isLogEmbedded: true,
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
    });
    this.#workers.push(worker);
    return worker;
  }

  async records(
    topic: string,
    isolationLevel: 'read_committed' | 'read_uncommitted' = 'read_uncommitted',
  ): Promise<readonly ConsumedRecord[]> {
    await using reader = this.client.reader({ topic, isolationLevel });
    const records: ConsumedRecord[] = [];
    await reader.readToEnd((batch) => {
      records.push(...batch);
    });
    return records;
  }

  async committed(group: string): Promise<number | undefined> {
    return (await this.client.admin.listGroupOffsets(group))[0]?.offset;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map(async (worker) => worker[Symbol.asyncDispose]()));
    await this.client[Symbol.asyncDispose]();
    this.#channel.port1.close();
    await this.#broker.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
