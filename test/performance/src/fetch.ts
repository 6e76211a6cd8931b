import type { Bench } from './bench.ts';
import { loopbackCopy } from './loopback.ts';
import { batchOf, fetchBytes, openConnection, produceBatches } from './raw-log.ts';
import { seconds, Workspace } from './workspace.ts';

const RUNS = 5;
const BATCH_BYTES = 128 * 1_024;
const BATCH_COUNT = 4_000;
const SLICE_BYTES = 1_024 * 1_024;

export const fetchBench: Bench = {
  name: 'fetch',
  about:
    '1 MB slices of 100-byte records over TCP out of the log, against a bare loopback copy of the same bytes',
  async run(report) {
    await using workspace = new Workspace();
    const worker = await workspace.millrace();
    const client = workspace.client(worker.log);
    const batch = batchOf(BATCH_BYTES);
    const connection = await openConnection(worker.log);
    await client.admin.createTopics([{ name: 'fetch', partitions: 1 }]);
    await produceBatches(connection, 'fetch', batch, BATCH_COUNT, 1);
    report.setting(
      `slices of ${SLICE_BYTES} bytes, one connection, one partition, one request in flight, files in page cache`,
    );
    const recordCount = batch.recordCount * BATCH_COUNT;
    const rates: number[] = [];
    const copies: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      rates.push(
        recordCount /
          (await seconds(() => fetchBytes(connection, 'fetch', recordCount, SLICE_BYTES))),
      );
      const slice = Buffer.alloc(SLICE_BYTES);
      const bytesPerSecond = await loopbackCopy(
        slice,
        Math.ceil((batch.bytes.length * BATCH_COUNT) / SLICE_BYTES),
      );
      copies.push((bytesPerSecond / batch.bytes.length) * batch.recordCount);
    }
    await connection.close();
    report.compare(
      { label: 'fetch', unit: 'records/s', values: rates },
      { label: 'bare loopback copy', unit: 'records/s', values: copies },
      'ratio 0.6',
    );
  },
};
