import type { Cluster } from './cluster.ts';
import type { PartitionReader, PollOptions, ReaderOptions } from './consumer-api.ts';
import { clientClosed } from './errors.ts';
import { Fetcher } from './fetcher.ts';
import { LATEST_TIMESTAMP, lookUpOffsets } from './offset-lookup.ts';
import type { ConsumedRecord } from './records.ts';

/** How long `readToEnd` waits at a time; the wait has no end of its own. */
const READ_STEP_MS = 1_000;

export class KafkaPartitionReader implements PartitionReader {
  readonly #cluster: Cluster;
  readonly #options: ReaderOptions;
  readonly #fetcher: Fetcher;
  #isClosed = false;
  #isWoken = false;
  #isStarted = false;

  constructor(cluster: Cluster, options: ReaderOptions) {
    cluster.users.add(this);
    this.#cluster = cluster;
    this.#options = options;
    // What retention removed is no loss to who reads a topic from its beginning.
    this.#fetcher = new Fetcher(
      cluster,
      options,
      options.from === 'latest' ? 'latest' : 'earliest',
    );
  }

  async readToEnd(
    onRecords: (records: readonly ConsumedRecord[]) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#start(signal);
    const { isolationLevel = 'read_uncommitted', topic } = this.#options;
    const partitions = this.#fetcher.assignment();
    const ends = await this.#cluster.retrying(Infinity, signal, () =>
      lookUpOffsets(
        this.#cluster,
        partitions.map(({ partition }) => ({ topic, partition, timestamp: LATEST_TIMESTAMP })),
        isolationLevel,
      ),
    );
    const isAtEnd = (): boolean =>
      ends.every(({ partition, offset }) => {
        const position = this.#fetcher.position(topic, partition);
        return position !== undefined && position >= offset;
      });
    while (!isAtEnd()) {
      if (this.#isClosed) throw clientClosed('reader');
      const records = await this.#fetcher.poll({
        timeoutMs: READ_STEP_MS,
        ...(signal === undefined ? {} : { signal }),
      });
      if (records.length > 0) await onRecords(records);
    }
  }

  async poll(options: PollOptions): Promise<readonly ConsumedRecord[]> {
    const { clock } = this.#cluster.settings;
    const deadlineMs = clock.monotonicMs() + options.timeoutMs;
    await this.#start(options.signal);
    for (;;) {
      if (this.#isClosed) throw clientClosed('reader');
      const leftMs = Math.max(0, deadlineMs - clock.monotonicMs());
      const records = await this.#fetcher.poll({ ...options, timeoutMs: leftMs });
      this.#addNewPartitions();
      if (records.length > 0 || leftMs === 0 || this.#isWoken) {
        this.#isWoken = false;
        return records;
      }
    }
  }

  position(partition: number): number | undefined {
    return this.#fetcher.position(this.#options.topic, partition);
  }

  seek(partition: number, offset: number): void {
    this.#fetcher.add(this.#options.topic, partition);
    this.#fetcher.seek(this.#options.topic, partition, offset);
  }

  wakeup(): void {
    this.#isWoken = true;
    this.#fetcher.wake.ring();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#fetcher.close();
    this.#cluster.users.delete(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #start(signal: AbortSignal | undefined): Promise<void> {
    if (this.#isClosed) throw clientClosed('reader');
    if (this.#isStarted) return;
    const { partitions, topic } = this.#options;
    const { defaultApiTimeoutMs } = this.#cluster.settings;
    const known = await this.#cluster.ensureTopic(topic, defaultApiTimeoutMs, signal);
    for (const partition of partitions ?? known.partitions.map((one) => one.partition)) {
      this.#place(partition);
    }
    this.#isStarted = true;
  }

  #addNewPartitions(): void {
    const { partitions, topic } = this.#options;
    if (partitions !== undefined) return;
    for (const { partition } of this.#cluster.findTopic(topic)?.partitions ?? []) {
      if (!this.#fetcher.has(topic, partition)) this.#place(partition);
    }
  }

  #place(partition: number): void {
    const { from = 'earliest', topic } = this.#options;
    if (this.#fetcher.has(topic, partition)) return; // by an early `seek`
    this.#fetcher.add(topic, partition);
    if (from === 'earliest') this.#fetcher.reset(topic, partition, from);
    // A partition that is found later was empty when we began: all of it is new.
    else if (from === 'latest') {
      this.#fetcher.reset(topic, partition, this.#isStarted ? 'earliest' : 'latest');
    } else {
      const offset = from.get(partition);
      if (offset === undefined) this.#fetcher.reset(topic, partition, 'earliest');
      else this.#fetcher.seek(topic, partition, offset);
    }
  }
}
