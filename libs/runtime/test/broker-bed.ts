import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import type { ConsumedRecord, KafkaClient } from '@millrace/kafka-client';
import { openWorker } from '../src/open-worker.ts';
import type { AnyPlugin } from '../src/plugins/plugin-registry.ts';
import type { Tracer } from '../src/tracing/tracer.ts';
import type { Worker } from '../src/worker.ts';
import { Collector, Numbers, plainJson } from './harness.ts';
import { CHOSEN_LOG, serveLog, type ServedKind, type ServedLog } from './logs/served-log.ts';

/** Each transport, unless one was chosen. */
export const TRANSPORTS: readonly ServedKind[] =
  CHOSEN_LOG === undefined ? ['in-process', 'tcp', 'port'] : [CHOSEN_LOG];

/** A worker on a real broker. */
export class BrokerBed implements AsyncDisposable {
  readonly numbers = new Numbers();
  readonly collector = new Collector();
  readonly client: KafkaClient;
  readonly #served: ServedLog;
  readonly #workers: Worker[] = [];

  private constructor(served: ServedLog, options: { readonly metadataMaxAgeMs?: number }) {
    this.#served = served;
    this.client = served.connect(options);
  }

  static async open(
    kind: ServedKind,
    options: { readonly metadataMaxAgeMs?: number } = {},
  ): Promise<BrokerBed> {
    return new BrokerBed(await serveLog(CHOSEN_LOG ?? kind), options);
  }

  async openWorker(
    config: Readonly<Record<string, string>> = {},
    plugins: readonly AnyPlugin[] = [],
    tracer?: Tracer,
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
      ...(tracer === undefined ? {} : { tracer }),
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
    await this.#served.close();
  }
}
