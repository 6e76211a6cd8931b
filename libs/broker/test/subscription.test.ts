import { expect, test } from '@jest/globals';
import { encodeVersioned, messages } from '@millrace/kafka-protocol';
import { emptyGroup, NOTHING, type GroupState } from '../src/groups/classic/group-state.ts';
import { isClassicSubscriber } from '../src/groups/classic/subscription.ts';

function groupWith(metadata: Uint8Array): GroupState {
  const group = emptyGroup('g', 0);
  group.phase = 'Stable';
  group.protocolType = 'consumer';
  group.protocolName = 'range';
  group.members.set('m', {
    memberId: 'm',
    instanceId: null,
    clientId: 'c',
    clientHost: '/127.0.0.1',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    protocols: [{ name: 'range', metadata }],
    assignment: NOTHING,
    sessionDeadlineMs: 0,
    waitingJoin: undefined,
    waitingSync: undefined,
    hasSynced: true,
  });
  return group;
}

const subscription = (version: number, topics: string[]): Uint8Array =>
  encodeVersioned(messages.consumerProtocolSubscription, version, { topics, userData: null });

test('a member subscribes to what its metadata names, in any version', () => {
  for (const version of [0, 1, 2, 3]) {
    expect(isClassicSubscriber(groupWith(subscription(version, ['a'])), 'a')).toBe(true);
    expect(isClassicSubscriber(groupWith(subscription(version, ['a'])), 'b')).toBe(false);
  }
});

test('metadata that names a version and leaves out what it brought is read all the same', () => {
  const bare = subscription(0, ['a']);
  bare[1] = 1; // platformatic's client sends this
  expect(isClassicSubscriber(groupWith(bare), 'a')).toBe(true);
  expect(isClassicSubscriber(groupWith(bare), 'b')).toBe(false);
});

test('of metadata that can’t be read everything is feared', () => {
  expect(isClassicSubscriber(groupWith(Uint8Array.of(0, 0, 1)), 'a')).toBe(true);
});
