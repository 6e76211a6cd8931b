import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@millrace/foundation';
import { Checks, expectEqual, expectText } from '../checks.ts';
import { ConnectWorker } from '../connect-worker.ts';
import { KAFKA_VERSION, KafkaJars } from '../java.ts';
import type { Suite } from '../suite.ts';

const LINES = 200;
const DEADLINE_MS = 60_000;
const EXACTLY_ONCE = { 'exactly.once.source.support': 'enabled' };

/** A worker of Kafka Connect whose cluster is our broker: its group, its three topics, source tasks with exactly-once. */
export const kafkaConnect: Suite = {
  name: 'kafka-connect',
  about: `Kafka Connect ${KAFKA_VERSION} (distributed, exactly-once sources) with our broker as its cluster`,
  tier: 'ci',
  async run(lab) {
    const jars = await KafkaJars.fetch(lab);
    const { address } = await lab.startBroker();
    const folder = lab.makeFolder();
    const [source, target] = [join(folder, 'in.txt'), join(folder, 'out.txt')];
    const lines = Array.from({ length: LINES }, (_, index) => `line ${index}`);
    writeFileSync(source, `${lines.slice(0, LINES / 2).join('\n')}\n`);
    const options = { lab, jars, address, folder, settings: EXACTLY_ONCE };
    const checks = new Checks();
    let worker: ConnectWorker | undefined;
    try {
      await checks.check('a worker joins its group and makes its topics', async () => {
        worker = await ConnectWorker.start(options);
      });
      await checks.check('a source with exactly-once and a sink pass on a file', async () => {
        await worker?.put('in', {
          'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
          topic: 'lines',
          file: source,
          'exactly.once.support': 'requested',
          'transaction.boundary': 'poll',
        });
        await worker?.put('out', {
          'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
          topics: 'lines',
          file: target,
          'consumer.override.isolation.level': 'read_committed',
        });
        await untilLines(target, LINES / 2);
      });
      await checks.check('a new worker goes on where the first one stopped', async () => {
        await worker?.stop();
        worker = await ConnectWorker.start(options);
        appendFileSync(source, `${lines.slice(LINES / 2).join('\n')}\n`);
        await untilLines(target, LINES);
        expectEqual(readLines(target), lines);
      });
      await checks.check('offsets of source and sink are shown', async () => {
        await untilText(() => worker?.get('/connectors/in/offsets'), /"position":\d+/);
        // The markers of the transactions have offsets too.
        await untilText(() => worker?.get('/connectors/out/offsets'), /"kafka_offset":2\d\d\b/);
      });
    } finally {
      await worker?.stop();
    }
    return checks.outcomes;
  },
};

async function untilLines(file: string, count: number): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + DEADLINE_MS;
  while (readLines(file).length < count) {
    if (systemClock.monotonicMs() > deadlineMs)
      throw new Error(`${readLines(file).length} of ${count} lines arrived`);
    await systemClock.sleep(200);
  }
}

async function untilText(
  read: () => Promise<string> | undefined,
  pattern: RegExp | string,
): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + DEADLINE_MS;
  for (;;) {
    const text = (await read()) ?? '';
    const isThere = typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text);
    if (isThere) return;
    if (systemClock.monotonicMs() > deadlineMs) expectText(text, pattern);
    await systemClock.sleep(200);
  }
}

function readLines(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
