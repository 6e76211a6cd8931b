import { join } from 'node:path';
import { ApacheKafka, kafkaTool } from './apache-kafka.ts';
import type { Bench, Report } from './bench.ts';
import { processorMs, residentMb, seconds, Workspace } from './workspace.ts';

const RUNS = 3;
const RECORDS = 3_000_000;
const RECORD_BYTES = 100;
const PARTITIONS = 4;

interface Peer {
  readonly address: string;
  readonly pid: number;
}

/** Records a second by the clock, and of one core of the broker. */
class Figures {
  readonly wall: number[] = [];
  readonly core: number[] = [];

  async take(pid: number, action: () => Promise<unknown>): Promise<void> {
    const cpuMs = processorMs(pid);
    const took = await seconds(action);
    this.wall.push(RECORDS / took);
    this.core.push(RECORDS / ((processorMs(pid) - cpuMs) / 1_000));
  }
}

export const kafkaBench: Bench = {
  name: 'kafka',
  about:
    "Apache Kafka's own perf tools against our broker and against Apache Kafka (set KAFKA_JARS)",
  async run(report) {
    await using workspace = new Workspace();
    await using apache = await ApacheKafka.start(join(workspace.folder(), 'kafka'));
    const worker = await workspace.millrace();
    const ours: Peer = { address: worker.log, pid: worker.pid };
    const theirs: Peer = { address: apache.address, pid: apache.pid };
    report.setting(
      `${RECORDS} records of ${RECORD_BYTES} bytes, batch.size 16384, linger.ms 5, ${PARTITIONS} partitions, acks=1, no fsync on either side; Kafka with its default heap of 1 GB; tools, broker and load on the same cores; the time of a tool holds the start of its JVM`,
    );
    const produced = { ours: new Figures(), theirs: new Figures() };
    const consumed = { ours: new Figures(), theirs: new Figures() };
    for (let run = 0; run <= RUNS; run++) {
      for (const [name, peer] of [
        ['theirs', theirs],
        ['ours', ours],
      ] as const) {
        const topic = `perf-${run}`;
        await workspace
          .client(peer.address)
          .admin.createTopics([{ name: topic, partitions: PARTITIONS }]);
        const isWarm = run > 0;
        const figures = isWarm ? produced[name] : new Figures();
        await figures.take(peer.pid, () => producePerformance(peer.address, topic));
        const reads = isWarm ? consumed[name] : new Figures();
        await reads.take(peer.pid, () => consumePerformance(peer.address, topic));
        await workspace.client(peer.address).admin.deleteTopics([topic]);
      }
    }
    show(report, 'produce', produced);
    show(report, 'consume', consumed);
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
  report.compare(
    { label: `${what}, ours, of one core`, unit: 'records/s', values: ours.core },
    { label: `${what}, Apache Kafka, of one core`, unit: 'records/s', values: theirs.core },
    'ratio 1.5',
  );
}

async function producePerformance(address: string, topic: string): Promise<void> {
  await kafkaTool('org.apache.kafka.tools.ProducerPerformance', [
    ...['--topic', topic, '--num-records', String(RECORDS), '--record-size', String(RECORD_BYTES)],
    ...['--throughput', '-1', '--producer-props', `bootstrap.servers=${address}`],
    ...['acks=1', 'enable.idempotence=false', 'batch.size=16384', 'linger.ms=5'],
  ]);
}

async function consumePerformance(address: string, topic: string): Promise<void> {
  await kafkaTool('org.apache.kafka.tools.ConsumerPerformance', [
    ...['--bootstrap-server', address, '--topic', topic, '--messages', String(RECORDS)],
    ...['--timeout', '60000'],
  ]);
}
