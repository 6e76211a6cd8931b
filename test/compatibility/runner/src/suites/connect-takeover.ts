import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startApacheKafka } from '../apache-kafka.ts';
import { Checks, expectEqual } from '../checks.ts';
import { connectSettings, ConnectWorker } from '../connect-worker.ts';
import { KAFKA_VERSION, KafkaJars } from '../java.ts';
import type { Lab, RunningBroker } from '../lab.ts';
import type { Suite } from '../suite.ts';
import { Side, until, type Told } from '../takeover/side.ts';

const SOURCE = 'org.apache.kafka.connect.file.FileStreamSourceConnector';
const SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector';
/** So many lines are written whenever some are. */
const SHARE = 40;
const LINE_BYTES = 'line 0000\n'.length;
const RUNNING = ['RUNNING', 'RUNNING'];

const about = `Millrace takes over from Kafka Connect ${KAFKA_VERSION} on Apache Kafka ${KAFKA_VERSION}, and hands back`;

/** A worker of Kafka Connect, Millrace, and the worker again: one after the other in one group on one Kafka cluster. */
export const connectTakeover: Suite = {
  name: 'connect-takeover',
  about,
  tier: 'ci',
  run: (lab) => onKafka(lab, {}),
};

/** The same with sources and configurations written in transactions, each worker shutting out the former one. */
export const connectTakeoverExactlyOnce: Suite = {
  name: 'connect-takeover-eos',
  about: `${about}, with exactly-once sources`,
  tier: 'full',
  run: (lab) => onKafka(lab, { 'exactly.once.source.support': 'enabled' }),
};

type Settings = Readonly<Record<string, string>>;

async function onKafka(lab: Lab, settings: Settings): Promise<Checks['outcomes']> {
  const jars = await KafkaJars.fetch(lab);
  const kafka = await startApacheKafka(lab, jars);
  try {
    return await takeOver(lab, jars, kafka.address, settings);
  } finally {
    await kafka.process.kill();
  }
}

async function takeOver(
  lab: Lab,
  jars: KafkaJars,
  address: string,
  settings: Settings,
): Promise<Checks['outcomes']> {
  const folder = lab.makeFolder();
  const path = (name: string): string => join(folder, `${name}.txt`);
  const lines = new Lines(path);
  const checks = new Checks();
  let left: Told | undefined;
  let java: ConnectWorker | undefined;
  let ours: RunningBroker | undefined;

  const startJava = async (): Promise<Side> => {
    java = await ConnectWorker.start({ lab, jars, address, folder, settings });
    await java.untilAnswers();
    return new Side(java.url);
  };
  /** Without markers of transactions the offset counts the records of the topic, too. */
  const untilSunk = async (side: Side, name: string, count: number, end = count): Promise<void> => {
    await lines.untilCount(name === 'out' ? ['out', 'out-2'] : [name], count);
    const hasMarkers = settings['exactly.once.source.support'] === 'enabled';
    if (!hasMarkers) await side.untilOffset(name, 'kafka_offset', end);
  };
  try {
    await checks.check('Kafka Connect runs, pauses and stops connectors', async () => {
      const side = await startJava();
      const put = (name: string, config: Record<string, string>): Promise<unknown> =>
        side.send('PUT', `/connectors/${name}/config`, config);
      lines.add('in');
      lines.add('rest');
      lines.add('halt');
      const source = { 'connector.class': SOURCE, 'tasks.max': '1' };
      await put('in', { ...source, file: path('in'), topic: 'lines' });
      await put('rest', { ...source, file: path('rest'), topic: 'rest' });
      await put('halt', { ...source, file: path('halt'), topic: 'halt' });
      await put('gone', { ...source, file: path('none'), topic: 'none' });
      const sink = { 'connector.class': SINK, 'tasks.max': '1' };
      await put('out', { ...sink, file: path('out'), topics: 'lines' });
      await put('late', { ...sink, file: path('late'), topics: 'lines' });
      await lines.expectArrived('out', 'in');
      await lines.expectArrived('late', 'in');
      for (const name of ['rest', 'halt'])
        await side.untilOffset(name, 'position', SHARE * LINE_BYTES);
      await untilSunk(side, 'late', SHARE);
      await side.send('PUT', '/connectors/rest/pause');
      await side.send('PUT', '/connectors/halt/stop');
      await side.send('PUT', '/connectors/late/stop');
      await side.untilStates({ ...ALL, gone: RUNNING });
      await side.untilOffset('in', 'position', SHARE * LINE_BYTES);
      await untilSunk(side, 'out', SHARE);
      left = await side.told();
    });
    await java?.stop();
    for (const name of ['in', 'rest', 'halt']) lines.add(name);

    await checks.check(
      'Millrace finds configurations, states and offsets as they were',
      async () => {
        ours = await lab.startWorker({ ...connectSettings(address, jars), ...settings });
        const side = new Side(ours.server.rest);
        await side.untilStates({ ...ALL, gone: RUNNING });
        const { info, offsets } = await side.told();
        expectEqual(info, left?.info);
        const still = ({ rest, halt, late }: Told['offsets']): unknown => ({ rest, halt, late });
        expectEqual(still(offsets), still(left?.offsets ?? {}));
      },
    );
    await checks.check('Millrace goes on where Kafka Connect stopped: each line once', async () => {
      lines.add('in');
      await lines.expectArrived('out', 'in');
      const side = sideOf(ours);
      await side.untilOffset('in', 'position', 3 * SHARE * LINE_BYTES);
      await untilSunk(side, 'out', 3 * SHARE);
    });
    await checks.check('Millrace changes a configuration, offsets and states', async () => {
      const side = sideOf(ours);
      await side.send('PATCH', '/connectors/out/config', { file: path('out-2') });
      // Two at once, which leaves notes of our own in the topic of the configurations.
      await side.send('PATCH', '/connectors/halt/offsets', {
        offsets: [
          { partition: { filename: path('other') }, offset: { position: 70 } },
          { partition: { filename: path('halt') }, offset: { position: 10 * LINE_BYTES } },
        ],
      });
      const partition = { kafka_topic: 'lines', kafka_partition: 0 };
      await side.send('PATCH', '/connectors/late/offsets', {
        offsets: [{ partition, offset: null }],
      });
      expectEqual(await side.send('GET', '/connectors/late/offsets'), { offsets: [] });
      await side.send('PATCH', '/connectors/late/offsets', {
        offsets: [{ partition, offset: { kafka_offset: 10 } }],
      });
      await side.send('DELETE', '/connectors/gone');
      await side.send('POST', '/connectors', {
        name: 'new',
        config: { 'connector.class': SOURCE, file: path('none'), topic: 'none' },
        initial_state: 'STOPPED',
      });
      lines.add('in');
      await untilSunk(side, 'out', 4 * SHARE);
      await side.untilOffset('in', 'position', 4 * SHARE * LINE_BYTES);
      await side.untilStates({ ...ALL, new: ['STOPPED'] });
      left = await side.told();
    });
    await ours?.server.stop();
    lines.add('in');

    await checks.check('Kafka Connect finds what Millrace left', async () => {
      const side = await startJava();
      await side.untilStates({ ...ALL, new: ['STOPPED'] });
      const { info, offsets } = await side.told();
      expectEqual(info, left?.info);
      const still = ({ rest, halt, late }: Told['offsets']): unknown => ({ rest, halt, late });
      expectEqual(still(offsets), still(left?.offsets ?? {}));
    });
    await checks.check('Kafka Connect goes on where Millrace stopped: each line once', async () => {
      const side = new Side(java?.url ?? '');
      lines.add('in');
      await side.untilOffset('in', 'position', 6 * SHARE * LINE_BYTES);
      await untilSunk(side, 'out', 6 * SHARE);
      expectEqual([...lines.read('out'), ...lines.read('out-2')], lines.read('in'));
      expectEqual(lines.read('out').length, 3 * SHARE);
    });
    await checks.check('Kafka Connect resumes from the offsets that Millrace set', async () => {
      const side = new Side(java?.url ?? '');
      for (const name of ['rest', 'halt', 'late'])
        await side.send('PUT', `/connectors/${name}/resume`);
      await untilSunk(side, 'late', 7 * SHARE - 10, 6 * SHARE);
      expectEqual(lines.read('late'), [
        ...lines.read('in').slice(0, SHARE),
        ...lines.read('in').slice(10),
      ]);
      const topic = async (name: string, count: number): Promise<readonly string[]> => {
        const at = ['--bootstrap-server', address, '--topic', name, '--from-beginning'];
        const output = await jars.run('org.apache.kafka.tools.consumer.ConsoleConsumer', [
          ...at,
          '--max-messages',
          String(count),
        ]);
        return output.trim().split('\n');
      };
      await side.untilOffset('halt', 'position', 2 * SHARE * LINE_BYTES);
      expectEqual(await topic('halt', 3 * SHARE - 10), [
        ...lines.read('halt').slice(0, SHARE),
        ...lines.read('halt').slice(10),
      ]);
      await side.untilOffset('rest', 'position', 2 * SHARE * LINE_BYTES);
      expectEqual(await topic('rest', 2 * SHARE), lines.read('rest'));
    });
  } finally {
    appendFileSync(lab.logFile, `${ours?.server.output ?? ''}\n${java?.output ?? ''}\n`);
    await java?.stop();
  }
  return checks.outcomes;
}

/** The connectors that last, and their tasks. */
const ALL: Told['states'] = {
  halt: ['STOPPED'],
  in: RUNNING,
  late: ['STOPPED'],
  out: RUNNING,
  rest: ['PAUSED', 'PAUSED'],
};

function sideOf(worker: RunningBroker | undefined): Side {
  if (worker === undefined) throw new Error('Millrace did not start');
  return new Side(worker.server.rest);
}

/** Files of numbered lines. */
class Lines {
  readonly #path: (name: string) => string;

  constructor(path: (name: string) => string) {
    this.#path = path;
  }

  /** Another share, numbered on. */
  add(name: string): void {
    const first = this.read(name).length;
    for (let index = first; index < first + SHARE; index++)
      appendFileSync(this.#path(name), `line ${String(index).padStart(4, '0')}\n`);
  }

  read(name: string): readonly string[] {
    if (!existsSync(this.#path(name))) return [];
    return readFileSync(this.#path(name), 'utf8').split('\n').slice(0, -1);
  }

  async untilCount(names: readonly string[], count: number): Promise<void> {
    await until(() => {
      const arrived = names.flatMap((name) => this.read(name)).length;
      const problem = `${arrived} of ${count} lines in ${names.join()}`;
      return Promise.resolve(arrived < count ? problem : undefined);
    });
  }

  /** @throws Error unless the target comes to hold the lines of the source, each once and in order */
  async expectArrived(target: string, source: string): Promise<void> {
    const count = this.read(source).length;
    await until(() => {
      const arrived = this.read(target).length;
      return Promise.resolve(
        arrived < count ? `${arrived} of ${count} lines in ${target}` : undefined,
      );
    });
    expectEqual(this.read(target), this.read(source));
  }
}
