import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Consumer as PlatformaticConsumer, MessagesStreamModes } from '@platformatic/kafka';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import {
  KafkaClient,
  parseBootstrap,
  TcpTransport,
  type AssignorName,
} from '@millrace/kafka-client';
import { findTool, startMillrace, type MillraceServer } from '@millrace/test-servers';
import { AssignerProtocol, Kafka, logLevel, type PartitionAssigner } from 'kafkajs';

/*
 * Clients of several libraries as members of one group: each reads what the others' assignors give it, whoever leads,
 * and what a member leaves behind is read by the others.
 */
const PARTITIONS = 6;
const WAIT_MS_MAX = 60_000;

let folder = '';
let worker: MillraceServer;
let client: KafkaClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-mixed-'));
  worker = await startMillrace({
    folder,
    settings: {
      'broker.group.initial.rebalance.delay.ms': '0',
      'broker.group.consumer.heartbeat.interval.ms': '500',
      'broker.group.consumer.min.heartbeat.interval.ms': '100',
    },
  });
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  const transport = new TcpTransport({ clientId: 'millrace', ...ports });
  client = new KafkaClient({ bootstrap: parseBootstrap(worker.log), transport, ...ports });
}, 60_000);

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await worker.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Member {
  readonly name: string;
  readonly seen: string[];
  close(): Promise<void>;
}

type Start = (groupId: string, topic: string) => Promise<Member>;

/** KafkaJS has no assignor that others know; this is the range assignor of all of them. */
const range: PartitionAssigner = ({ cluster }) => ({
  name: 'range',
  version: 0,
  assign: ({ members, topics }) => {
    const sorted = members.map(({ memberId }) => memberId).sort();
    const assignments = new Map(sorted.map((memberId) => [memberId, new Map<string, number[]>()]));
    for (const topic of topics) {
      const partitions = cluster.findTopicPartitionMetadata(topic).map((each) => each.partitionId);
      partitions.sort((left, right) => left - right);
      const each = Math.floor(partitions.length / sorted.length);
      const more = partitions.length % sorted.length;
      for (const [index, memberId] of sorted.entries()) {
        const from = index * each + Math.min(index, more);
        const count = each + (index < more ? 1 : 0);
        assignments.get(memberId)?.set(topic, partitions.slice(from, from + count));
      }
    }
    return Promise.resolve(
      sorted.map((memberId) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: 0,
          assignment: Object.fromEntries(assignments.get(memberId) ?? []),
          userData: Buffer.alloc(0),
        }),
      })),
    );
  },
  protocol: ({ topics }) => ({
    name: 'range',
    metadata: AssignerProtocol.MemberMetadata.encode({
      ...{ version: 0, topics, userData: Buffer.alloc(0) },
    }),
  }),
});

const kafkaJs: Start = async (groupId, topic) => {
  const seen: string[] = [];
  const kafka = new Kafka({ brokers: [worker.log], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({
    ...{ groupId, partitionAssigners: [range], heartbeatInterval: 300, maxWaitTimeInMs: 200 },
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      seen.push(message.value?.toString() ?? '');
      return Promise.resolve();
    },
  });
  return { name: 'kafkajs', seen, close: () => consumer.disconnect() };
};

function kcat(strategy: string): Start {
  return (groupId, topic) => {
    const seen: string[] = [];
    const settings = [
      `partition.assignment.strategy=${strategy}`,
      'auto.offset.reset=earliest',
      'heartbeat.interval.ms=300',
    ];
    const process = spawn(
      findTool('kcat', 'kcat'),
      [
        ...['-b', worker.log, '-q', '-u', ...settings.flatMap((setting) => ['-X', setting])],
        ...['-G', groupId, topic],
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    let rest = '';
    process.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      seen.push(...lines);
    });
    const ended = once(process, 'close');
    const close = async (): Promise<void> => {
      process.kill('SIGINT');
      await ended;
    };
    return Promise.resolve({ name: 'kcat', seen, close });
  };
}

function ours(
  options: { readonly assignors?: AssignorName[]; readonly groupProtocol?: 'consumer' } = {},
): Start {
  return (groupId, topic) => {
    const seen: string[] = [];
    const consumer = client.consumer({
      ...{ groupId, topics: [topic], autoOffsetReset: 'earliest', heartbeatIntervalMs: 300 },
      ...options,
    });
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const records = await consumer.poll({ timeoutMs: 200 });
        for (const { value } of records) seen.push(Buffer.from(value ?? []).toString());
      }
    };
    const reading = read();
    const close = async (): Promise<void> => {
      stop.abort();
      await reading;
      await consumer.close();
    };
    return Promise.resolve({ name: 'millrace', seen, close });
  };
}

const platformatic: Start = async (groupId, topic) => {
  const seen: string[] = [];
  const consumer = new PlatformaticConsumer({
    ...{ clientId: 'platformatic', bootstrapBrokers: [worker.log], groupId },
    groupProtocol: 'consumer',
  });
  const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST });
  stream.on('data', ({ value }: { readonly value: Buffer }) => seen.push(value.toString()));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      consumer.close(true, () => resolve());
    });
  return { name: 'platformatic', seen, close };
};

async function until(what: string, isDone: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = systemClock.monotonicMs() + WAIT_MS_MAX;
  while (!(await isDone())) {
    if (systemClock.monotonicMs() > endMs) throw new Error(`not reached: ${what}`);
    await systemClock.sleep(50);
  }
}

/** One record to each partition, until all of them were seen by who they belong to. */
async function round(topic: string, name: string, members: readonly Member[]): Promise<void> {
  const producer = client.producer();
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const value = Buffer.from(`${name}-${partition}`);
    const { delivered } = await producer.send([
      { topic, partition, key: null, value, timestampMs: systemClock.nowMs(), headers: [] },
    ]);
    await delivered;
  }
  await producer.close();
  const wanted = Array.from({ length: PARTITIONS }, (_, partition) => `${name}-${partition}`);
  await until(`${name} is read`, () => {
    const seen = new Set(members.flatMap((member) => member.seen));
    return wanted.every((value) => seen.has(value));
  });
}

const GROUPS: readonly {
  readonly what: string;
  readonly starts: readonly Start[];
  readonly isNew?: true;
}[] = [
  ...[0, 1, 2].map((shift) => {
    const starts = [kafkaJs, kcat('range'), ours({ assignors: ['range'] })];
    return {
      what: `KafkaJS, librdkafka and Millrace, led by the ${['first', 'second', 'third'][shift] ?? ''}`,
      starts: [...starts.slice(shift), ...starts.slice(0, shift)],
    };
  }),
  {
    what: 'librdkafka and Millrace, cooperating',
    starts: [kcat('cooperative-sticky'), ours({ assignors: ['cooperative-sticky'] })],
  },
  {
    what: 'Millrace and librdkafka, cooperating',
    starts: [ours({ assignors: ['cooperative-sticky'] }), kcat('cooperative-sticky')],
  },
  {
    what: '@platformatic/kafka and Millrace by KIP-848',
    starts: [platformatic, ours({ groupProtocol: 'consumer' })],
    isNew: true,
  },
];

test.each(GROUPS)(
  'a group of $what: each has its share, and the others take over from who leaves',
  async ({ starts, isNew, what }) => {
    const id = what.replaceAll(/[^a-zA-Z0-9]+/g, '-');
    const groupId = `g-${id}`;
    await client.admin.createTopics([{ name: id, partitions: PARTITIONS }]);
    const sizes = async (): Promise<readonly number[]> => {
      if (isNew === true) {
        const [group] = await client.operations.describeConsumerGroups([groupId]);
        return group?.state === 'Stable'
          ? group.members.map(({ assignment }) => assignment.length)
          : [];
      }
      const [group] = await client.admin.describeGroups([groupId]);
      return group?.state === 'Stable'
        ? group.members.map(({ assignment }) => assignment.length)
        : [];
    };
    const members: Member[] = [];
    const share = async (): Promise<void> => {
      const each = PARTITIONS / members.length;
      const wanted = members.map(() => each).join();
      await until(`${wanted} partitions`, async () => (await sizes()).join() === wanted);
    };
    try {
      for (const start of starts) {
        members.push(await start(groupId, id));
        // In this order, so that the first one leads.
        await until('it is a member', async () => (await sizes()).length === members.length);
      }
      await share();
      await round(id, 'all', members);
      for (const { name, seen } of members)
        expect([name, seen.length]).toEqual([name, PARTITIONS / members.length]);
      const [leader] = members.splice(0, 1);
      await leader?.close();
      await share();
      await round(id, 'rest', members);
      const read = members.flatMap(({ seen }) => seen).filter((value) => value.startsWith('rest'));
      expect(read).toHaveLength(PARTITIONS);
    } finally {
      await Promise.all(members.map((member) => member.close()));
    }
  },
  180_000,
);
