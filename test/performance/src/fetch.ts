import type { Bench } from './bench.ts';
import { loopbackCopy } from './loopback.ts';
import { fetchAndDiscard } from './raw-fetch.ts';
import { batchOf, openConnection, produceBatches } from './raw-log.ts';
import { seconds, Workspace } from './workspace.ts';

const RUNS = 5;
const BATCH_BYTES = 128 * 1_024;
const BATCH_COUNT = 4_000;
const CONNECTIONS = 4;
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
      `slices of ${SLICE_BYTES} bytes, ${CONNECTIONS} connections, one partition, one request in flight each, files in page cache`,
    );
    const plan = {
      topic: 'fetch',
      batchBytes: batch.bytes.length,
      batchRecords: batch.recordCount,
      recordCount: batch.recordCount * BATCH_COUNT,
      sliceBytes: SLICE_BYTES,
    };
    const bytes = batch.bytes.length * BATCH_COUNT * CONNECTIONS;
    const rates: number[] = [];
    const copies: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const readers = (): Promise<unknown> =>
        Promise.all(Array.from({ length: CONNECTIONS }, () => fetchAndDiscard(worker.log, plan)));
      rates.push(bytes / (await seconds(readers)) / 1e6);
      const slice = Buffer.alloc(SLICE_BYTES);
      copies.push((await loopbackCopy(slice, Math.ceil(bytes / SLICE_BYTES))) / 1e6);
    }
    await connection.close();
    report.compare(
      { label: 'fetch', unit: 'MB/s', values: rates },
      { label: 'bare loopback copy', unit: 'MB/s', values: copies },
      'ratio 0.6',
    );
  },
};
