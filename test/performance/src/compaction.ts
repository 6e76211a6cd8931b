import { randomInt } from 'node:crypto';
import { isAborted, systemClock } from '@millrace/foundation';
import type { KafkaClient } from '@millrace/kafka-client';
import { RecordBatchBuilder } from '@millrace/kafka-protocol';
import type { MillraceServer } from '@millrace/test-servers';
import type { Bench } from './bench.ts';
import { open, runLoad } from './pipelined-load.ts';
import { produceFrame, throwRefusal } from './produce-frame.ts';
import { batchOf } from './raw-log.ts';
import { until, Workspace } from './workspace.ts';

const RUNS = 3;
/** 50 GB in segments of 1 GB, at a hundredth: as many segments, and keys that fill the cleaner's map as far. */
const SEGMENT_BYTES = 10 * 1_024 * 1_024;
const LOG_BYTES = 500 * 1_024 * 1_024;
const BATCH_BYTES = 16_000;
const RECORD_BYTES = 100;
const KEYS = 1_000_000;
const IN_FLIGHT = 16;
const CHECK_MS = '500';
const WAIT_MS = 120_000;

/** How long the event loop keeps others waiting while the broker cleans up behind itself. */
export const compaction: Bench = {
  name: 'compaction',
  about: 'the delay of the event loop while compaction and retention run under load',
  async run(report) {
    report.setting(
      `a compacted log and one with retention of ${LOG_BYTES >> 20} MB each in segments of ${SEGMENT_BYTES >> 20} MB (50 GB at a hundredth), records of ${RECORD_BYTES} bytes with ${KEYS.toLocaleString('en-US')} keys; beside it a producer, batches of ${BATCH_BYTES} bytes, acks=1, one request in flight; the worker's own nodejs_eventloop_lag`,
    );
    const p99: number[] = [];
    const max: number[] = [];
    const took: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      await using workspace = new Workspace();
      const worker = await workspace.millrace({
        'broker.log.segment.bytes': String(SEGMENT_BYTES),
        'broker.log.retention.check.interval.ms': CHECK_MS,
        'broker.log.cleaner.backoff.ms': CHECK_MS,
      });
      const client = workspace.client(worker.log);
      await fillLogs(client, worker.log);
      const found = await cleanUnderLoad(client, worker);
      p99.push(found.p99Ms);
      max.push(found.maxMs);
      took.push(found.seconds);
    }
    report.figure({ label: 'event loop delay, p99', unit: 'ms', values: p99 }, 'below 20 ms');
    report.figure({ label: 'event loop delay, longest', unit: 'ms', values: max }, 'none');
    report.figure({ label: 'until both were done', unit: 's', values: took }, 'none');
  },
};

async function fillLogs(client: KafkaClient, address: string): Promise<void> {
  const never = String(24 * 3_600 * 1_000);
  await client.admin.createTopics([
    {
      name: 'compacted',
      partitions: 1,
      configs: {
        'cleanup.policy': 'compact',
        'min.compaction.lag.ms': never,
        'min.cleanable.dirty.ratio': '0.5',
      },
    },
    { name: 'deleted', partitions: 1, configs: { 'cleanup.policy': 'delete' } },
    { name: 'loaded', partitions: 1, configs: { 'retention.bytes': String(SEGMENT_BYTES * 4) } },
  ]);
  const plain = batchOf(BATCH_BYTES);
  await runLoad(address, {
    frame: produceFrame('deleted', 0, plain.bytes, 1),
    inFlight: IN_FLIGHT,
    count: Math.ceil(LOG_BYTES / plain.bytes.length),
    check: throwRefusal,
  });
  await fillWithKeys(address, Math.ceil(LOG_BYTES / BATCH_BYTES));
}

/** Each batch another one: what is written more than once is what compaction is for. */
function fillWithKeys(address: string, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answered = 0;
    const socket = open(address, (answer) => {
      throwRefusal(answer);
      answered++;
      if (answered === count) {
        socket.destroy();
        resolve();
      } else if (sent < count) send();
    });
    const send = (): void => {
      sent++;
      socket.write(produceFrame('compacted', 0, keyedBatch(), 1));
    };
    socket.once('connect', () => {
      for (let index = 0; index < IN_FLIGHT; index++) send();
    });
    socket.once('error', reject);
  });
}

function keyedBatch(): Uint8Array {
  const builder = new RecordBatchBuilder(BATCH_BYTES + 1_024);
  const nowMs = systemClock.nowMs();
  while (builder.byteLength < BATCH_BYTES) {
    const key = Buffer.alloc(8);
    key.writeUInt32BE(randomInt(KEYS));
    builder.append(key, VALUE, nowMs);
  }
  return builder.buildSync();
}

const VALUE = Buffer.alloc(RECORD_BYTES - 8, 'x');

async function cleanUnderLoad(
  client: KafkaClient,
  worker: MillraceServer,
): Promise<{ readonly p99Ms: number; readonly maxMs: number; readonly seconds: number }> {
  const compactedBytes = await sizeOf(client, 'compacted');
  const startedMs = performance.now();
  const done = new AbortController();
  const frame = produceFrame('loaded', 0, batchOf(BATCH_BYTES).bytes, 1);
  const load = (async () => {
    while (!isAborted(done.signal))
      await runLoad(worker.log, { frame, inFlight: 1, count: 500, check: throwRefusal });
  })();
  await worker.metrics(); // the delay counts from here on
  await client.admin.incrementalAlterConfigs([
    { resource: { type: 'topic', name: 'compacted' }, set: { 'min.compaction.lag.ms': '0' } },
    {
      resource: { type: 'topic', name: 'deleted' },
      set: { 'retention.bytes': String(SEGMENT_BYTES) },
    },
  ]);
  await until(
    async () =>
      (await sizeOf(client, 'compacted')) < compactedBytes / 2 &&
      (await sizeOf(client, 'deleted')) < SEGMENT_BYTES * 3,
    WAIT_MS,
    250,
  );
  const took = (performance.now() - startedMs) / 1_000;
  const metrics = await worker.metrics();
  done.abort();
  await load;
  const msOf = (name: string): number =>
    (metrics.find((line) => line.name === `nodejs_eventloop_lag_${name}_seconds`)?.value ?? NaN) *
    1_000;
  return { p99Ms: msOf('p99'), maxMs: msOf('max'), seconds: took };
}

async function sizeOf(client: KafkaClient, topic: string): Promise<number> {
  const folders = await client.operations.describeLogDirs([{ topic, partition: 0 }]);
  return folders.flatMap(({ replicas }) => replicas).reduce((sum, { bytes }) => sum + bytes, 0);
}
