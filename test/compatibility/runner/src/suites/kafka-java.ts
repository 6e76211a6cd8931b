import { KAFKA_VERSION, KafkaJars } from '../java.ts';
import { lineOutcomes, outcome } from '../outcomes.ts';
import type { Suite } from '../suite.ts';

const TIMEOUT_MS = 240_000;

/** The Java client in transactions and in groups of both protocols, and Kafka Streams with exactly-once. */
export const kafkaJava: Suite = {
  name: 'kafka-java',
  about: `Java client and Kafka Streams ${KAFKA_VERSION}: transactions, groups of both protocols, word count`,
  tier: 'ci',
  async run(lab) {
    const jars = await KafkaJars.fetch(lab);
    const broker = await lab.startBroker({
      settings: {
        'group.initial.rebalance.delay.ms': '0',
        'group.consumer.heartbeat.interval.ms': '500',
        'group.consumer.min.heartbeat.interval.ms': '100',
        'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500',
      },
    });
    const programs: readonly [string, readonly string[]][] = [
      ['Transactions', [broker.address]],
      ['WordCount', [broker.address, lab.makeFolder()]],
    ];
    const outcomes = [];
    for (const [name, args] of programs) {
      await jars.compile(name);
      const result = await lab.run('java', jars.args(name, args), { timeoutMs: TIMEOUT_MS });
      outcomes.push(...lineOutcomes(result.stdout));
      if (result.code !== 0) outcomes.push(outcome(name, 'failed', result.tail));
    }
    return outcomes;
  },
};
