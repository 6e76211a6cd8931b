import { join } from 'node:path';
import { lineOutcomes, outcome } from '../outcomes.ts';
import { ensurePython } from '../python.ts';
import type { Suite } from '../suite.ts';

const VERSION = '2.16.1';
const PROGRAM = join(import.meta.dirname, '../../../python/confluent.py');

export const confluentPython: Suite = {
  name: 'confluent-python',
  about: `confluent-kafka ${VERSION} for Python (librdkafka): produce, groups, transactions, admin`,
  tier: 'ci',
  async run(lab) {
    const python = await ensurePython(lab, [`confluent-kafka==${VERSION}`]);
    const { address } = await lab.startBroker({
      settings: {
        'group.initial.rebalance.delay.ms': '0',
        'group.consumer.heartbeat.interval.ms': '500',
        'group.consumer.min.heartbeat.interval.ms': '100',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'allow.everyone.if.no.acl.found': 'true',
      },
    });
    const result = await lab.run(python, [PROGRAM, address], { timeoutMs: 300_000 });
    const outcomes = lineOutcomes(result.stdout);
    return result.code === 0
      ? outcomes
      : [...outcomes, outcome('confluent.py', 'failed', result.tail)];
  },
};
