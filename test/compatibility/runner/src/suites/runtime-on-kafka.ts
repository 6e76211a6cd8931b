import { startApacheKafka } from '../apache-kafka.ts';
import { KAFKA_VERSION, KafkaJars } from '../java.ts';
import { runJest } from '../jest.ts';
import type { Suite } from '../suite.ts';

/** Our own tests of exactly-once sources under kill -9, on a cluster that isn't ours. */
export const runtimeOnKafka: Suite = {
  name: 'runtime-on-kafka',
  about: `a worker on Apache Kafka ${KAFKA_VERSION}, killed within its transactions`,
  tier: 'ci',
  run: async (lab) => {
    const jars = await KafkaJars.fetch(lab);
    const kafka = await startApacheKafka(lab, jars);
    try {
      return await runJest(lab, {
        label: 'kill -9:',
        files: ['test/chaos/kill-exactly-once.test.ts'],
        env: { CHAOS_BOOTSTRAP: kafka.address },
        timeoutMs: 300_000,
      });
    } finally {
      await kafka.process.kill();
    }
  },
};
