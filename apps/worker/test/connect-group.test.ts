import { expect, test } from '@jest/globals';
import { silentLogger, systemClock, type Clock } from '@millrace/foundation';
import type { GroupDescription } from '@millrace/kafka-client';
import { untilGroupIsFree } from '../src/connect-group.ts';

function groupOf(protocolType: string, count: number): GroupDescription {
  const member = { memberId: 'm', groupInstanceId: null, clientId: 'c', clientHost: 'h' };
  const members = Array.from({ length: count }, () => member);
  // What the watch does not look at is left out.
  return { groupId: 'g', state: 'Stable', protocolType, members } as unknown as GroupDescription;
}

function watch(
  answers: readonly (GroupDescription | Error)[],
): Parameters<typeof untilGroupIsFree>[0] & { readonly asked: () => number } {
  let asked = 0;
  let nowMs = 0;
  const clock: Clock = {
    ...systemClock,
    monotonicMs: () => nowMs,
    sleep: (ms) => {
      nowMs += ms;
      return Promise.resolve();
    },
  };
  return {
    admin: {
      describeGroups: () => {
        const answer = answers[Math.min(asked++, answers.length - 1)];
        return answer instanceof Error
          ? Promise.reject(answer)
          : Promise.resolve(answer === undefined ? [] : [answer]);
      },
    },
    groupId: 'g',
    log: silentLogger,
    signal: new AbortController().signal,
    clock,
    asked: () => asked,
  };
}

test('workers of Kafka Connect in the group are waited for', async () => {
  const two = watch([groupOf('connect', 2), groupOf('connect', 1), groupOf('connect', 0)]);
  await untilGroupIsFree(two);
  expect(two.asked()).toBe(3);
});

test('workers of Kafka Connect that stay keep this one from running everything twice', async () => {
  await expect(untilGroupIsFree(watch([groupOf('connect', 1)]))).rejects.toMatchObject({
    code: 'worker.group_in_use',
  });
});

test('other groups of that name, none, and a cluster that does not tell are no hindrance', async () => {
  await untilGroupIsFree(watch([groupOf('consumer', 3)]));
  await untilGroupIsFree(watch([]));
  await untilGroupIsFree(watch([new Error('not authorised')]));
});
