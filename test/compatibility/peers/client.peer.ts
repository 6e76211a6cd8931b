/**
 * Our client against a broker of others, named by `MILLRACE_PEER_BOOTSTRAP` (Apache Kafka, or any other):
 *
 *     MILLRACE_PEER_BOOTSTRAP=127.0.0.1:9092 npm run jest -- --testMatch '**\/peers/*.peer.ts'
 *
 * `MILLRACE_PEER_LACKS` lists, by commas, what the peer can't do: `idempotence`, `transactions`, `classic`,
 * `consumer`, `admin`. Apache Kafka 4.1 and Millrace lack nothing. librdkafka's mock cluster lacks all of
 * them: it remembers no sequences, its markers have no CRC, it can't read the JoinGroup 6 that it advertises,
 * refuses heartbeats once a consumer group has two members, and knows no features.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { MillraceError, silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import {
  KafkaClient,
  parseBootstrap,
  TcpTransport,
  type BrokerAddress,
  type Connection,
  type ConsumedRecord,
  type ProducerRecord,
  type Transport,
} from '@millrace/kafka-client';

const BOOTSTRAP = process.env['MILLRACE_PEER_BOOTSTRAP'];
const LACKS = new Set((process.env['MILLRACE_PEER_LACKS'] ?? '').split(','));
const TIMEOUT_MS = 120_000;
const NO_MEMBER = { generationId: -1, memberId: '', groupInstanceId: null };

const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
const tcp = new TcpTransport({ clientId: 'peer-test', ...ports });
const run = `${process.pid}-${systemClock.nowMs()}`;
type Define = (name: string, run: () => Promise<void>, timeoutMs: number) => void;
const can = (what: string): Define => (LACKS.has(what) ? (): void => undefined : test);

/** Every connection is lost after a while, at any point of any request. */
class FlakyTransport implements Transport {
  lossCount = 0;

  async connect(address: BrokerAddress, signal: AbortSignal): Promise<Connection> {
    const connection = await tcp.connect(address, signal);
    const over = new AbortController();
    connection.closed.addEventListener('abort', () => over.abort(), { once: true });
    systemClock.sleep(systemRandom.nextInt(120), over.signal).then(
      () => {
        this.lossCount += 1;
        void connection.close();
      },
      () => undefined, // it was closed before
    );
    return connection;
  }
}

const clients: KafkaClient[] = [];

function open(transport: Transport): KafkaClient {
  const client = new KafkaClient({
    bootstrap: parseBootstrap(BOOTSTRAP ?? ''),
    transport,
    ...ports,
    retryBackoffMs: 5,
    retryBackoffMaxMs: 50,
    reconnectBackoffMs: 1,
    reconnectBackoffMaxMs: 10,
  });
  clients.push(client);
  return client;
}

/** A peer without CreateTopics makes topics when they are first asked for, with four partitions. */
async function createTopic(client: KafkaClient, name: string, partitions: number): Promise<void> {
  try {
    await client.admin.createTopics([{ name, partitions }]);
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'client.api_not_served') throw error;
  }
}

function record(topic: string, value: string, partition: number): ProducerRecord {
  return {
    topic,
    partition,
    key: null,
    value: Buffer.from(value),
    timestampMs: null,
    headers: [],
  };
}

const textOf = ({ value }: ConsumedRecord): string => Buffer.from(value ?? []).toString();

async function read(
  client: KafkaClient,
  topic: string,
  count: number,
  isolationLevel: 'read_committed' | 'read_uncommitted',
): Promise<ConsumedRecord[]> {
  await using reader = client.reader({ topic, isolationLevel });
  const records: ConsumedRecord[] = [];
  while (records.length < count) records.push(...(await reader.poll({ timeoutMs: 1_000 })));
  await reader.readToEnd((more) => void records.push(...more));
  return records;
}

describe('our client against a broker of others', () => {
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
  });

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'records come back whole (%s)',
    async (compression) => {
      const topic = `peer-codec-${compression}-${run}`;
      const client = open(tcp);
      await createTopic(client, topic, 1);
      await using producer = client.producer({ compression });
      const values = Array.from({ length: 500 }, (_, n) => `value ${n}`);
      const { delivered } = await producer.send(values.map((value) => record(topic, value, 0)));
      expect(await delivered).toEqual({ failures: [] });
      const back = await read(client, topic, values.length, 'read_uncommitted');
      expect(back.map(textOf)).toEqual(values);
    },
    TIMEOUT_MS,
  );

  can('idempotence')(
    'nothing is lost, doubled or reordered while connections are lost',
    async () => {
      const topic = `peer-idempotent-${run}`;
      const client = open(tcp);
      await createTopic(client, topic, 2);
      const flaky = new FlakyTransport();
      await using producer = open(flaky).producer({ lingerMs: 0, batchBytes: 200 });
      let sent = 0;
      for (const endMs = systemClock.monotonicMs() + 8_000; systemClock.monotonicMs() < endMs;) {
        const records = Array.from({ length: 20 }, () => record(topic, String(sent++), sent % 2));
        const { delivered } = await producer.send(records);
        expect(await delivered).toEqual({ failures: [] });
      }
      const back = await read(client, topic, sent, 'read_uncommitted');
      expect(flaky.lossCount).toBeGreaterThan(10);
      expect(back).toHaveLength(sent);
      for (const partition of [0, 1]) {
        const numbers = back
          .filter((one) => one.partition === partition)
          .map((one) => Number(textOf(one)));
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      }
    },
    TIMEOUT_MS,
  );

  can('transactions')(
    'transactions are whole or absent while connections are lost',
    async () => {
      const topic = `peer-transactions-${run}`;
      const client = open(tcp);
      await createTopic(client, topic, 3);
      const flaky = new FlakyTransport();
      await using producer = open(flaky).transactionalProducer({
        transactionalId: topic,
        lingerMs: 0,
        batchBytes: 200,
      });
      await producer.initTransactions();
      const group = { groupId: `${topic}-group`, ...NO_MEMBER };
      const committed: string[] = [];
      let rounds = 0;
      for (const endMs = systemClock.monotonicMs() + 8_000; systemClock.monotonicMs() < endMs;) {
        const values = Array.from({ length: 9 }, (_, n) => `${rounds}/${n}`);
        rounds += 1;
        producer.beginTransaction();
        await producer.send(values.map((value, n) => record(topic, value, n % 3)));
        const offset = { topic, partition: 0, offset: rounds };
        await producer.sendOffsetsToTransaction([offset], group);
        if (rounds % 5 === 0) await producer.abortTransaction();
        else {
          await producer.commitTransaction();
          committed.push(...values);
        }
      }
      const back = await read(client, topic, committed.length, 'read_committed');
      expect(flaky.lossCount).toBeGreaterThan(10);
      expect(back.map(textOf).sort()).toEqual([...committed].sort());
    },
    TIMEOUT_MS,
  );

  for (const groupProtocol of ['classic', 'consumer'] as const) {
    can(groupProtocol)(
      `two consumers share the partitions and take over (${groupProtocol})`,
      async () => {
        const topic = `peer-group-${groupProtocol}-${run}`;
        const client = open(tcp);
        await createTopic(client, topic, 4);
        await using producer = client.producer();
        await producer.send(Array.from({ length: 40 }, (_, n) => record(topic, String(n), n % 4)));
        await producer.flush();
        const seen: string[] = [];
        const join = (): ReturnType<KafkaClient['consumer']> =>
          client.consumer({
            groupId: topic,
            topics: [topic],
            groupProtocol,
            autoOffsetReset: 'earliest',
            heartbeatIntervalMs: 500,
            assignors: ['cooperative-sticky'],
          });
        const step = async (consumer: ReturnType<typeof join>): Promise<void> => {
          for (const one of await consumer.poll({ timeoutMs: 100 })) {
            seen.push(textOf(one));
            await consumer.commit([{ topic, partition: one.partition, offset: one.offset + 1 }]);
          }
        };
        const first = join();
        while (first.assignment().length < 4 || seen.length < 40) await step(first);
        await using second = join();
        while (second.assignment().length !== 2 || first.assignment().length !== 2) {
          await Promise.all([step(first), step(second)]);
        }
        await first.close();
        while (second.assignment().length < 4) await step(second);
        expect(seen.sort((a, b) => Number(a) - Number(b))).toEqual(
          Array.from({ length: 40 }, (_, n) => String(n)),
        );
      },
      TIMEOUT_MS,
    );
  }

  can('admin')(
    'administrators see features, the quorum and transactions',
    async () => {
      const { operations } = open(tcp);
      const features = await operations.describeFeatures();
      expect(features.map(({ name }) => name)).toContain('metadata.version');
      expect((await operations.describeQuorum()).voters.length).toBeGreaterThan(0);
      const transactions = await operations.listTransactions();
      expect(Array.isArray(transactions)).toBe(true);
    },
    TIMEOUT_MS,
  );
});
