import { isFree } from '@millrace/test-servers';
import { fetchGoModule, goTest } from '../go.ts';
import { Unavailable, type Suite } from '../suite.ts';

const VERSION = 'v0.4.51';
/** The ports are written into its tests. */
const PORT = 9092;
const SASL_PORT = 9093;
const LISTENERS = `PLAINTEXT://localhost:${PORT},SASL_PLAINTEXT://localhost:${SASL_PORT}`;

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
    for (const port of [PORT, SASL_PORT])
      if (!(await isFree(port)))
        throw new Unavailable(`port ${port} of the loopback interface is taken`);
    await lab.startBroker({
      port: PORT,
      settings: {
        'message.max.bytes': '200000000',
        'group.initial.rebalance.delay.ms': '0',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'allow.everyone.if.no.acl.found': 'true',
        'super.users': 'User:ANONYMOUS',
        'advertised.listeners': LISTENERS,
        listeners: LISTENERS,
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
        'listener.name.sasl_plaintext.plain.sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_adminplain="admin-secret";',
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
