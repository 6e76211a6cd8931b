import type { Bench, Report } from './bench.ts';
import { inAndOut } from './in-and-out.ts';
import { produceFrame, throwRefusal } from './produce-frame.ts';
import { runLoad } from './pipelined-load.ts';
import { batchOf } from './raw-log.ts';
import { PAGE_CACHE, processorMs, residentMb, Workspace } from './workspace.ts';

const RUNS = 5;
const RECORD_BYTES = 100;
const CONNECTIONS = 10;

interface Case {
  readonly label: string;
  readonly batchBytes: number;
  readonly inFlight: number;
  readonly countPerConnection: number;
  readonly acks: number;
  readonly unit: 'records/s' | 'requests/s';
  readonly goal: string;
}

const CASES: readonly Case[] = [
  {
    label: '16 KB batches, acks=1',
    batchBytes: 16_000,
    inFlight: 4,
    countPerConnection: 8_000,
    acks: 1,
    unit: 'records/s',
    goal: '4,000,000 records/s',
  },
  {
    label: '16 KB batches, acks=all, fdatasync',
    batchBytes: 16_000,
    inFlight: 16,
    countPerConnection: 8_000,
    acks: -1,
    unit: 'records/s',
    goal: '2,500,000 records/s',
  },
  {
    label: 'one record a request, acks=1',
    batchBytes: 100,
    inFlight: 64,
    countPerConnection: 40_000,
    acks: 1,
    unit: 'requests/s',
    goal: '150,000 requests/s',
  },
];

export const brokerBench: Bench = {
  name: 'broker',
  about: 'the broker under raw requests: by the clock, and by its own processor time',
  async run(report) {
    await using workspace = new Workspace();
    const worker = await workspace.millrace({
      'broker.log.retention.bytes': String(256 * 1_024 * 1_024),
      ...PAGE_CACHE,
    });
    report.setting(
      `${RECORD_BYTES}-byte records, ${CONNECTIONS} connections, a partition each, requests made beforehand; broker and load on the same cores`,
    );
    for (const each of CASES) await measure(workspace, worker, each, report);
    await inAndOut(workspace, worker.log, worker.pid, report);
    report.figure(
      { label: 'resident memory at the end', unit: 'MB', values: [residentMb(worker.pid)] },
      'below 250 MB',
    );
  },
};

async function measure(
  workspace: Workspace,
  { log, pid }: { readonly log: string; readonly pid: number },
  each: Case,
  report: Report,
): Promise<void> {
  const client = workspace.client(log);
  const batch = batchOf(each.batchBytes);
  report.setting(
    `${each.label}: batches of ${batch.bytes.length} bytes and ${batch.recordCount} records, ${each.inFlight} requests in flight a connection`,
  );
  const rates: number[] = [];
  const perCore: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const topic = `broker-${each.acks}-${batch.recordCount}-${run}`;
    await client.admin.createTopics([{ name: topic, partitions: CONNECTIONS }]);
    const cpuMs = processorMs(pid);
    const startedMs = performance.now();
    await Promise.all(
      Array.from({ length: CONNECTIONS }, (_, partition) =>
        runLoad(log, {
          frame: produceFrame(topic, partition, batch.bytes, each.acks),
          inFlight: each.inFlight,
          count: each.countPerConnection,
          check: throwRefusal,
        }),
      ),
    );
    const seconds = (performance.now() - startedMs) / 1_000;
    const cores = (processorMs(pid) - cpuMs) / 1_000;
    const requests = CONNECTIONS * each.countPerConnection;
    const units = each.unit === 'records/s' ? requests * batch.recordCount : requests;
    await client.admin.deleteTopics([topic]);
    if (run === 0) continue; // warms up
    rates.push(units / seconds);
    perCore.push((requests * batch.bytes.length) / cores / 1e6);
  }
  report.figure({ label: each.label, unit: each.unit, values: rates }, each.goal);
  report.figure(
    { label: 'of one core of the broker', unit: 'MB/s', values: perCore },
    each.batchBytes === 100 ? 'none' : '400 MB/s',
  );
}
