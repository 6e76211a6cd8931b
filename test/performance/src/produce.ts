import type { Bench } from './bench.ts';
import { loopbackCopy } from './loopback.ts';
import { batchOf, openConnection, produceBatches } from './raw-log.ts';
import { seconds, Workspace } from './workspace.ts';

const RUNS = 5;
const BATCH_BYTES = 128 * 1_024;
const BATCH_COUNT = 3_000;

export const produce: Bench = {
  name: 'produce',
  about: '100-byte records over TCP into the log, against a bare loopback copy of the same bytes',
  async run(report) {
    await using workspace = new Workspace();
    const worker = await workspace.millrace({
      'broker.num.partitions': '1',
      'broker.log.retention.bytes': String(512 * 1_024 * 1_024),
    });
    const client = workspace.client(worker.log);
    const batch = batchOf(BATCH_BYTES);
    const connection = await openConnection(worker.log);
    report.setting(
      `batches of ${batch.bytes.length} bytes and ${batch.recordCount} records, one connection, one partition, 8 requests in flight`,
    );
    const rates = { all: [] as number[], leader: [] as number[], copy: [] as number[] };
    for (let run = 0; run < RUNS; run++) {
      for (const [series, acks] of [
        ['all', -1],
        ['leader', 1],
      ] as const) {
        const topic = `produce-${series}-${run}`;
        await client.admin.createTopics([{ name: topic, partitions: 1 }]);
        const took = await seconds(() =>
          produceBatches(connection, topic, batch, BATCH_COUNT, acks),
        );
        rates[series].push((batch.recordCount * BATCH_COUNT) / took);
        await client.admin.deleteTopics([topic]);
      }
      const bytesPerSecond = await loopbackCopy(batch.bytes, BATCH_COUNT);
      rates.copy.push((bytesPerSecond / batch.bytes.length) * batch.recordCount);
    }
    await connection.close();
    const copy = { label: 'bare loopback copy', unit: 'records/s', values: rates.copy };
    const goal = '1,000,000 records/s or ratio 0.5, whichever is less';
    report.compare(
      { label: 'acks=all, each after fdatasync', unit: 'records/s', values: rates.all },
      copy,
      goal,
    );
    report.compare(
      { label: 'acks=1, page cache', unit: 'records/s', values: rates.leader },
      copy,
      goal,
    );
  },
};
