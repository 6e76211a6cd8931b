import { openBroker } from '@millrace/broker';
import { CleanupStack, silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { KafkaClient } from '@millrace/kafka-client';
import { openWorker, type Worker } from '@millrace/runtime';
import { shippedTransforms } from '@millrace/transforms';
import type { Bench } from './bench.ts';
import { NoOpSink, NoOpSource } from './no-op-connectors.ts';
import { seconds, until, Workspace } from './workspace.ts';

const RUNS = 5;
const RECORDS = 500_000;
const WARM_UP = 200_000;

const TRANSFORM = {
  transforms: 't',
  'transforms.t.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
  'transforms.t.static.field': 'origin',
  'transforms.t.static.value': 'bench',
};

interface Rate {
  readonly byClock: number;
  readonly byProcessor: number;
}

export const runtime: Bench = {
  name: 'runtime',
  about:
    'a source and a sink that do nothing, JSON values of 200 bytes and one transform, over the embedded log in this process',
  async run(report) {
    const atLeastOnce = await series({});
    const exactlyOnce = await series({ 'exactly.once.source.support': 'enabled' });
    report.setting(`${RECORDS} records a run, InsertField$Value, JsonConverter without schemas`);
    report.setting('by processor time: of this process in all threads, the log included');
    const show = (label: string, rates: readonly Rate[], goal: string): void => {
      const unit = 'records/s';
      report.figure(
        { label: `${label}, by clock`, unit, values: rates.map((each) => each.byClock) },
        goal,
      );
      report.figure(
        { label: `${label}, of a core`, unit, values: rates.map((each) => each.byProcessor) },
        goal,
      );
    };
    show('source', atLeastOnce.source, 'at least 250,000 on one core');
    show('sink', atLeastOnce.sink, 'at least 250,000 on one core');
    const unit = 'records/s';
    report.compare(
      {
        label: 'source, exactly once, of a core',
        unit,
        values: exactlyOnce.source.map((each) => each.byProcessor),
      },
      {
        label: 'source, at least once, of a core',
        unit,
        values: atLeastOnce.source.map((each) => each.byProcessor),
      },
      'at least 0.85 with transactions of a second',
    );
    report.compare(
      {
        label: 'source, exactly once, by clock',
        unit,
        values: exactlyOnce.source.map((each) => each.byClock),
      },
      {
        label: 'source, at least once, by clock',
        unit,
        values: atLeastOnce.source.map((each) => each.byClock),
      },
      'at least 0.85 with transactions of a second',
    );
  },
};

async function series(
  config: Readonly<Record<string, string>>,
): Promise<{ readonly source: readonly Rate[]; readonly sink: readonly Rate[] }> {
  await using workspace = new Workspace();
  await using cleanUp = new CleanupStack();
  const source = new NoOpSource();
  const sink = new NoOpSink();
  const worker = await openInProcess(workspace.folder(), config, source, sink, cleanUp);
  const create = (name: string, own: Readonly<Record<string, string>>): Promise<unknown> =>
    worker.createConnector({ name, config: { ...TRANSFORM, ...own }, initialState: 'STARTED' });
  await create('in', {
    'connector.class': 'no-op-source',
    'transaction.boundary': 'interval',
    'transaction.boundary.interval.ms': '1000',
  });
  const sources: Rate[] = [];
  source.available = Infinity;
  await until(() => Promise.resolve(source.committed >= WARM_UP), 300_000, 5);
  for (let run = 0; run < RUNS; run++) sources.push(await rateBetweenCommits(source));
  source.available = source.committed;
  await worker.stopConnector('in');
  await worker.settled('in');
  const sinks: Rate[] = [];
  await create('out', { 'connector.class': 'no-op-sink', topics: 'bench' });
  const reach = (count: number): Promise<void> =>
    until(() => Promise.resolve(sink.count >= count), 300_000, 5);
  await reach(WARM_UP);
  const perRun = Math.floor((source.committed - WARM_UP) / (RUNS + 1));
  for (let run = 0; run < RUNS; run++) {
    const from = sink.count;
    const measured = await rate(() => reach(from + perRun));
    // What came beyond the mark counts too.
    const factor = (sink.count - from) / RECORDS;
    sinks.push({ byClock: measured.byClock * factor, byProcessor: measured.byProcessor * factor });
  }
  return { source: sources, sink: sinks };
}

async function openInProcess(
  folder: string,
  config: Readonly<Record<string, string>>,
  source: NoOpSource,
  sink: NoOpSink,
  cleanUp: CleanupStack,
): Promise<Worker> {
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  const broker = await openBroker({
    config: { 'log.dirs': folder, listeners: 'PLAINTEXT://127.0.0.1:0' },
  });
  cleanUp.defer(() => broker.close());
  const client = cleanUp.use(
    new KafkaClient({
      bootstrap: broker.addresses,
      transport: broker.transport('bench'),
      ...ports,
    }),
  );
  return cleanUp.use(
    await openWorker({
      client,
      config: {
        'value.converter.schemas.enable': 'false',
        'offset.flush.interval.ms': '500',
        ...config,
      },
      plugins: [source.plugin(), sink.plugin(), ...shippedTransforms],
      workerId: 'bench',
      isLogEmbedded: true,
      ...ports,
    }),
  );
}

/** From one commit to another, so that a transaction that is half full at the end does not count as waiting. */
async function rateBetweenCommits(source: NoOpSource): Promise<Rate> {
  await nextCommit(source);
  const from = source.committed;
  const startedMs = performance.now();
  const before = process.cpuUsage();
  while (source.committed - from < RECORDS) await nextCommit(source);
  const { user, system } = process.cpuUsage(before);
  const count = source.committed - from;
  return {
    byClock: (count * 1_000) / (performance.now() - startedMs),
    byProcessor: (count * 1e6) / (user + system),
  };
}

function nextCommit(source: NoOpSource): Promise<void> {
  return new Promise((resolve) => {
    source.onCommit = resolve;
  });
}

/** Per second of `RECORDS`. */
async function rate(action: () => Promise<void>): Promise<Rate> {
  const before = process.cpuUsage();
  const took = await seconds(action);
  const { user, system } = process.cpuUsage(before);
  return { byClock: RECORDS / took, byProcessor: (RECORDS * 1e6) / (user + system) };
}
