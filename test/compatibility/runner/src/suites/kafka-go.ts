import { isFree } from '@millrace/test-servers';
import { fetchGoModule, goTest } from '../go.ts';
import { Unavailable, type Suite } from '../suite.ts';

const VERSION = 'v0.4.51';
/** The port is written into its tests. */
const PORT = 9092;

/** They end the whole run: what reads back their offsets calls a function that it never set. */
const SKIPPED = [
  'TestReaderConsumerGroup/verify_offset_committed',
  'TestReaderConsumerGroup/consumer_group_commits_on_close',
];

export const kafkaGo: Suite = {
  name: 'kafka-go',
  about: `tests of segmentio/kafka-go ${VERSION}`,
  tier: 'full',
  async run(lab) {
    const module = await fetchGoModule(lab, 'github.com/segmentio/kafka-go', VERSION);
    if (!(await isFree(PORT)))
      throw new Unavailable(`port ${PORT} of the loopback interface is taken`);
    await lab.startBroker({
      port: PORT,
      settings: {
        'message.max.bytes': '200000000',
        'group.initial.rebalance.delay.ms': '0',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'allow.everyone.if.no.acl.found': 'true',
        'super.users': 'User:ANONYMOUS',
        'advertised.listeners': `PLAINTEXT://localhost:${PORT}`,
        listeners: `PLAINTEXT://localhost:${PORT}`,
      },
    });
    return goTest(lab, {
      module,
      package: '.',
      env: { KAFKA_VERSION: '4.1.0' },
      args: [`-test.skip=${SKIPPED.join('|')}`],
      timeoutMs: 420_000,
    });
  },
};
