import { expect, test } from '@jest/globals';

import { ErrorCode, errorByCode, errorFromCode } from '../src/error-codes.ts';

test('every code from -1 to 133 has a name and a message, and none has two', () => {
  const codes = Object.values(ErrorCode);
  expect([...codes].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 135 }, (_, index) => index - 1),
  );
  for (const code of codes) expect(errorByCode(code).message).not.toBe('');
});

test.each([
  [ErrorCode.NONE, 0, false],
  [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 3, true],
  [ErrorCode.NOT_LEADER_OR_FOLLOWER, 6, true],
  [ErrorCode.MESSAGE_TOO_LARGE, 10, false],
  [ErrorCode.NOT_COORDINATOR, 16, true],
  [ErrorCode.REBALANCE_IN_PROGRESS, 27, false],
  [ErrorCode.UNSUPPORTED_VERSION, 35, false],
  [ErrorCode.CONCURRENT_TRANSACTIONS, 51, true],
  [ErrorCode.MEMBER_ID_REQUIRED, 79, false],
  [ErrorCode.PRODUCER_FENCED, 90, false],
  [ErrorCode.UNKNOWN_TOPIC_ID, 100, true],
  [ErrorCode.REBOOTSTRAP_REQUIRED, 129, false],
])('code %d is Kafka’s %d, retriable: %s', (code, number, isRetriable) => {
  expect(code).toBe(number);
  expect(errorByCode(code).isRetriable).toBe(isRetriable);
});

test('a code that came after us is not retriable and keeps its number', () => {
  expect(errorByCode(999)).toMatchObject({ code: 999, name: 'ERROR_999', isRetriable: false });
});

test('an answered error becomes one that can be acted on', () => {
  expect(errorFromCode(ErrorCode.TOPIC_ALREADY_EXISTS, 'creating topic "t"')).toMatchObject({
    code: 'kafka.topic_already_exists',
    retry: 'fatal',
    message: 'creating topic "t": a topic with this name exists already',
  });
  expect(errorFromCode(5, 'x', 'said the broker')).toMatchObject({
    retry: 'retriable',
    message: 'x: said the broker',
  });
});
