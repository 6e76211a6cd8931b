import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort, ServerProcess } from '@millrace/test-servers';
import type { KafkaJars } from './java.ts';
import type { Lab } from './lab.ts';

const CLUSTER_ID = 'bWlsbHJhY2UtY29tcGF0LQ';
const READY_MS = 60_000;

/**
 * A single node of Apache Kafka, from its published jars; stopped by `kill`, since nothing of it is kept. Listeners of
 * `more` come beside its own.
 */
export async function startApacheKafka(
  lab: Lab,
  jars: KafkaJars,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly address: string; readonly process: ServerProcess }> {
  const [port, controllerPort] = [await findFreePort(), await findFreePort()];
  const folder = lab.makeFolder();
  const file = join(folder, 'server.properties');
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map':
      'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT',
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.num.partitions': '5',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    ...more,
    listeners: [
      `PLAINTEXT://127.0.0.1:${port}`,
      `CONTROLLER://127.0.0.1:${controllerPort}`,
      ...(more['listeners'] === undefined ? [] : [more['listeners']]),
    ].join(),
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  writeFileSync(file, lines.join('\n'));
  await jars.run('kafka.tools.StorageTool', ['format', '-t', CLUSTER_ID, '-c', file]);
  const process = await ServerProcess.start({
    name: 'Apache Kafka',
    command: 'java',
    args: ['-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info'].concat(
      jars.args('kafka.Kafka', [file]),
    ),
    user: undefined,
    ready: /Kafka Server started/,
    readyTimeoutMs: READY_MS,
    stopSignal: 'SIGTERM',
  });
  lab.write(`  Apache Kafka listens on port ${port}`);
  return { address: `127.0.0.1:${port}`, process };
}
