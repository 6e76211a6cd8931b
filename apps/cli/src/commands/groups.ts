import { nearestName } from '@millrace/config';
import type { CommittedOffset, GroupDescription, KafkaClient } from '@millrace/kafka-client';
import { unknownInLog } from '../errors.ts';
import { withLog } from '../log/log-access.ts';
import { table } from '../table.ts';
import { answering, type Command } from './command.ts';
import { LOG_OPTIONS } from './log-options.ts';

const listGroups = answering((call) =>
  withLog(call, async ({ admin }) => {
    const groups = [...(await admin.listGroups())].sort((left, right) =>
      left.groupId < right.groupId ? -1 : 1,
    );
    const json = groups.map(({ groupId, state, protocolType }) => ({
      group: groupId,
      state,
      protocol_type: protocolType,
    }));
    const rows = json.map(({ group, state, protocol_type: type }) => [group, state, type]);
    return { json, text: table(['GROUP', 'STATE', 'TYPE'], rows) };
  }),
);

const describeGroup = answering((call) =>
  withLog(call, async (client) => {
    const name = call.operands[0] ?? '';
    const group = await findGroup(client, name);
    const committed = await client.admin.listGroupOffsets(name);
    const partitions = await lagOf(client, committed, group);
    const members = group.members.map(({ memberId, clientId, clientHost, assignment }) => ({
      member: memberId,
      client: clientId,
      host: clientHost,
      partitions: assignment.map(({ topic, partition }) => `${topic}-${partition}`),
    }));
    const json = { group: name, state: group.state, protocol: group.protocol, members, partitions };
    const rows = partitions.map(({ topic, partition, offset, end, lag, client: owner }) =>
      [topic, partition, offset, end, lag, owner ?? '-'].map(String),
    );
    const titles = ['TOPIC', 'PARTITION', 'OFFSET', 'END', 'LAG', 'CLIENT'];
    const head = `${name}: ${group.state}, members: ${members.length}`;
    return { json, text: rows.length === 0 ? head : `${head}\n${table(titles, rows)}` };
  }),
);

/** Unknown groups are described as dead: one that is dead and not listed is none. */
async function findGroup({ admin }: KafkaClient, name: string): Promise<GroupDescription> {
  const names = (await admin.listGroups()).map(({ groupId }) => groupId);
  const [group] = names.includes(name) ? await admin.describeGroups([name]) : [];
  if (group === undefined) throw unknownInLog('group', name, nearestName(name, names));
  return group;
}

interface Lag {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly end: number;
  readonly lag: number;
  readonly client: string | null;
}

async function lagOf(
  { admin }: KafkaClient,
  committed: readonly CommittedOffset[],
  { members }: GroupDescription,
): Promise<readonly Lag[]> {
  const topics = new Set(
    (await admin.describeTopics([...new Set(committed.map(({ topic }) => topic))])).map(
      ({ name }) => name,
    ),
  );
  // Of topics that were deleted there is an offset, but no end.
  const alive = committed.filter(({ topic }) => topics.has(topic));
  const ends = await admin.listOffsets(
    alive.map(({ topic, partition }) => ({ topic, partition, timestamp: 'latest' })),
  );
  return alive
    .map(({ topic, partition, offset }) => {
      const isThis = (each: { readonly topic: string; readonly partition: number }): boolean =>
        each.topic === topic && each.partition === partition;
      const end = ends.find(isThis)?.offset ?? offset;
      const owner = members.find(({ assignment }) => assignment.some(isThis));
      const lag = Math.max(0, end - offset);
      return { topic, partition, offset, end, lag, client: owner?.clientId ?? null };
    })
    .sort((left, right) =>
      left.topic === right.topic
        ? left.partition - right.partition
        : left.topic < right.topic
          ? -1
          : 1,
    );
}

export const groupCommands: readonly Command[] = [
  {
    name: 'groups list',
    summary: 'consumer groups, those of sink connectors among them',
    options: LOG_OPTIONS,
    run: listGroups,
  },
  {
    name: 'groups describe',
    operands: 'GROUP',
    least: 1,
    most: 1,
    summary: 'how far a group has come, and who reads',
    options: LOG_OPTIONS,
    run: describeGroup,
  },
];
