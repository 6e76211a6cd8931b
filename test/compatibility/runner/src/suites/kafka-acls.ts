import { findFreePort } from '@millrace/test-servers';
import { apis } from '@millrace/kafka-protocol';
import { comparable, firstDifference } from '../acl-comparison/compare.ts';
import { commonVersions, Peer } from '../acl-comparison/peer.ts';
import { ENTRIES, PRINCIPALS, securitySettings } from '../acl-comparison/principals.ts';
import { QUESTIONS } from '../acl-comparison/requests.ts';
import { startApacheKafka } from '../apache-kafka.ts';
import { KAFKA_VERSION, KafkaJars } from '../java.ts';
import { outcome } from '../outcomes.ts';
import type { Outcome, Suite } from '../suite.ts';

const GROUPS = ['g', 'hidden-g'];
const TRANSACTIONAL_IDS = ['tx', 'other-tx'];

/** Every API asked by principals with different rights, of Apache Kafka and of Millrace: refusals and rights told. */
export const kafkaAcls: Suite = {
  name: 'kafka-acls',
  about: `what Apache Kafka ${KAFKA_VERSION} and Millrace answer to principals with few rights, for each API`,
  tier: 'ci',
  async run(lab) {
    const jars = await KafkaJars.fetch(lab);
    const [ourPort, theirPort] = [await findFreePort(), await findFreePort()];
    const settings = securitySettings(ourPort);
    const plainPort = await findFreePort();
    const { address } = await lab.startBroker({
      port: plainPort,
      settings: {
        ...settings,
        listeners: `PLAINTEXT://127.0.0.1:${plainPort},${settings['listeners'] ?? ''}`,
      },
    });
    const kafka = await startApacheKafka(lab, jars, securitySettings(theirPort));
    try {
      return await compareAll(
        { plainPort: portOf(address), port: ourPort },
        { plainPort: portOf(kafka.address), port: theirPort },
      );
    } finally {
      await kafka.process.kill();
    }
  },
};

interface Ports {
  /** Where one may do everything. */
  readonly plainPort: number;
  readonly port: number;
}

function portOf(address: string): number {
  return Number(address.split(':').at(-1));
}

async function compareAll(ours: Ports, theirs: Ports): Promise<readonly Outcome[]> {
  const [ourIds, theirIds] = await Promise.all([
    prepare(ours.plainPort),
    prepare(theirs.plainPort),
  ]);
  const outcomes: Outcome[] = [];
  for (const who of PRINCIPALS) {
    const left = await Peer.connect(ours.port, who, ourIds);
    const right = await Peer.connect(theirs.port, who, theirIds);
    const newest = commonVersions(left, right);
    for (const question of QUESTIONS) {
      const [is, want] = await Promise.all(
        [
          { peer: left, ids: ourIds },
          { peer: right, ids: theirIds },
        ].map(async ({ peer, ids }) => {
          const names = new Map([...ids].map(([name, id]) => [id, `id of ${name}`]));
          const answer = await question
            .ask(peer, newest)
            .catch((error: unknown) => ({ closed: error instanceof Error }));
          return comparable(answer, names);
        }),
      );
      const difference = firstDifference(is, want);
      outcomes.push(
        outcome(
          `${who}: ${question.name}`,
          difference === undefined ? 'passed' : 'failed',
          difference ?? '',
        ),
      );
    }
    await Promise.all([left.connection.close(), right.connection.close()]);
  }
  return outcomes;
}

/** Topics, groups, a transactional id and the rights. Answers the ids of the topics. */
async function prepare(plainPort: number): Promise<ReadonlyMap<string, string>> {
  const peer = await Peer.connect(plainPort);
  const names = ['visible', 'hidden'];
  const created = await peer.ask(
    apis.createTopics,
    { topics: names.map((name) => ({ name, numPartitions: 2, replicationFactor: 1 })) },
    peer.newest(apis.createTopics),
  );
  for (const { name, errorCode } of created.topics)
    if (errorCode !== 0) throw new Error(`topic ${name} was refused with ${errorCode}`);
  // Brings their topics about.
  for (const [keyType, coordinatorKeys] of [GROUPS, TRANSACTIONAL_IDS].entries())
    await peer.ask(apis.findCoordinator, { keyType, coordinatorKeys }, 4);
  for (const groupId of GROUPS)
    await peer.ask(
      apis.offsetCommit,
      {
        groupId,
        topics: names.map((name) => ({
          name,
          partitions: [{ partitionIndex: 0, committedOffset: 0 }],
        })),
      },
      9,
    );
  for (const transactionalId of TRANSACTIONAL_IDS)
    await peer.ask(apis.initProducerId, { transactionalId, transactionTimeoutMs: 10_000 }, 5);
  await peer.ask(
    apis.consumerGroupHeartbeat,
    {
      ...{ groupId: 'c', memberId: 'member-of-c', memberEpoch: 0, rebalanceTimeoutMs: 600_000 },
      ...{ subscribedTopicNames: names, topicPartitions: [] },
    },
    1,
  );
  await peer.ask(apis.createAcls, { creations: ENTRIES }, peer.newest(apis.createAcls));
  await peer.connection.close();
  return new Map(created.topics.map(({ name, topicId }) => [name, topicId]));
}
