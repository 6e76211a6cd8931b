import type { KafkaClient } from '@millrace/kafka-client';
import type { Bench } from './bench.ts';
import { Workspace } from './workspace.ts';

const RUNS = 5;
const RECORD_COUNT = 1_000_000;
const RECORD_BYTES = 100;
const CALL_RECORDS = 1_000;
const BATCH_BYTES = 16 * 1_024;
/** With `acks=all` a flush is as long as the bytes in flight are few. */
const LARGE_BATCH_BYTES = 128 * 1_024;
const PARTITION_COUNT = 4;
const MAX_POLL_RECORDS = 5_000;

interface Sample {
  readonly wall: number;
  readonly cpu: number;
}

/** Records a second, by the clock and by our own processor time (that of the broker is not ours). */
async function measure(recordCount: number, action: () => Promise<unknown>): Promise<Sample> {
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  await action();
  const { system, user } = process.cpuUsage(startedCpu);
  return {
    wall: recordCount / ((performance.now() - startedMs) / 1_000),
    cpu: recordCount / ((system + user) / 1_000_000),
  };
}

async function produceAll(
  client: KafkaClient,
  topic: string,
  acks: 'all' | 1,
  batchBytes: number,
): Promise<void> {
  await using producer = client.producer({ acks, batchBytes, lingerMs: 5 });
  const value = Buffer.alloc(RECORD_BYTES - 10, 0x61);
  const headers: never[] = [];
  const records = Array.from({ length: CALL_RECORDS }, () => ({
    topic,
    partition: null,
    key: null,
    value,
    timestampMs: null,
    headers,
  }));
  const deliveries: Promise<unknown>[] = [];
  for (let sent = 0; sent < RECORD_COUNT; sent += CALL_RECORDS) {
    const { delivered } = await producer.send(records);
    deliveries.push(delivered);
  }
  await Promise.all(deliveries);
}

async function consumeAll(client: KafkaClient, topic: string): Promise<void> {
  await using reader = client.reader({ topic, maxPollRecords: MAX_POLL_RECORDS });
  let bytes = 0;
  for (let read = 0; read < RECORD_COUNT;) {
    const records = await reader.poll({ timeoutMs: 1_000 });
    for (const { value } of records) bytes += value?.byteLength ?? 0;
    read += records.length;
  }
  if (bytes < RECORD_COUNT * (RECORD_BYTES - 10)) throw new Error('records came back shorter');
}

export const client: Bench = {
  name: 'client',
  about:
    'our own producer and consumer over TCP, by the clock and by the processor time of the client',
  async run(report) {
    await using workspace = new Workspace();
    const worker = await workspace.millrace({
      'broker.log.retention.bytes': String(512 * 1_024 * 1_024),
    });
    const kafka = workspace.client(worker.log);
    report.setting(
      `${RECORD_COUNT} records of ${RECORD_BYTES} bytes, batches of ${BATCH_BYTES} bytes (large ones ${LARGE_BATCH_BYTES}), ${PARTITION_COUNT} partitions, ` +
        `1 client, ${CALL_RECORDS} records a send, ${MAX_POLL_RECORDS} a poll; client, broker and load on the same cores; ` +
        'acks=all: each after fdatasync; processor time is the client process, records/s of one core',
    );
    const samples = {
      all: [] as Sample[],
      large: [] as Sample[],
      leader: [] as Sample[],
      consume: [] as Sample[],
    };
    for (let run = 0; run <= RUNS; run++) {
      for (const [series, acks, batchBytes] of [
        ['all', 'all', BATCH_BYTES],
        ['large', 'all', LARGE_BATCH_BYTES],
        ['leader', 1, BATCH_BYTES],
      ] as const) {
        const topic = `client-${series}-${run}`;
        await kafka.admin.createTopics([{ name: topic, partitions: PARTITION_COUNT }]);
        const produced = await measure(RECORD_COUNT, () =>
          produceAll(kafka, topic, acks, batchBytes),
        );
        if (run > 0) samples[series].push(produced);
        if (series === 'leader') {
          const consumed = await measure(RECORD_COUNT, () => consumeAll(kafka, topic));
          if (run > 0) samples.consume.push(consumed);
        }
        await kafka.admin.deleteTopics([topic]);
      }
    }
    const goal = '2,000,000 records/s';
    for (const [series, label] of [
      ['all', 'produce, acks=all'],
      ['large', 'produce, acks=all, large batches'],
      ['leader', 'produce, acks=1'],
      ['consume', 'consume'],
    ] as const) {
      const { [series]: taken } = samples;
      const unit = 'records/s';
      report.figure({ label, unit, values: taken.map(({ wall }) => wall) }, goal);
      const values = taken.map(({ cpu }) => cpu);
      report.figure({ label: `${label}, by processor time`, unit, values }, goal);
    }
  },
};
