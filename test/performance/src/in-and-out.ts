import { apis, encodeRequestFrame } from '@millrace/kafka-protocol';
import { systemClock } from '@millrace/foundation';
import type { Report } from './bench.ts';
import { open } from './pipelined-load.ts';
import { produceFrame, throwRefusal } from './produce-frame.ts';
import { batchOf } from './raw-log.ts';
import { processorMs, residentMb, type Workspace } from './workspace.ts';

const FETCH_VERSION = 11;
const BATCH_BYTES = 16_000;
const RECORDS_A_SECOND = 1_000_000;
const SECONDS = 10;
const TICK_MS = 2;

/** A million records a second in and out at once; how long each batch takes from its sender to its reader. */
export async function inAndOut(
  workspace: Workspace,
  address: string,
  pid: number,
  report: Report,
): Promise<void> {
  const topic = 'in-and-out';
  await workspace.client(address).admin.createTopics([{ name: topic, partitions: 1 }]);
  const batch = batchOf(BATCH_BYTES);
  const total = Math.floor((RECORDS_A_SECOND * SECONDS) / batch.recordCount);
  const sentMs = new Float64Array(total);
  const latencies = new Float64Array(total);
  const frame = produceFrame(topic, 0, batch.bytes, 1);
  const cpuMs = processorMs(pid);

  let checked = false;
  const producer = open(address, (answer) => {
    if (!checked) throwRefusal(answer);
    checked = true;
  });
  let read = 0;
  const consumed = new Promise<void>((resolve, reject) => {
    const ask = (): void => {
      consumer.write(fetchFrame(topic, read * batch.recordCount));
    };
    const consumer = open(address, (answer) => {
      const nowMs = performance.now();
      const batches = Math.floor(answer.length / batch.bytes.length);
      for (let end = Math.min(total, read + batches); read < end; read++)
        latencies[read] = nowMs - (sentMs[read] ?? nowMs);
      if (read === total) {
        consumer.destroy();
        resolve();
      } else ask();
    });
    consumer.once('connect', ask);
    consumer.once('error', reject);
    producer.once('error', reject);
  });
  await new Promise((resolve) => producer.once('connect', resolve));
  const startedMs = performance.now();
  // By the time that has passed, so that a late tick sends what is due: its delay counts as latency.
  for (let sent = 0; sent < total;) {
    const elapsedMs = performance.now() - startedMs;
    const due = Math.min(total, Math.floor((elapsedMs * total) / (SECONDS * 1_000)) + 1);
    producer.cork();
    for (; sent < due; sent++) {
      sentMs[sent] = startedMs + (sent * SECONDS * 1_000) / total;
      producer.write(frame);
    }
    producer.uncork();
    await systemClock.sleep(TICK_MS);
  }
  await consumed;
  const seconds = (performance.now() - startedMs) / 1_000;
  producer.destroy();
  const sorted = latencies.sort();
  const at = (share: number): number => sorted[Math.floor(total * share)] ?? NaN;
  report.setting(
    `in and out at once: ${Math.round((total * batch.recordCount) / seconds).toLocaleString('en-US')} records/s for ${SECONDS} s in batches of ${batch.recordCount}, one producer, one long-polling reader; latency counts from the time at which a batch was due`,
  );
  const one = (label: string, unit: string, value: number, goal: string): void =>
    report.figure({ label, unit, values: [value] }, goal);
  one('end to end p50', 'ms', at(0.5), 'none');
  one('end to end p99', 'ms', at(0.99), 'below 15 ms');
  one('processor of the broker', 'cores', (processorMs(pid) - cpuMs) / 1_000 / seconds, 'none');
  one('resident memory', 'MB', residentMb(pid), 'below 250 MB');
}

function fetchFrame(topic: string, fetchOffset: number): Uint8Array {
  return encodeRequestFrame(apis.fetch, FETCH_VERSION, 1, 'bench', {
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 1_048_576,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1_048_576 }] }],
  });
}
