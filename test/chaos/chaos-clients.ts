import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { KafkaClient, parseBootstrap, TcpTransport } from '@millrace/kafka-client';
import { findTool } from '@millrace/test-servers';
import { Kafka, logLevel } from 'kafkajs';

/** Our client; quick to come back. */
export function clientOf(bootstrap: string): KafkaClient {
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  return new KafkaClient({
    bootstrap: parseBootstrap(bootstrap),
    transport: new TcpTransport({ ...ports, clientId: 'chaos' }),
    ...ports,
    reconnectBackoffMaxMs: 300,
  });
}

/** KafkaJS that never gives up. */
export function kafkaJsOf(bootstrap: string): Kafka {
  return new Kafka({
    clientId: 'chaos-kafkajs',
    brokers: [bootstrap],
    logLevel: logLevel.NOTHING,
    requestTimeout: 5_000,
    retry: {
      initialRetryTime: 50,
      maxRetryTime: 300,
      retries: 1_000,
      restartOnFailure: () => Promise.resolve(true),
    },
  });
}

/** Lines `offset value` of a partition from its beginning, as librdkafka reads it. */
export async function kcatLines(
  bootstrap: string,
  topic: string,
  partition: number,
  settings: readonly string[] = [],
): Promise<readonly string[]> {
  const args = ['-b', bootstrap, '-C', '-t', topic, '-p', String(partition), '-e', '-q'];
  const { stdout } = await promisify(execFile)(
    findTool('kcat', 'kcat'),
    [...args, '-o', 'beginning', '-f', '%o %s\n', ...settings.flatMap((each) => ['-X', each])],
    { maxBuffer: 2 ** 30, timeout: 120_000 },
  );
  return stdout.trimEnd() === '' ? [] : stdout.trimEnd().split('\n');
}
