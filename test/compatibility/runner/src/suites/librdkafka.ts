import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KafkaJars } from '../java.ts';
import type { Lab } from '../lab.ts';
import { outcome } from '../outcomes.ts';
import { hasProgram } from '../program.ts';
import { Unavailable, type Outcome, type Suite } from '../suite.ts';

/** The crate that carries librdkafka's sources with their tests. */
const CRATE = '4.10.0';
const VERSION = '2.12.1';
const TIMEOUT_MS = 1_500_000;
/** Kafka's scripts that its tests call. */
const SCRIPTS = {
  'kafka-topics.sh': 'org.apache.kafka.tools.TopicCommand',
  'kafka-configs.sh': 'kafka.admin.ConfigCommand',
  'kafka-acls.sh': 'org.apache.kafka.tools.AclCommand',
};

export const librdkafka: Suite = {
  name: 'librdkafka',
  about: `tests of librdkafka ${VERSION} that need a broker, groups by the classic protocol`,
  tier: 'full',
  run: (lab) => run(lab, 'classic'),
};

export const librdkafka848: Suite = {
  name: 'librdkafka-848',
  about: `tests of librdkafka ${VERSION} that need a broker, groups by KIP-848`,
  tier: 'full',
  run: (lab) => run(lab, 'consumer'),
};

async function run(lab: Lab, protocol: string): Promise<readonly Outcome[]> {
  const sources = await build(lab);
  const jars = await KafkaJars.fetch(lab);
  const { address } = await lab.startBroker({
    settings: {
      'num.partitions': '4',
      'group.min.session.timeout.ms': '1000',
      'group.consumer.min.session.timeout.ms': '1000',
      'group.consumer.min.heartbeat.interval.ms': '100',
      'group.consumer.heartbeat.interval.ms': '1000',
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'allow.everyone.if.no.acl.found': 'true',
    },
  });
  const folder = lab.makeFolder();
  const config = join(folder, 'test.conf');
  writeFileSync(
    config,
    `metadata.broker.list=${address}\ntest.topic.random=true\ntest.timeout.multiplier=3\n`,
  );
  writeScripts(folder, jars);
  const result = await lab.run('./test-runner', ['-L', '-p1', '-Q', '-K'], {
    cwd: join(sources, 'tests'),
    timeoutMs: TIMEOUT_MS,
    env: {
      LD_LIBRARY_PATH: `${sources}/src:${sources}/src-cpp`,
      RDKAFKA_TEST_CONF: config,
      TEST_KAFKA_VERSION: '4.1.0',
      TEST_CONSUMER_GROUP_PROTOCOL: protocol,
      TEST_LEVEL: '1',
      KAFKA_PATH: folder,
      BROKERS: address,
    },
  });
  const outcomes = readSummary(result.stdout + result.stderr);
  return outcomes.length > 0 ? outcomes : [outcome('test-runner', 'failed', result.tail)];
}

/** The table at the end: `| NAME | PASSED | 1.2s | why |`. */
function readSummary(output: string): readonly Outcome[] {
  const plain = output.replace(/\x1b\[[0-9;]*m/g, '');
  const rows = plain.matchAll(/^\| (\w+) +\| +(PASSED|FAILED|SKIPPED) \|[^|]*\|(.*)$/gm);
  return [...rows]
    .map((row) => {
      const result = row[2] === 'PASSED' ? 'passed' : row[2] === 'FAILED' ? 'failed' : 'skipped';
      return outcome(row[1] ?? '', result, row[3] ?? '');
    })
    .filter(({ test }) => test !== '<MAIN>');
}

/** Takes about four minutes on two cores, once. */
async function build(lab: Lab): Promise<string> {
  for (const program of ['cargo', 'gcc', 'g++', 'make'])
    if (!hasProgram(program)) throw new Unavailable(`${program} is not installed`);
  const folder = join(lab.cache, `librdkafka-${VERSION}`);
  if (existsSync(join(folder, 'tests/test-runner'))) return folder;
  const project = lab.makeFolder();
  mkdirSync(join(project, 'src'));
  writeFileSync(join(project, 'src/lib.rs'), '');
  writeFileSync(
    join(project, 'Cargo.toml'),
    `[package]\nname = "fetch"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\nrdkafka-sys = "=${CRATE}"\n`,
  );
  await lab.prepare('rdkafka-sys of crates.io', 'cargo', ['vendor', '-q', 'vendor'], {
    cwd: project,
  });
  const script = [
    'rm -rf "$1" && cp -R vendor/rdkafka-sys/librdkafka "$1" && cd "$1"',
    './configure && make -j2 libs && make -C tests -j2 build',
  ].join(' && ');
  await lab.prepare('librdkafka', 'sh', ['-c', script, 'sh', folder], { cwd: project });
  return folder;
}

function writeScripts(folder: string, jars: KafkaJars): void {
  mkdirSync(join(folder, 'bin'));
  for (const [name, main] of Object.entries(SCRIPTS)) {
    const path = join(folder, 'bin', name);
    const words = ['java', ...jars.args(main, [])].map((word) => `'${word}'`).join(' ');
    writeFileSync(path, `#!/bin/sh\nexec ${words} "$@"\n`);
    chmodSync(path, 0o755);
  }
}
