import { join } from 'node:path';
import { ApacheKafka, kafkaTool } from './apache-kafka.ts';
import type { Bench, Report } from './bench.ts';
import { PAGE_CACHE, processorMs, residentMb, seconds, Workspace } from './workspace.ts';

/** Both sides translate their hot code while they run; Apache Kafka's takes some millions of records for it. */
const WARM_RUNS = 3;
const RUNS = 3;
const RECORDS = 5_000_000;
const RECORD_BYTES = 100;
const PARTITIONS = 4;
const IN_FLIGHT = 5;
/** A rate that both keep up with and the tool too: what a record costs when nobody waits for anybody. */
const FIXED_RATE = 200_000;
const FIXED_RECORDS = 2_000_000;

interface Peer {
  readonly address: string;
  readonly pid: number;
}

/** Records a second by the clock, and of one core of the broker. */
class Figures {
  readonly wall: number[] = [];
  readonly core: number[] = [];

  async take(pid: number, records: number, action: () => Promise<unknown>): Promise<void> {
    const cpuMs = processorMs(pid);
    const took = await seconds(action);
    this.wall.push(records / took);
    this.core.push(records / ((processorMs(pid) - cpuMs) / 1_000));
  }
}

export const kafkaBench: Bench = {
  name: 'kafka',
  about:
    "Apache Kafka's own perf tools against our broker and against Apache Kafka (set KAFKA_JARS)",
  async run(report) {
    await using workspace = new Workspace();
    await using apache = await ApacheKafka.start(join(workspace.folder(), 'kafka'));
    const worker = await workspace.millrace(PAGE_CACHE);
    const ours: Peer = { address: worker.log, pid: worker.pid };
    const theirs: Peer = { address: apache.address, pid: apache.pid };
    report.setting(
      `${RECORDS} records of ${RECORD_BYTES} bytes, one producer, batch.size 16384, linger.ms 5, ${IN_FLIGHT} requests in flight, ${PARTITIONS} partitions, acks=1 and no fsync by either; one consumer, max.partition.fetch.bytes 1 MB; Kafka with its default heap of 1 GB; tools and brokers on the same cores; the time of a tool holds the start of its JVM`,
    );
    report.setting(
      `"of one core": records by user and system time of the broker's process, all its threads, in the same span; after ${WARM_RUNS} runs that warm up, in turns`,
    );
    const figures = () => ({ ours: new Figures(), theirs: new Figures() });
    const [produced, consumed, steady] = [figures(), figures(), figures()];
    const cold = figures();
    for (let run = 0; run < WARM_RUNS + RUNS; run++) {
      const isWarm = run >= WARM_RUNS;
      for (const [name, peer] of [
        ['theirs', theirs],
        ['ours', ours],
      ] as const) {
        const topic = `perf-${run}`;
        const { admin } = workspace.client(peer.address);
        await admin.createTopics([{ name: topic, partitions: PARTITIONS }]);
        const writes = isWarm ? produced : cold;
        await writes[name].take(peer.pid, RECORDS, () =>
          producePerformance(peer.address, topic, RECORDS, -1),
        );
        const reads = isWarm ? consumed : cold;
        await reads[name].take(peer.pid, RECORDS, () => consumePerformance(peer.address, topic));
        if (isWarm)
          await steady[name].take(peer.pid, FIXED_RECORDS, () =>
            producePerformance(peer.address, topic, FIXED_RECORDS, FIXED_RATE),
          );
        await admin.deleteTopics([topic]);
      }
    }
    show(report, 'produce', produced);
    show(report, 'consume', consumed);
    report.setting(
      `the same producer at ${FIXED_RATE.toLocaleString('en-US')} records/s, which both keep up with`,
    );
    showCore(report, 'produce, fixed rate', steady);
    report.compare(
      { label: 'resident memory of Apache Kafka', unit: 'MB', values: [residentMb(theirs.pid)] },
      { label: 'resident memory of ours', unit: 'MB', values: [residentMb(ours.pid)] },
      'ratio 3',
    );
  },
};

function show(
  report: Report,
  what: string,
  { ours, theirs }: { readonly ours: Figures; readonly theirs: Figures },
): void {
  report.compare(
    { label: `${what}, ours`, unit: 'records/s', values: ours.wall },
    { label: `${what}, Apache Kafka`, unit: 'records/s', values: theirs.wall },
    'none: the tool is the limit',
  );
  showCore(report, what, { ours, theirs });
}

function showCore(
  report: Report,
  what: string,
  { ours, theirs }: { readonly ours: Figures; readonly theirs: Figures },
): void {
  report.compare(
    { label: `${what}, ours, of one core`, unit: 'records/s', values: ours.core },
    { label: `${what}, Apache Kafka, of one core`, unit: 'records/s', values: theirs.core },
    'ratio 1.5',
  );
}

async function producePerformance(
  address: string,
  topic: string,
  records: number,
  recordsPerSecond: number,
): Promise<void> {
  await kafkaTool('org.apache.kafka.tools.ProducerPerformance', [
    ...['--topic', topic, '--num-records', String(records), '--record-size', String(RECORD_BYTES)],
    ...['--throughput', String(recordsPerSecond)],
    ...['--producer-props', `bootstrap.servers=${address}`],
    ...['acks=1', 'enable.idempotence=false', 'batch.size=16384', 'linger.ms=5'],
    `max.in.flight.requests.per.connection=${IN_FLIGHT}`,
  ]);
}

async function consumePerformance(address: string, topic: string): Promise<void> {
  await kafkaTool('org.apache.kafka.tools.ConsumerPerformance', [
    ...['--bootstrap-server', address, '--topic', topic, '--messages', String(RECORDS)],
    ...['--timeout', '60000'],
  ]);
}
