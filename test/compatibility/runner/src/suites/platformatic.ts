import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isFree } from '@millrace/test-servers';
import type { Lab } from '../lab.ts';
import { outcome } from '../outcomes.ts';
import { Unavailable, type Outcome, type Suite } from '../suite.ts';

/** Where its sources are: its package on npm has no tests, and no registry has them. */
const SOURCES_KEY = 'MILLRACE_PLATFORMATIC_SOURCES';
/** The ports of its single broker and of the first of its three, which its tests know by heart. */
const SINGLE_PORT = 9001;
const CLUSTER_PORT = 9011;
const TIMEOUT_MS = 600_000;
const FILES = [
  'producer/partitioners.test.ts',
  'producer/producer-stream.test.ts',
  'producer/producer.test.ts',
  'producer/transactions.test.ts',
  'consumer/consumer-consumer-group-protocol.test.ts',
  'consumer/consumer.test.ts',
  'consumer/messages-stream-autocommit.test.ts',
  'consumer/messages-stream-backpressure.test.ts',
  'consumer/messages-stream-paused-guard.test.ts',
  'consumer/messages-stream-rebalance.test.ts',
  'consumer/messages-stream.test.ts',
  'consumer/topics-map.test.ts',
  'admin/admin.test.ts',
  'base/base.test.ts',
];

const SETTINGS = {
  'group.initial.rebalance.delay.ms': '0',
  'group.consumer.heartbeat.interval.ms': '200',
  'group.consumer.min.heartbeat.interval.ms': '100',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
};

export const platformatic: Suite = {
  name: 'platformatic',
  about: 'client tests of @platformatic/kafka 1.34',
  tier: 'full',
  run,
};

async function run(lab: Lab): Promise<readonly Outcome[]> {
  const sources = process.env[SOURCES_KEY];
  if (sources === undefined || !existsSync(join(sources, 'test/clients')))
    throw new Unavailable(
      `its package on npm has no tests; ${SOURCES_KEY} names no folder with its sources and what they need installed`,
    );
  for (const port of [SINGLE_PORT, CLUSTER_PORT]) {
    if (!(await isFree(port)))
      throw new Unavailable(`port ${port} of the loopback interface is taken`);
    const listeners = `PLAINTEXT://localhost:${port}`;
    await lab.startBroker({ port, settings: { ...SETTINGS, listeners } });
  }
  const outcomes: Outcome[] = [];
  for (const file of FILES) {
    const args = ['--import', '@swc-node/register/esm-register', '--test', '--test-concurrency=1'];
    const result = await lab.run(
      process.execPath,
      [...args, '--test-reporter=tap', join('test/clients', file)],
      { cwd: sources, timeoutMs: TIMEOUT_MS, env: { KAFKA_VERSION: '8.0.0' } },
    );
    const ofFile = tapOutcomes(file, result.stdout);
    outcomes.push(...(ofFile.length > 0 ? ofFile : [outcome(file, 'failed', result.tail)]));
  }
  return outcomes;
}

/** The tests of one file, without those in them. */
function tapOutcomes(file: string, tap: string): readonly Outcome[] {
  const rows = tap.matchAll(/^(ok|not ok) \d+ - (.*?)( # [A-Z]+.*)?$/gm);
  return [...rows].map((row) => {
    const result = row[3] !== undefined ? 'skipped' : row[1] === 'ok' ? 'passed' : 'failed';
    return outcome(`${file}: ${row[2] ?? ''}`, result, row[3] ?? '');
  });
}
