import { startApacheKafka } from '../apache-kafka.ts';
import { KAFKA_VERSION, KafkaJars } from '../java.ts';
import { runJest } from '../jest.ts';
import type { Lab } from '../lab.ts';
import type { Outcome, Suite } from '../suite.ts';

const TIMEOUT_MS = 400_000;

/** The runtime's own tests on a broker of ours over TCP; `npm test` has them in memory or in process. */
export const runtimeOnTcp: Suite = {
  name: 'runtime-on-tcp',
  about: "the runtime's own tests over TCP to a broker of ours",
  tier: 'ci',
  run: (lab) => runtimeTests(lab, 'tcp'),
};

/** The same on a cluster that isn't ours, and exactly-once sources under kill -9. */
export const runtimeOnKafka: Suite = {
  name: 'runtime-on-kafka',
  about: `the runtime's own tests on Apache Kafka ${KAFKA_VERSION}, and a worker killed within its transactions`,
  tier: 'ci',
  run: async (lab) => {
    const jars = await KafkaJars.fetch(lab);
    const kafka = await startApacheKafka(lab, jars);
    try {
      const kills = await runJest(lab, {
        label: 'kill -9:',
        files: ['test/chaos/kill-exactly-once.test.ts'],
        env: { CHAOS_BOOTSTRAP: kafka.address },
        timeoutMs: TIMEOUT_MS,
      });
      return [...kills, ...(await runtimeTests(lab, kafka.address))];
    } finally {
      await kafka.process.kill();
    }
  },
};

/** Without those of blocked hooks, which wait for time-outs of the worker and not for a log. */
function runtimeTests(lab: Lab, log: string): Promise<readonly Outcome[]> {
  return runJest(lab, {
    label: 'runtime:',
    files: ['libs/runtime/test', '--testPathIgnorePatterns', '/node_modules/', 'hooks.test'],
    env: { MILLRACE_RUNTIME_LOG: log },
    timeoutMs: TIMEOUT_MS,
  });
}
