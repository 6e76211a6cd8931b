import { describe, expect, test } from '@jest/globals';
import {
  apis,
  ErrorCode,
  type JoinGroupRequestInput,
  type JoinGroupResponse,
} from '@millrace/kafka-protocol';
import { batchOf, BrokerContext, TRANSPORTS, type RawClient } from './broker-context.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const textOf = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString();

function joinRequest(
  groupId: string,
  memberId: string,
  more: Partial<JoinGroupRequestInput> = {},
): JoinGroupRequestInput {
  return {
    groupId,
    memberId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: bytes(`of ${memberId}`) }],
    ...more,
  };
}

/** Both steps of a newcomer: get an id, then join with it. */
async function join(
  client: RawClient,
  groupId: string,
  more: Partial<JoinGroupRequestInput> = {},
): Promise<JoinGroupResponse> {
  const { errorCode, memberId } = await client.ask(apis.joinGroup, joinRequest(groupId, '', more));
  expect(errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED);
  return client.ask(apis.joinGroup, joinRequest(groupId, memberId, more));
}

async function sync(
  client: RawClient,
  groupId: string,
  joined: JoinGroupResponse,
  assignments: Readonly<Record<string, string>> = {},
): Promise<{ errorCode: number; assignment: Uint8Array }> {
  return client.ask(apis.syncGroup, {
    groupId,
    generationId: joined.generationId,
    memberId: joined.memberId,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: Object.entries(assignments).map(([memberId, assignment]) => ({
      memberId,
      assignment: bytes(assignment),
    })),
  });
}

async function heartbeat(
  client: RawClient,
  groupId: string,
  joined: JoinGroupResponse,
): Promise<number> {
  const { generationId, memberId } = joined;
  return (await client.ask(apis.heartbeat, { groupId, generationId, memberId })).errorCode;
}

async function commit(
  client: RawClient,
  groupId: string,
  offset: number,
  joined?: { generationId: number; memberId: string },
): Promise<number | undefined> {
  const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: 'note' }];
  const { topics } = await client.ask(apis.offsetCommit, {
    groupId,
    generationIdOrMemberEpoch: joined?.generationId ?? -1,
    memberId: joined?.memberId ?? '',
    topics: [{ name: 'input', partitions }],
  });
  return topics[0]?.partitions[0]?.errorCode;
}

async function committed(client: RawClient, groupId: string): Promise<unknown> {
  const { groups } = await client.ask(apis.offsetFetch, {
    groups: [{ groupId, topics: [{ name: 'input', partitionIndexes: [0] }] }],
  });
  const [partition] = groups[0]?.topics[0]?.partitions ?? [];
  return [partition?.errorCode, partition?.committedOffset, partition?.metadata];
}

async function open(): Promise<BrokerContext> {
  const context = await BrokerContext.open();
  const client = await context.client('in-process');
  await client.createTopic('input');
  await client.produce('input', batchOf(['a', 'b', 'c']));
  return context;
}

describe.each(TRANSPORTS)('groups over %s', (kind) => {
  test('members join, share the leader’s assignment, rebalance and leave', async () => {
    await using context = await open();
    const one = await context.client(kind);
    const two = await context.client(kind);
    const first = await join(one, 'g');
    expect(first).toMatchObject({ errorCode: 0, generationId: 1, leader: first.memberId });
    expect(first.memberId).toMatch(/^test-[0-9a-f-]{36}$/);
    expect(first.members).toMatchObject([{ memberId: first.memberId }]);
    expect((await sync(one, 'g', first, { [first.memberId]: 'all' })).assignment).toEqual(
      expect.objectContaining({}),
    );
    expect(await heartbeat(one, 'g', first)).toBe(0);

    const joining = join(two, 'g');
    await until(async () => (await heartbeat(one, 'g', first)) === ErrorCode.REBALANCE_IN_PROGRESS);
    const again = await one.ask(apis.joinGroup, joinRequest('g', first.memberId));
    const second = await joining;
    expect(again).toMatchObject({ generationId: 2, leader: first.memberId });
    expect(again.members.map(({ memberId }) => memberId).sort()).toEqual(
      [first.memberId, second.memberId].sort(),
    );
    expect(second.members).toEqual([]);
    const waiting = sync(two, 'g', second);
    const shares = { [first.memberId]: 'mine', [second.memberId]: 'yours' };
    expect(textOf((await sync(one, 'g', again, shares)).assignment)).toBe('mine');
    expect(textOf((await waiting).assignment)).toBe('yours');
    expect(await heartbeat(one, 'g', first)).toBe(ErrorCode.ILLEGAL_GENERATION);

    const described = await one.ask(apis.describeGroups, { groups: ['g', 'none'] });
    expect(described.groups[0]).toMatchObject({
      groupState: 'Stable',
      protocolType: 'consumer',
      protocolData: 'range',
    });
    expect(
      described.groups[0]?.members.map(({ memberAssignment }) => textOf(memberAssignment)).sort(),
    ).toEqual(['mine', 'yours']);
    expect(described.groups[1]?.errorCode).toBe(ErrorCode.GROUP_ID_NOT_FOUND);

    const left = await two.ask(apis.leaveGroup, {
      groupId: 'g',
      members: [{ memberId: second.memberId }, { memberId: 'nobody' }],
    });
    expect(left.members.map(({ errorCode }) => errorCode)).toEqual([
      0,
      ErrorCode.UNKNOWN_MEMBER_ID,
    ]);
    expect(await heartbeat(one, 'g', again)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  });

  test('only the present generation commits, and what it commits is read back', async () => {
    await using context = await open();
    const client = await context.client(kind);
    expect(await committed(client, 'g')).toEqual([0, -1, '']);
    const member = await join(client, 'g');
    await sync(client, 'g', member, { [member.memberId]: 'all' });
    expect(await commit(client, 'g', 2, member)).toBe(0);
    expect(await committed(client, 'g')).toEqual([0, 2, 'note']);
    expect(await commit(client, 'g', 3, { ...member, generationId: 7 })).toBe(
      ErrorCode.ILLEGAL_GENERATION,
    );
    expect(await commit(client, 'g', 3, { ...member, memberId: 'other' })).toBe(
      ErrorCode.UNKNOWN_MEMBER_ID,
    );
    expect(await commit(client, 'g', 3)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(await commit(client, 'unknown', 3, member)).toBe(ErrorCode.GROUP_ID_NOT_FOUND);
    expect(await committed(client, 'g')).toEqual([0, 2, 'note']);
  });

  test('a consumer without members commits by itself', async () => {
    await using context = await open();
    const client = await context.client(kind);
    expect(await commit(client, 'simple', 3)).toBe(0);
    expect(await committed(client, 'simple')).toEqual([0, 3, 'note']);
    const { groups } = await client.ask(apis.offsetFetch, { groups: [{ groupId: 'simple' }] });
    expect(groups[0]?.topics).toMatchObject([{ name: 'input' }]);
    const long = await client.ask(apis.offsetCommit, {
      groupId: 'simple',
      topics: [
        {
          name: 'input',
          partitions: [
            { partitionIndex: 0, committedOffset: 1, committedMetadata: 'x'.repeat(5000) },
            { partitionIndex: 9, committedOffset: 1 },
          ],
        },
      ],
    });
    expect(long.topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([
      ErrorCode.OFFSET_METADATA_TOO_LARGE,
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ]);
  });

  test('offsets and groups are there after a restart, and after a kill', async () => {
    await using context = await open();
    let client = await context.client(kind);
    const member = await join(client, 'g');
    await sync(client, 'g', member, { [member.memberId]: 'all' });
    await commit(client, 'g', 2, member);
    const killed = await context.openAfterKill();
    expect(await committed(await killed.client(kind), 'g')).toEqual([0, 2, 'note']);
    await context.restart();
    client = await context.client(kind);
    expect(await committed(client, 'g')).toEqual([0, 2, 'note']);
    if (kind === 'in-process') {
      // The member ended with its process: its successor waits for nobody.
      const successor = await join(client, 'g');
      expect(successor.members.map(({ memberId }) => memberId)).toEqual([successor.memberId]);
      return;
    }
    expect(await heartbeat(client, 'g', member)).toBe(0);
    const again = await sync(client, 'g', member);
    expect([again.errorCode, textOf(again.assignment)]).toEqual([0, 'all']);
  });

  test('a static member that comes back keeps its share, and its former self is fenced', async () => {
    await using context = await open();
    const client = await context.client(kind);
    const request = joinRequest('g', '', {
      groupInstanceId: 'fixed',
      protocols: [{ name: 'range', metadata: bytes('same') }],
    });
    const first = await client.ask(apis.joinGroup, request);
    expect(first).toMatchObject({ errorCode: 0, generationId: 1 });
    await sync(client, 'g', first, { [first.memberId]: 'share' });
    const back = await client.ask(apis.joinGroup, request);
    expect(back).toMatchObject({ errorCode: 0, generationId: 1, skipAssignment: true });
    expect(back.memberId).not.toBe(first.memberId);
    expect(textOf((await sync(client, 'g', back)).assignment)).toBe('share');
    const stale = await client.ask(apis.heartbeat, {
      groupId: 'g',
      generationId: 1,
      memberId: first.memberId,
      groupInstanceId: 'fixed',
    });
    expect(stale.errorCode).toBe(ErrorCode.FENCED_INSTANCE_ID);
  });

  test('groups of another protocol type are led the same way', async () => {
    await using context = await open();
    const client = await context.client(kind);
    const more = {
      protocolType: 'connect',
      protocols: [{ name: 'sessioned', metadata: bytes('url') }],
    };
    const member = await join(client, 'workers', more);
    expect(member).toMatchObject({
      errorCode: 0,
      protocolType: 'connect',
      protocolName: 'sessioned',
    });
    const stranger = await client.ask(apis.joinGroup, joinRequest('workers', ''));
    expect(stranger.errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    const { groups } = await client.ask(apis.listGroups, {});
    expect(groups).toMatchObject([
      { groupId: 'workers', protocolType: 'connect', groupType: 'classic' },
    ]);
    expect((await client.ask(apis.listGroups, { statesFilter: ['Empty'] })).groups).toEqual([]);
  });

  test('a member that is silent for longer than its session is given up', async () => {
    await using context = await open();
    const client = await context.client(kind);
    const other = await context.client(kind);
    const silent = await join(client, 'g', { sessionTimeoutMs: 150, rebalanceTimeoutMs: 150 });
    await sync(client, 'g', silent, { [silent.memberId]: 'all' });
    const next = await join(other, 'g');
    expect(next).toMatchObject({ errorCode: 0, leader: next.memberId });
    expect(next.members).toHaveLength(1);
    expect(await heartbeat(client, 'g', silent)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('only a group without members is deleted', async () => {
    await using context = await open();
    const client = await context.client(kind);
    const member = await join(client, 'busy');
    await commit(client, 'idle', 1);
    const { results } = await client.ask(apis.deleteGroups, {
      groupsNames: ['busy', 'idle', 'none'],
    });
    expect(results.map(({ errorCode }) => errorCode)).toEqual([
      ErrorCode.NON_EMPTY_GROUP,
      0,
      ErrorCode.GROUP_ID_NOT_FOUND,
    ]);
    await client.ask(apis.leaveGroup, {
      groupId: 'busy',
      members: [{ memberId: member.memberId }],
    });
    const again = await client.ask(apis.deleteGroups, { groupsNames: ['busy'] });
    expect(again.results[0]?.errorCode).toBe(0);
    await context.restart();
    const { groups } = await (await context.client(kind)).ask(apis.listGroups, {});
    expect(groups).toEqual([]);
  });

  test('requests that make no sense are refused', async () => {
    await using context = await open();
    const client = await context.client(kind);
    const ask = async (request: JoinGroupRequestInput): Promise<number> =>
      (await client.ask(apis.joinGroup, request)).errorCode;
    expect(await ask(joinRequest('', ''))).toBe(ErrorCode.INVALID_GROUP_ID);
    expect(await ask(joinRequest('g', 'stranger'))).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(await ask(joinRequest('g', '', { sessionTimeoutMs: 1 }))).toBe(
      ErrorCode.INVALID_SESSION_TIMEOUT,
    );
    expect(await ask(joinRequest('g', '', { protocols: [] }))).toBe(
      ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    );
    expect(
      (await client.ask(apis.heartbeat, { groupId: 'g', generationId: 1, memberId: 'x' }))
        .errorCode,
    ).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('a group that waits is answered when the broker closes', async () => {
    await using context = await open();
    const one = await context.client(kind);
    const two = await context.client(kind);
    const first = await join(one, 'g');
    await sync(one, 'g', first, { [first.memberId]: 'all' });
    const waiting = join(two, 'g').catch((error: unknown) => error);
    await until(async () => (await heartbeat(one, 'g', first)) === ErrorCode.REBALANCE_IN_PROGRESS);
    await context.restart();
    const outcome = await waiting;
    if (!(outcome instanceof Error))
      expect(outcome).toMatchObject({ errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE });
  });
});

/** Each look is an answered request, so that time passes by itself. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; looks < 20_000; looks += 1) if (await condition()) return;
  throw new Error('it did not happen within 20000 looks');
}
