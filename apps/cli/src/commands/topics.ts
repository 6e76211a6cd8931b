import type { PartitionDescription, TopicDescription } from '@millrace/kafka-client';
import { findTopic, offsetsOf } from '../log/topic-lookup.ts';
import { withLog } from '../log/log-access.ts';
import { table } from '../table.ts';
import { answering, type Command } from './command.ts';
import { LOG_OPTIONS } from './log-options.ts';
import { tailCommand } from './topics-tail.ts';

const listTopics = answering((call) =>
  withLog(call, async ({ admin }) => {
    const listed = await admin.listTopics();
    const shown = listed.filter(({ isInternal }) => !isInternal || call.options.all === true);
    const topics = [...(await admin.describeTopics(shown.map(({ name }) => name)))].sort(byName);
    const json = topics.map(({ name, isInternal, partitions }) => ({
      name,
      internal: isInternal,
      partitions: partitions.length,
      replicas: partitions[0]?.replicas.length ?? 0,
    }));
    const rows = json.map((topic) => [
      topic.name,
      String(topic.partitions),
      String(topic.replicas),
      topic.internal ? 'internal' : '',
    ]);
    return { json, text: table(['TOPIC', 'PARTITIONS', 'REPLICAS', ''], rows) };
  }),
);

const describeTopic = answering((call) =>
  withLog(call, async (client) => {
    const topic = await findTopic(client, call.operands[0] ?? '');
    const [earliest, latest] = await Promise.all([
      offsetsOf(client, topic, 'earliest'),
      offsetsOf(client, topic, 'latest'),
    ]);
    const [settings] = await client.admin.describeConfigs([{ type: 'topic', name: topic.name }]);
    const changed = (settings?.entries ?? []).filter(({ isDefault }) => !isDefault);
    const partitions = [...topic.partitions].sort(byNumber).map((each) => ({
      partition: each.partition,
      leader: each.leader,
      replicas: each.replicas,
      isr: each.isr,
      earliest: earliest.get(each.partition) ?? 0,
      latest: latest.get(each.partition) ?? 0,
    }));
    const configs = Object.fromEntries(
      changed.map(({ name, value, isSensitive }) => [name, isSensitive ? '[hidden]' : value]),
    );
    const json = { name: topic.name, internal: topic.isInternal, partitions, configs };
    const rows = partitions.map((each) => [
      String(each.partition),
      String(each.leader),
      each.replicas.join(','),
      each.isr.join(','),
      String(each.earliest),
      String(each.latest),
      String(each.latest - each.earliest),
    ]);
    const titles = ['PARTITION', 'LEADER', 'REPLICAS', 'ISR', 'EARLIEST', 'LATEST', 'OFFSETS'];
    const lines = Object.entries(configs).map(([key, value]) => [key, value ?? '']);
    const text = [
      table(titles, rows),
      ...(lines.length === 0 ? [] : ['', table(['SETTING', 'VALUE'], lines)]),
    ];
    return { json, text: text.join('\n') };
  }),
);

function byName(left: TopicDescription, right: TopicDescription): number {
  return left.name < right.name ? -1 : 1;
}

function byNumber(left: PartitionDescription, right: PartitionDescription): number {
  return left.partition - right.partition;
}

export const topicCommands: readonly Command[] = [
  {
    name: 'topics list',
    summary: 'topics; --all: internal ones too',
    options: [...LOG_OPTIONS, 'all'],
    run: listTopics,
  },
  {
    name: 'topics describe',
    operands: 'TOPIC',
    least: 1,
    most: 1,
    summary: 'partitions with their offsets, and settings that differ from the defaults',
    options: LOG_OPTIONS,
    run: describeTopic,
  },
  tailCommand,
];
