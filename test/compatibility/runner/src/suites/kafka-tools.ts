import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Checks, expectEqual, expectText } from '../checks.ts';
import { KAFKA_VERSION, KafkaJars } from '../java.ts';
import type { Suite } from '../suite.ts';

const TOOLS = 'org.apache.kafka.tools';
const COUNT = 1000;

/** The command-line tools of an administrator, and the dump of what is on the disk. */
export const kafkaTools: Suite = {
  name: 'kafka-tools',
  about: `Kafka's own command-line tools ${KAFKA_VERSION}, its dump of our files included`,
  tier: 'ci',
  async run(lab) {
    const jars = await KafkaJars.fetch(lab);
    const { address, logFolder } = await lab.startBroker({
      settings: {
        'group.initial.rebalance.delay.ms': '0',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'allow.everyone.if.no.acl.found': 'true',
      },
    });
    const checks = new Checks();
    const at = ['--bootstrap-server', address];
    const topics = (...args: string[]): Promise<string> =>
      jars.run(`${TOOLS}.TopicCommand`, [...at, ...args]);
    const groups = (...args: string[]): Promise<string> =>
      jars.run(`${TOOLS}.consumer.group.ConsumerGroupCommand`, [...at, ...args]);
    const configs = (...args: string[]): Promise<string> =>
      jars.run('kafka.admin.ConfigCommand', [...at, ...args]);

    await checks.check('topics: create, describe, add partitions, list, delete', async () => {
      await topics(
        '--create',
        '--topic',
        'tools',
        '--partitions',
        '2',
        '--config',
        'retention.ms=86400000',
      );
      await topics('--create', '--topic', 'gone', '--partitions', '1', '--replication-factor', '1');
      await topics('--alter', '--topic', 'tools', '--partitions', '3');
      expectText(
        await topics('--describe', '--topic', 'tools'),
        /PartitionCount: 3.*Configs:.*retention\.ms=86400000/s,
      );
      await topics('--delete', '--topic', 'gone');
      const listed = await topics('--list', '--exclude-internal');
      expectEqual(
        listed.split('\n').filter((line) => /^(tools|gone)$/.test(line)),
        ['tools'],
      );
    });
    await checks.check('console producer and consumer: keys, headers, group', async () => {
      const lines = Array.from({ length: COUNT }, (_, index) => `h:${index}\tk${index}\tv${index}`);
      const producer = [
        '--topic',
        'tools',
        '--property',
        'parse.key=true',
        '--property',
        'parse.headers=true',
      ];
      await jars.run(`${TOOLS}.ConsoleProducer`, [...at, ...producer], { input: lines.join('\n') });
      const shown = ['print.key=true', 'print.headers=true', 'print.offset=true'].flatMap((it) => [
        '--property',
        it,
      ]);
      const read = await jars.run(`${TOOLS}.consumer.ConsoleConsumer`, [
        ...at,
        ...[
          '--topic',
          'tools',
          '--group',
          'console',
          '--from-beginning',
          '--max-messages',
          String(COUNT),
        ],
        ...['--timeout-ms', '20000'],
        ...shown,
      ]);
      const values = read.split('\n').filter((line) => line.startsWith('Offset:'));
      expectEqual(values.length, COUNT);
      expectText(read, /Offset:\d+\th:7\tk7\tv7/);
    });
    await checks.check('console consumer with group.protocol=consumer', async () => {
      const read = await jars.run(`${TOOLS}.consumer.ConsoleConsumer`, [
        ...at,
        ...[
          '--topic',
          'tools',
          '--group',
          'console-848',
          '--from-beginning',
          '--max-messages',
          String(COUNT),
        ],
        ...['--timeout-ms', '20000', '--consumer-property', 'group.protocol=consumer'],
      ]);
      expectEqual(read.split('\n').filter((line) => /^v\d+$/.test(line)).length, COUNT);
    });
    await checks.check(
      'consumer-groups: list, describe, members, reset offsets, delete',
      async () => {
        expectText(await groups('--list', '--state'), /console\s+.*Empty/);
        expectText(
          await groups('--describe', '--group', 'console'),
          /console\s+tools\s+0\s+\d+\s+\d+\s+0/,
        );
        expectText(await groups('--describe', '--group', 'console', '--state'), /console.*Empty/);
        const reset = [
          '--reset-offsets',
          '--group',
          'console',
          '--topic',
          'tools',
          '--to-earliest',
          '--execute',
        ];
        expectText(await groups(...reset), /console\s+tools\s+0\s+0/);
        await groups('--delete-offsets', '--group', 'console', '--topic', 'tools');
        expectText(await groups('--delete', '--group', 'console'), /successful/);
      },
    );
    await checks.check(
      'configs: topic, broker, quotas of users and clients, SCRAM users',
      async () => {
        const topic = ['--entity-type', 'topics', '--entity-name', 'tools'];
        await configs(
          '--alter',
          ...topic,
          '--add-config',
          'max.message.bytes=2000000,cleanup.policy=[compact,delete]',
        );
        expectText(await configs('--describe', ...topic), /max\.message\.bytes=2000000/);
        await configs('--alter', ...topic, '--delete-config', 'max.message.bytes,cleanup.policy');
        const broker = ['--entity-type', 'brokers', '--entity-name', '1'];
        await configs('--alter', ...broker, '--add-config', 'message.max.bytes=2000000');
        expectText(await configs('--describe', ...broker), /message\.max\.bytes=2000000/);
        expectText(await configs('--describe', ...broker, '--all'), /advertised\.listeners=/);
        await configs(
          '--alter',
          '--entity-type',
          'brokers',
          '--entity-default',
          '--add-config',
          'log.retention.ms=3600000000',
        );
        const client = [
          '--entity-type',
          'users',
          '--entity-name',
          'alice',
          '--entity-type',
          'clients',
          '--entity-name',
          'app',
        ];
        await configs(
          '--alter',
          ...client,
          '--add-config',
          'producer_byte_rate=1000000,consumer_byte_rate=2000000',
        );
        expectText(await configs('--describe', ...client), /producer_byte_rate=1000000/);
        const user = ['--entity-type', 'users', '--entity-name', 'alice'];
        await configs(
          '--alter',
          ...user,
          '--add-config',
          'SCRAM-SHA-256=[iterations=8192,password=secret]',
        );
        expectText(await configs('--describe', ...user), /SCRAM-SHA-256=iterations=8192/);
      },
    );
    await checks.check('acls: add, list, remove', async () => {
      const acls = (...args: string[]): Promise<string> =>
        jars.run(`${TOOLS}.AclCommand`, [...at, ...args]);
      await acls(
        '--add',
        '--allow-principal',
        'User:alice',
        '--consumer',
        '--topic',
        'tools',
        '--group',
        'g',
      );
      expectText(await acls('--list', '--topic', 'tools'), /principal=User:alice.*operation=READ/);
      const given = [
        '--allow-principal',
        'User:alice',
        '--consumer',
        '--topic',
        'tools',
        '--group',
        'g',
      ];
      await acls('--remove', ...given, '--force');
    });
    await checks.check('get-offsets and delete-records', async () => {
      const offsets = (time: string): Promise<string> =>
        jars.run(`${TOOLS}.GetOffsetShell`, [...at, '--topic', 'tools', '--time', time]);
      const latest = (await offsets('-1')).match(/tools:\d+:(\d+)/g) ?? [];
      const total = latest.reduce((sum, line) => sum + Number(line.split(':')[2]), 0);
      expectEqual(total, COUNT);
      const file = join(lab.makeFolder(), 'delete.json');
      writeFileSync(
        file,
        JSON.stringify({ version: 1, partitions: [{ topic: 'tools', partition: 0, offset: 5 }] }),
      );
      expectText(
        await jars.run(`${TOOLS}.DeleteRecordsCommand`, [...at, '--offset-json-file', file]),
        'low_watermark: 5',
      );
      expectText(await offsets('-2'), 'tools:0:5');
    });
    await checks.check('producer and consumer performance', async () => {
      await topics('--create', '--topic', 'perf', '--partitions', '2');
      const load = ['--num-records', '50000', '--record-size', '100', '--throughput', '-1'];
      expectText(
        await jars.run(`${TOOLS}.ProducerPerformance`, [
          '--topic',
          'perf',
          ...load,
          '--producer-props',
          `bootstrap.servers=${address}`,
          'acks=all',
          'compression.type=lz4',
        ]),
        '50000 records sent',
      );
      expectText(
        await jars.run(`${TOOLS}.ConsumerPerformance`, [
          ...at,
          '--topic',
          'perf',
          '--messages',
          '50000',
          '--timeout',
          '20000',
        ]),
        /, 50000,/,
      );
    });
    await checks.check('verifiable producer and consumer', async () => {
      await topics('--create', '--topic', 'verified', '--partitions', '3');
      const sent = await jars.run(`${TOOLS}.VerifiableProducer`, [
        ...at,
        '--topic',
        'verified',
        '--max-messages',
        String(COUNT),
      ]);
      expectText(sent, `"acked":${COUNT}`);
      const read = await jars.run(`${TOOLS}.VerifiableConsumer`, [
        ...at,
        '--topic',
        'verified',
        '--group-id',
        'verifying',
        '--max-messages',
        String(COUNT),
      ]);
      const counts = [...read.matchAll(/"records_consumed".*?"count":(\d+)/g)].map((match) =>
        Number(match[1]),
      );
      expectText(read, '"shutdown_complete"');
      expectEqual(
        counts.reduce((sum, count) => sum + count, 0) >= COUNT ||
          read.includes('offsets_committed'),
        true,
      );
    });
    await checks.check('transactions: list, describe, producers, hanging', async () => {
      await topics('--create', '--topic', 'txn-perf', '--partitions', '1');
      await jars.run(`${TOOLS}.ProducerPerformance`, [
        ...[
          '--topic',
          'txn-perf',
          '--num-records',
          '5000',
          '--record-size',
          '100',
          '--throughput',
          '-1',
        ],
        ...[
          '--transactional-id',
          'perf-txn',
          '--transaction-duration-ms',
          '200',
          '--producer-props',
          `bootstrap.servers=${address}`,
        ],
      ]);
      const transactions = (...args: string[]): Promise<string> =>
        jars.run(`${TOOLS}.TransactionsCommand`, [...at, ...args]);
      expectText(await transactions('list'), /perf-txn.*CompleteCommit/);
      expectText(
        await transactions('describe', '--transactional-id', 'perf-txn'),
        'CompleteCommit',
      );
      expectText(
        await transactions('describe-producers', '--topic', 'txn-perf', '--partition', '0'),
        /ProducerId/,
      );
      await transactions('find-hanging', '--broker-id', '1');
    });
    await checks.check(
      'cluster: id, api versions, quorum, features, log dirs, election, reassignment',
      async () => {
        expectText(
          await jars.run(`${TOOLS}.ClusterTool`, ['cluster-id', ...at]),
          /Cluster ID: \S{22}/,
        );
        expectText(await jars.run(`${TOOLS}.BrokerApiVersionsCommand`, at), /Produce\(0\)/);
        expectText(
          await jars.run(`${TOOLS}.MetadataQuorumCommand`, [...at, 'describe', '--status']),
          /LeaderId:\s+1/,
        );
        expectText(await jars.run(`${TOOLS}.FeatureCommand`, [...at, 'describe']), /Feature: /);
        expectText(
          await jars.run(`${TOOLS}.LogDirsCommand`, [...at, '--describe']),
          /"partition":"tools-0"/,
        );
        await jars.run(`${TOOLS}.LeaderElectionCommand`, [
          ...at,
          '--election-type',
          'preferred',
          '--all-topic-partitions',
        ]);
        await jars.run(`${TOOLS}.reassign.ReassignPartitionsCommand`, [...at, '--list']);
      },
    );
    await checks.check('levels of loggers, client metrics', async () => {
      const loggers = ['--entity-type', 'broker-loggers', '--entity-name', '1'];
      await configs('--alter', ...loggers, '--add-config', 'kafka.server=WARN');
      expectText(await configs('--describe', ...loggers), /kafka\.server=WARN/);
      await configs('--alter', ...loggers, '--delete-config', 'kafka.server');
      const clientMetrics = (...args: readonly string[]): Promise<string> =>
        jars.run(`${TOOLS}.ClientMetricsCommand`, [...at, '--name', 'all', ...args]);
      await clientMetrics('--alter', '--metrics', 'org.apache.kafka.', '--interval', '60000');
      expectText(await clientMetrics('--describe'), /interval\.ms=60000/);
    });
    await checks.check('end-to-end latency, streams application reset', async () => {
      const latency = [address, 'tools', '50', 'all', '100'];
      expectText(await jars.run(`${TOOLS}.EndToEndLatency`, latency), /Percentiles: 50th/);
      expectText(
        await jars.run(`${TOOLS}.StreamsResetter`, [
          ...[...at, '--application-id', 'reset', '--input-topics', 'tools', '--force'],
        ]),
        /Topic: tools Partition: 0 Offset: \d+/,
      );
    });
    await checks.check('dump-log: log, indexes, transaction index', async () => {
      const folder = join(logFolder, 'txn-perf-0');
      const dump = (...files: string[]): Promise<string> =>
        jars.run('kafka.tools.DumpLogSegments', [
          '--files',
          files.map((file) => join(folder, file)).join(','),
        ]);
      const files = readdirSync(folder);
      const log = files.find((file) => file.endsWith('.log')) ?? '';
      expectText(
        await jars.run('kafka.tools.DumpLogSegments', [
          '--deep-iteration',
          '--files',
          join(folder, log),
        ]),
        /isTransactional: true[\s\S]*endTxnMarker: COMMIT/,
      );
      const indexes = files.filter((file) => /\.(index|timeindex|txnindex)$/.test(file));
      const said = await dump(...indexes);
      expectText(said, 'Dumping');
      if (/mismatch|not monotonically|corrupt/i.test(said)) throw new Error(said);
    });
    for (const [topic, decoder, pattern] of [
      ['__consumer_offsets', '--offsets-decoder', /"group":"verifying"/],
      ['__transaction_state', '--transaction-log-decoder', /perf-txn/],
    ] as const) {
      await checks.check(`dump-log: ${topic} decoded`, async () => {
        const logs = readdirSync(logFolder)
          .filter((name) => name.startsWith(`${topic}-`))
          .flatMap((name) =>
            readdirSync(join(logFolder, name))
              .filter((file) => file.endsWith('.log'))
              .map((file) => join(logFolder, name, file)),
          );
        expectText(
          await jars.run('kafka.tools.DumpLogSegments', [decoder, '--files', logs.join(',')]),
          pattern,
        );
      });
    }
    return checks.outcomes;
  },
};
